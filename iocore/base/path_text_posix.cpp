#include "iocore/base/path_text.h"

namespace holdfast {

std::filesystem::path pathOfText(std::string_view text) {
    return text;
}

std::string textOfPath(const std::filesystem::path& path) {
    return path.native();
}

SplitPath splitPath(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return {".", path};
    return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

std::string joinPath(const std::string& folder, const std::string& name) {
    return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

std::string nameOfPath(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace holdfast
