// A console takes UTF-16, whatever code page it is set to; everything else takes our bytes.
#include <windows.h>

#include <winternl.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "app/console_win32.h"
#include "app/output_descriptor.h"
#include "iocore/base/system_error_win32.h"

namespace holdfast {
namespace {

// Older consoles refuse more than 64 KiB at a time.
constexpr std::size_t kConsoleBytes = 8192;
constexpr std::size_t kPipeBytes = 65536;
constexpr DWORD kFullPipeLookMs = 10;

tl::unexpected<Error> failed(int code) {
    return fail(Stage::disk, code, "output: " + systemErrorText(code));
}

// Not through the middle of a character.
std::size_t wholeCharacters(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text.size();
    std::size_t end = limit;
    while (end > limit - 3 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return end;
}

Result<std::size_t> writeToConsole(HANDLE console, std::string_view text) {
    const std::size_t bytes = wholeCharacters(text, kConsoleBytes);
    std::array<wchar_t, kConsoleBytes> wide{};
    const int units = ::MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(bytes),
                                            wide.data(), static_cast<int>(wide.size()));
    for (DWORD done = 0; done < static_cast<DWORD>(units);) {
        DWORD put = 0;
        const DWORD left = static_cast<DWORD>(units) - done;
        if (::WriteConsoleW(console, wide.data() + done, left, &put, nullptr) == 0 || put == 0) {
            return failed(lastErrno());
        }
        done += put;
    }
    return bytes;
}

void openOnNothing(DWORD name) {
    const HANDLE there = ::GetStdHandle(name);
    if (there != nullptr && there != INVALID_HANDLE_VALUE) {
        ::SetLastError(NO_ERROR);
        if (::GetFileType(there) != FILE_TYPE_UNKNOWN || ::GetLastError() == NO_ERROR) return;
    }
    const HANDLE nothing =
        ::CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                      nullptr, OPEN_EXISTING, 0, nullptr);
    ::SetStdHandle(name, nothing);
}

}  // namespace

// A handle that was closed before we began is a number that the next file may get.
void fillStandardDescriptors() {
    for (const DWORD name : {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE}) {
        openOnNothing(name);
    }
}

bool isWritable(int descriptor) {
    const HANDLE handle = handleOf(descriptor);
    if (handle == nullptr) return false;
    PUBLIC_OBJECT_BASIC_INFORMATION object{};
    const NTSTATUS status =
        ::NtQueryObject(handle, ObjectBasicInformation, &object, sizeof object, nullptr);
    return status >= 0 && (object.GrantedAccess & (FILE_WRITE_DATA | FILE_APPEND_DATA)) != 0;
}

Result<std::size_t> writeSome(int descriptor, std::string_view text) {
    const HANDLE handle = handleOf(descriptor);
    if (handle == nullptr) return failed(EBADF);
    if (consoleMode(descriptor)) return writeToConsole(handle, text);
    while (true) {
        DWORD put = 0;
        const auto bytes = static_cast<DWORD>(std::min(text.size(), kPipeBytes));
        if (::WriteFile(handle, text.data(), bytes, &put, nullptr) == 0) {
            return failed(lastErrno());
        }
        if (put > 0) return put;
        // Somebody made the pipe non-blocking, and nothing tells when it has room again.
        ::Sleep(kFullPipeLookMs);
    }
}

}  // namespace holdfast
