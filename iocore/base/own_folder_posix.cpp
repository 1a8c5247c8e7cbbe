#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

#include "iocore/base/own_folder.h"

namespace holdfast {
namespace {

bool isFolder(const std::string& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

Result<> makeOwnFolders(const std::string& folder) {
    for (std::size_t slash = folder.find('/', 1);; slash = folder.find('/', slash + 1)) {
        const std::string path = folder.substr(0, slash);
        // EROFS and EACCES also come for a folder above that exists.
        if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST && !isFolder(path)) {
            const int code = errno;
            return fail(Stage::disk, code, fmt::format("{}: {}", path, systemErrorText(code)));
        }
        if (slash == std::string::npos) return {};
    }
}

}  // namespace holdfast
