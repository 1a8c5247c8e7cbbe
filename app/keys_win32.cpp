#include "app/keys.h"

#include <windows.h>

#include "app/console_win32.h"
#include "app/output_descriptor.h"

namespace holdfast {

std::unique_ptr<Keys> Keys::open() {
    const auto mode = consoleMode(kStdin);
    if (!mode || !consoleMode(kStderr)) return nullptr;
    // Ctrl-C stays a signal (ENABLE_PROCESSED_INPUT).
    const DWORD single = *mode & ~static_cast<DWORD>(ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT);
    if (!changeConsoleMode(kStdin, single)) return nullptr;
    return std::unique_ptr<Keys>(new Keys);
}

Keys::~Keys() {
    restoreConsoleMode(kStdin);
}

std::optional<char> Keys::read() {
    const HANDLE input = handleOf(kStdin);
    INPUT_RECORD record{};
    DWORD got = 0;
    // Other events (mouse, size, a key that is let go) wait among the keys.
    while (::PeekConsoleInputW(input, &record, 1, &got) != 0 && got > 0) {
        if (::ReadConsoleInputW(input, &record, 1, &got) == 0 || got == 0) return std::nullopt;
        const KEY_EVENT_RECORD& key = record.Event.KeyEvent;
        if (record.EventType != KEY_EVENT || key.bKeyDown == 0) continue;
        const wchar_t character = key.uChar.UnicodeChar;
        if (character > 0 && character < 0x80) return static_cast<char>(character);
    }
    return std::nullopt;
}

}  // namespace holdfast
