#include "tests/support/source_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "tests/support/command_output.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> pieces;
    while (!text.empty()) {
        const auto end = text.find(separator);
        pieces.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return pieces;
}

std::vector<std::string> pathsOfGit() {
    const auto listing = outputOf(fmt::format(
        "git -C \"{}\" ls-files -z --cached --others --exclude-standard", sourceRoot()));
    return listing.status == 0 ? split(listing.text, '\0') : std::vector<std::string>{};
}

std::vector<std::string> pathsOfWalk() {
    std::vector<std::string> paths;
    const fs::path root = sourceRoot();
    for (auto at = fs::recursive_directory_iterator(root); at != fs::end(at); ++at) {
        const std::string name = at->path().filename().string();
        if (at->is_directory() &&
            (name == ".git" || name == "build" || name.starts_with("build-"))) {
            at.disable_recursion_pending();
        } else if (at->is_regular_file()) {
            paths.push_back(at->path().lexically_relative(root).generic_string());
        }
    }
    return paths;
}

std::vector<TextFile> readTree() {
    constexpr std::uintmax_t kLargestText = std::uintmax_t{1} << 20;
    auto paths = pathsOfGit();
    if (paths.empty()) {
        paths = pathsOfWalk();
    }
    std::sort(paths.begin(), paths.end());

    std::vector<TextFile> files;
    for (const auto& path : paths) {
        const fs::path file = fs::path(sourceRoot()) / path;
        // A file that was deleted and not yet committed is still in git's list.
        if (!fs::is_regular_file(file) || fs::file_size(file) > kLargestText) {
            continue;
        }
        std::ifstream in(file, std::ios::binary);
        std::string text(std::istreambuf_iterator<char>(in), {});
        if (text.find('\0') == std::string::npos) {
            files.emplace_back(path, std::move(text));
        }
    }
    return files;
}

}  // namespace

TextFile::TextFile(std::string filePath, std::string fileText)
    : path(std::move(filePath)), text(std::move(fileText)), lines(split(text, '\n')) {}

bool TextFile::isCode() const {
    return path.ends_with(".h") || path.ends_with(".cpp");
}

std::string sourceRoot() {
    return HOLDFAST_SOURCE_DIR;
}

const std::vector<TextFile>& sourceTree() {
    static const std::vector<TextFile> files = readTree();
    return files;
}

bool sourceExists(std::string_view path) {
    return fs::exists(fs::path(sourceRoot()) / path);
}

}  // namespace holdfast
