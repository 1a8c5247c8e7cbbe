#include "iocore/base/utf16_win32.h"

#include <fmt/format.h>
#include <windows.h>

#include <cerrno>
#include <limits>

#include "iocore/base/system_error_win32.h"

namespace holdfast {
namespace {

constexpr std::wstring_view kLong = L"\\\\?\\";
constexpr std::wstring_view kLongUnc = L"\\\\?\\UNC\\";

}  // namespace

Result<std::wstring> wideText(std::string_view utf8) {
    if (utf8.empty()) return std::wstring();
    const auto invalid = [] { return fail(Stage::usage, EILSEQ, "a text that is not UTF-8"); };
    if (utf8.size() > std::numeric_limits<int>::max()) return invalid();
    const int bytes = static_cast<int>(utf8.size());
    const int units =
        MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8.data(), bytes, nullptr, 0);
    if (units <= 0) return invalid();
    std::wstring wide(static_cast<std::size_t>(units), L'\0');
    MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8.data(), bytes, wide.data(), units);
    return wide;
}

std::string narrowText(std::wstring_view wide) {
    if (wide.empty()) return {};
    const int units = static_cast<int>(wide.size());
    const int bytes =
        WideCharToMultiByte(CP_UTF8, 0, wide.data(), units, nullptr, 0, nullptr, nullptr);
    std::string utf8(static_cast<std::size_t>(bytes), '\0');
    WideCharToMultiByte(CP_UTF8, 0, wide.data(), units, utf8.data(), bytes, nullptr, nullptr);
    return utf8;
}

Result<std::wstring> systemPath(const std::string& path) {
    const auto wide = wideText(path);
    if (!wide) return fail(Stage::disk, EILSEQ, fmt::format("{}: not a name in UTF-8", path));
    if (path.empty() || path.find('\0') != std::string::npos) {
        return fail(Stage::disk, ENOENT, fmt::format("{}: no path", path));
    }
    if (wide->starts_with(kLong)) return *wide;
    // Absolute, with "." and ".." resolved and "/" turned: the prefix takes the rest as it stands.
    std::wstring full(MAX_PATH, L'\0');
    DWORD length = 0;
    while ((length = GetFullPathNameW(wide->c_str(), static_cast<DWORD>(full.size()), full.data(),
                                      nullptr)) >= full.size()) {
        full.resize(length + 1);
    }
    if (length == 0) {
        return fail(Stage::disk, lastErrno(),
                    fmt::format("{}: {}", path, systemErrorText(lastErrno())));
    }
    full.resize(length);
    if (full.starts_with(L"\\\\.\\")) return full;
    if (full.starts_with(L"\\\\")) return std::wstring(kLongUnc) + full.substr(2);
    return std::wstring(kLong) + full;
}

std::string textOfSystemPath(std::wstring_view path) {
    if (path.starts_with(kLongUnc)) return "\\\\" + narrowText(path.substr(kLongUnc.size()));
    if (path.starts_with(kLong)) path.remove_prefix(kLong.size());
    return narrowText(path);
}

}  // namespace holdfast
