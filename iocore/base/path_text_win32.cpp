#include <windows.h>

#include "iocore/base/path_text.h"

namespace holdfast {
namespace {

// What the system takes without the prefix; folders have to leave room for a short name in them.
constexpr std::size_t kShortPath = 247;

bool isSeparator(char character) {
    return character == '/' || character == '\\';
}

// Of "C:", "C:\" and names without either: where the last name begins.
std::size_t nameAt(const std::string& path) {
    std::size_t at = path.size();
    while (at > 0 && !isSeparator(path[at - 1])) --at;
    const bool drive = at == 0 && path.size() >= 2 && path[1] == ':';
    return drive ? 2 : at;
}

}  // namespace

std::filesystem::path pathOfText(std::string_view text) {
    const int bytes = static_cast<int>(text.size());
    const int units = ::MultiByteToWideChar(CP_UTF8, 0, text.data(), bytes, nullptr, 0);
    std::wstring wide(static_cast<std::size_t>(units), L'\0');
    ::MultiByteToWideChar(CP_UTF8, 0, text.data(), bytes, wide.data(), units);
    if (wide.size() <= kShortPath || wide.starts_with(LR"(\\?\)")) return wide;
    // Only a whole path with no '.', '..' and '/' in it can be longer.
    std::wstring whole(32768, L'\0');
    whole.resize(
        ::GetFullPathNameW(wide.c_str(), static_cast<DWORD>(whole.size()), whole.data(), nullptr));
    if (whole.empty()) return wide;
    if (whole.starts_with(LR"(\\)")) return LR"(\\?\UNC\)" + whole.substr(2);
    return LR"(\\?\)" + whole;
}

std::string textOfPath(const std::filesystem::path& path) {
    std::wstring_view wide = path.native();
    const auto units = [&] { return static_cast<int>(wide.size()); };
    const int bytes =
        ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), units(), nullptr, 0, nullptr, nullptr);
    std::string text(static_cast<std::size_t>(bytes), '\0');
    ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), units(), text.data(), bytes, nullptr, nullptr);
    return text;
}

SplitPath splitPath(const std::string& path) {
    const std::size_t at = nameAt(path);
    if (at == 0) return {".", path};
    // "C:\take" lies in "C:\", and "C:take" in "C:", which is another folder.
    std::size_t end = at;
    while (end > 1 && isSeparator(path[end - 1])) --end;
    const bool root = isSeparator(path[end - 1]) || (end == 2 && path[1] == ':');
    return {path.substr(0, root ? at : end), path.substr(at)};
}

std::string joinPath(const std::string& folder, const std::string& name) {
    const bool joined = folder.empty() || isSeparator(folder.back()) ||
                        (folder.size() == 2 && folder.back() == ':');
    return joined ? folder + name : folder + "\\" + name;
}

std::string nameOfPath(const std::string& path) {
    return path.substr(nameAt(path));
}

}  // namespace holdfast
