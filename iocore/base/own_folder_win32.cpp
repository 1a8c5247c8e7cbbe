#include <fmt/format.h>
#include <windows.h>

#include <cerrno>

#include "iocore/base/own_folder.h"
#include "iocore/base/owner_only_win32.h"
#include "iocore/base/system_error_win32.h"
#include "iocore/base/utf16_win32.h"

namespace holdfast {
namespace {

// errno value; `path` is a system path without a separator at its end.
int makeFolders(const std::wstring& path) {
    const DWORD attributes = GetFileAttributesW(path.c_str());
    if (attributes != INVALID_FILE_ATTRIBUTES) {
        return (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? 0 : ENOTDIR;
    }
    if (lastErrno() != ENOENT) return lastErrno();
    const std::size_t separator = path.rfind(L'\\');
    if (separator == std::wstring::npos) return ENOENT;
    const std::wstring above = path.substr(0, separator);
    if (above.empty() || above.ends_with(L':') || above.ends_with(L'?')) return ENOENT;
    if (const int code = makeFolders(above); code != 0) return code;
    OwnerOnly mine(OwnerOnly::Of::folder);
    if (CreateDirectoryW(path.c_str(), mine.get()) || lastErrno() == EEXIST) return 0;
    return lastErrno();
}

}  // namespace

Result<> makeOwnFolders(const std::string& folder) {
    auto path = systemPath(folder);
    if (!path) return fail(path.error());
    while (path->ends_with(L'\\')) path->pop_back();
    // The root of a disk is there, or cannot be made.
    const bool isRoot = path->ends_with(L':');
    const int code = isRoot ? 0 : makeFolders(*path);
    if (code == 0) return {};
    return fail(Stage::disk, code, fmt::format("{}: {}", folder, systemErrorText(code)));
}

}  // namespace holdfast
