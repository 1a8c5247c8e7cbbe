// Paths as text: UTF-8 everywhere inside, in the system's own spelling ("/" on POSIX; on Windows
// "\", and "/" where the user wrote it). std::filesystem::path is wide on Windows: only these turn
// the one into the other.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace holdfast {

// True for what separates names: "/", on Windows also "\".
bool isPathSeparator(char c);
// Where the last name of `path` begins: behind its last separator; on Windows also behind "C:".
std::size_t nameStart(std::string_view path);
// The last name; empty when `path` ends with a separator.
std::string nameOfPath(std::string_view path);
// The folder that holds the last name, without its separator unless it is the root; "." when `path`
// is a name alone.
std::string folderOfPath(std::string_view path);
// Both, of a file and the folder it is in.
struct SplitPath {
    std::string folder;
    std::string name;
};
SplitPath splitPath(std::string_view path);
// `folder` and `name` with one separator between them.
std::string joinPath(std::string_view folder, std::string_view name);

// Bytes that are no UTF-8 become a path that cannot be opened.
std::filesystem::path pathOfText(const std::string& utf8);
std::string textOfPath(const std::filesystem::path& path);

}  // namespace holdfast
