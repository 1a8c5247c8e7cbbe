#include "app/console_win32.h"

#include <io.h>

#include <array>
#include <atomic>
#include <cstdint>

#include "app/output_descriptor.h"
#include "app/terminal.h"

namespace holdfast {
namespace {

constexpr DWORD kUnchanged = 0xFFFF'FFFF;

// By descriptor: stdin, stdout, stderr.
std::array<std::atomic<DWORD>, 3> savedModes{kUnchanged, kUnchanged, kUnchanged};

// The C library ends the process for a number that it does not know, unless told otherwise.
void ignoreInvalidParameter(const wchar_t*, const wchar_t*, const wchar_t*, unsigned, uintptr_t) {}

HANDLE handleInTheLibrary(int descriptor) {
    const auto before = ::_set_invalid_parameter_handler(ignoreInvalidParameter);
    const std::intptr_t handle = ::_get_osfhandle(descriptor);
    ::_set_invalid_parameter_handler(before);
    // -2: a stream that leads nowhere.
    return handle == -1 || handle == -2 ? nullptr : reinterpret_cast<HANDLE>(handle);
}

HANDLE standardHandle(int descriptor) {
    constexpr std::array<DWORD, 3> kNames{STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};
    const HANDLE handle = ::GetStdHandle(kNames.at(static_cast<std::size_t>(descriptor)));
    return handle == INVALID_HANDLE_VALUE ? nullptr : handle;
}

}  // namespace

HANDLE handleOf(int descriptor) {
    const bool standard = descriptor >= kStdin && descriptor <= kStderr;
    return standard ? standardHandle(descriptor) : handleInTheLibrary(descriptor);
}

std::optional<DWORD> consoleMode(int descriptor) {
    DWORD mode = 0;
    if (::GetConsoleMode(handleOf(descriptor), &mode) == 0) return std::nullopt;
    return mode;
}

bool changeConsoleMode(int descriptor, DWORD mode) {
    const auto before = consoleMode(descriptor);
    if (!before) return false;
    if (*before == mode) return true;
    auto& saved = savedModes.at(static_cast<std::size_t>(descriptor));
    DWORD unchanged = kUnchanged;
    saved.compare_exchange_strong(unchanged, *before);
    return ::SetConsoleMode(handleOf(descriptor), mode) != 0;
}

void restoreConsoleMode(int descriptor) {
    auto& saved = savedModes.at(static_cast<std::size_t>(descriptor));
    const DWORD mode = saved.exchange(kUnchanged);
    if (mode != kUnchanged) ::SetConsoleMode(handleOf(descriptor), mode);
}

void restoreTerminal() {
    for (int descriptor = kStdin; descriptor <= kStderr; ++descriptor) {
        restoreConsoleMode(descriptor);
    }
}

}  // namespace holdfast
