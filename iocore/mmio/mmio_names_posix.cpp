#include "iocore/mmio/mmio_names_posix.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "iocore/base/path_text.h"
#include "iocore/base/utf8.h"

namespace holdfast::mmio_posix {
namespace {

bool isFolder(const std::string& name) {
    struct stat found {};
    return ::stat(name.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

}  // namespace

FOURCC fourCcOfName(std::string_view name) {
    const auto plus = name.rfind(CFSEPCHAR);
    if (plus == std::string_view::npos) return 0;
    const auto file = name.substr(0, plus);
    const auto dot = file.find_last_of("./");
    if (dot == std::string_view::npos || file[dot] == '/') return 0;
    return mmioStringToFOURCCA(std::string(file.substr(dot + 1)).c_str(), MMIO_TOUPPER);
}

std::optional<std::string> utf8Of(const wchar_t* text) {
    std::string utf8;
    for (; *text != 0; ++text) {
        const auto c = static_cast<char32_t>(*text);
        if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return std::nullopt;
        const auto tail = [c](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
        if (c < 0x80) {
            utf8 += static_cast<char>(c);
        } else if (c < 0x800) {
            utf8 += {static_cast<char>(0xC0 | c >> 6), tail(0)};
        } else if (c < 0x10000) {
            utf8 += {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
        } else {
            utf8 += {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
        }
    }
    return utf8;
}

std::optional<std::wstring> wideOf(std::string_view utf8) {
    std::wstring wide;
    while (!utf8.empty()) {
        const auto [code, bytes] = firstUtf8Character(utf8);
        if (bytes == 0) return std::nullopt;
        wide += static_cast<wchar_t>(code);
        utf8.remove_prefix(bytes);
    }
    return wide;
}

MMRESULT fileErrorOf(int systemError, const char* name) {
    switch (systemError) {
        case ENOENT:
            return isFolder(folderOfPath(name)) ? MMIOERR_FILENOTFOUND : MMIOERR_PATHNOTFOUND;
        case ENOTDIR:
            return MMIOERR_PATHNOTFOUND;
        case EACCES:
        case EPERM:
        case EROFS:
        case EISDIR:
        case EEXIST:
        case ETXTBSY:
            return MMIOERR_ACCESSDENIED;
        case EBUSY:
            return MMIOERR_SHARINGVIOLATION;
        case EMFILE:
        case ENFILE:
            return MMIOERR_TOOMANYOPENFILES;
        case ENOMEM:
            return MMIOERR_OUTOFMEMORY;
        case ESTALE:
        case ETIMEDOUT:
        case EHOSTDOWN:
        case EHOSTUNREACH:
        case ENETDOWN:
        case ENETUNREACH:
            return MMIOERR_NETWORKERROR;
        default:
            return MMIOERR_INVALIDFILE;
    }
}

std::optional<std::string> qualifiedName(const std::string& name) {
    std::error_code error;
    if (name.empty()) return std::nullopt;
    const auto absolute = std::filesystem::absolute(name, error);
    if (error) return std::nullopt;
    return absolute.lexically_normal().string();
}

bool isFile(const std::string& name) {
    struct stat found {};
    return ::stat(name.c_str(), &found) == 0 && !S_ISDIR(found.st_mode);
}

std::optional<std::string> createTemporary(const std::string& wish) {
    std::error_code error;
    auto [folder, start] = splitPath(wish);
    const bool anywhere = wish.find('/') == std::string::npos;
    if (anywhere) folder = std::filesystem::temp_directory_path(error).string();
    if (error) return std::nullopt;
    auto name = qualifiedName(joinPath(folder, start + "XXXXXX"));
    if (!name) return std::nullopt;
    const int descriptor = ::mkostemp(name->data(), O_CLOEXEC);
    if (descriptor < 0) return std::nullopt;
    ::close(descriptor);
    return name;
}

MMRESULT removeFile(const char* name) {
    return ::unlink(name) == 0 ? MMSYSERR_NOERROR : fileErrorOf(errno, name);
}

MMRESULT renameFile(const char* from, const char* to) {
    if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return MMSYSERR_NOERROR;
    if (errno != EINVAL && errno != ENOSYS) return fileErrorOf(errno, from);
    // A file system that cannot promise it: a second name never replaces one either.
    if (::link(from, to) != 0) return fileErrorOf(errno, from);
    return removeFile(from);
}

}  // namespace holdfast::mmio_posix
