// SourceTree: the project's own text files, for tests that read the code as data.
//
// The files are those that git knows or would add; without git, all but build folders.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

struct TextFile {
    std::string path;  // from the root of the tree, with '/'
    std::string text;
    std::vector<std::string> lines;  // without their ends

    TextFile(std::string path, std::string text);
    [[nodiscard]] bool isCode() const;  // .h or .cpp
};

// Folder with the top CMakeLists.txt.
std::string sourceRoot();
// Every text file up to 1 MiB, by path; read once. [any thread] [blocks]
const std::vector<TextFile>& sourceTree();
// Whether a file or folder of this name, from the root, exists.
bool sourceExists(std::string_view path);

}  // namespace holdfast
