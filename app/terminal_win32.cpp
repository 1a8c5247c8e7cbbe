#include "app/terminal.h"

#include <windows.h>

#include <array>

#include "app/console_win32.h"

namespace holdfast {

// Escape sequences are off unless asked for, and consoles before Windows 10 know none.
bool isSmartTerminal(int descriptor) {
    const auto mode = consoleMode(descriptor);
    return mode && changeConsoleMode(descriptor, *mode | ENABLE_PROCESSED_OUTPUT |
                                                     ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

std::size_t terminalColumns(int descriptor) {
    CONSOLE_SCREEN_BUFFER_INFO screen{};
    if (::GetConsoleScreenBufferInfo(handleOf(descriptor), &screen) == 0) return 80;
    const int columns = screen.srWindow.Right - screen.srWindow.Left + 1;
    return columns > 1 ? static_cast<std::size_t>(columns) : 80;
}

// Consoles are given UTF-16, files and pipes UTF-8.
bool environmentIsUtf8() {
    return true;
}

// no-color.org: set and not empty.
bool environmentWantsColor() {
    std::array<wchar_t, 2> value{};
    return ::GetEnvironmentVariableW(L"NO_COLOR", value.data(), 2) == 0;
}

}  // namespace holdfast
