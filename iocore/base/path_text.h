// Paths as text: UTF-8 (on POSIX whatever bytes a name has), with the separators of the platform.
//
// std::filesystem::path converts narrow text by the code page of the user on one platform and by
// nothing on the other; these are the only way between the two.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace holdfast {

// For calls of std::filesystem; on Windows one that may be longer than 260 characters. [any thread]
std::filesystem::path pathOfText(std::string_view text);
// [any thread]
std::string textOfPath(const std::filesystem::path& path);

struct SplitPath {
    std::string folder;  // "." where the path names none
    std::string name;    // empty: the path is a folder's, with a separator at its end or a root
};
// [any thread]
SplitPath splitPath(const std::string& path);
// One path of both, with a separator between them where one is needed. [any thread]
std::string joinPath(const std::string& folder, const std::string& name);
// What stands behind the last separator. [any thread]
std::string nameOfPath(const std::string& path);

}  // namespace holdfast
