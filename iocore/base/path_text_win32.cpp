#include "iocore/base/path_text.h"
#include "iocore/base/utf16_win32.h"

namespace holdfast {

bool isPathSeparator(char c) {
    return c == '\\' || c == '/';
}

std::size_t nameStart(std::string_view path) {
    const std::size_t separator = path.find_last_of("\\/");
    if (separator != std::string_view::npos) return separator + 1;
    return path.size() >= 2 && path[1] == ':' ? 2 : 0;
}

std::string joinPath(std::string_view folder, std::string_view name) {
    std::string path(folder);
    if (!path.empty() && !isPathSeparator(path.back()) && path.back() != ':') path += '\\';
    return path.append(name);
}

std::filesystem::path pathOfText(const std::string& utf8) {
    // What the system takes without the prefix; folders have to leave room for a short name.
    constexpr std::size_t kShortPath = 247;
    auto wide = wideText(utf8);
    if (wide && wide->size() > kShortPath) wide = systemPath(utf8);
    return std::filesystem::path(wide ? *wide : L"\\\\?\\:");
}

std::string textOfPath(const std::filesystem::path& path) {
    return narrowText(path.native());
}

}  // namespace holdfast
