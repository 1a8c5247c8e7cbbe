#include "iocore/base/path_text.h"

namespace holdfast {

bool isPathSeparator(char c) {
    return c == '/';
}

std::size_t nameStart(std::string_view path) {
    return path.rfind('/') + 1;  // npos + 1 is 0
}

std::string joinPath(std::string_view folder, std::string_view name) {
    std::string path(folder);
    if (!path.empty() && !path.ends_with('/')) path += '/';
    return path.append(name);
}

std::filesystem::path pathOfText(const std::string& utf8) {
    return utf8;
}

std::string textOfPath(const std::filesystem::path& path) {
    return path.string();
}

}  // namespace holdfast
