#include "iocore/base/path_text.h"

namespace holdfast {

std::string nameOfPath(std::string_view path) {
    return std::string(path.substr(nameStart(path)));
}

SplitPath splitPath(std::string_view path) {
    return {folderOfPath(path), nameOfPath(path)};
}

std::string folderOfPath(std::string_view path) {
    const std::size_t name = nameStart(path);
    if (name == 0) return ".";
    std::string_view folder = path.substr(0, name);
    // The separator of a root, "/" or "C:\", belongs to it.
    while (folder.size() > 1 && isPathSeparator(folder.back()) &&
           folder[folder.size() - 2] != ':') {
        folder.remove_suffix(1);
    }
    return std::string(folder);
}

}  // namespace holdfast
