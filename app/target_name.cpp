#include "app/target_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <string_view>

#include "app/file_name_rules.h"
#include "app/recordings_folder.h"
#include "app/time_escapes.h"
#include "iocore/base/path_text.h"
#include "iocore/base/printable.h"
#include "iocore/base/result.h"
#include "iocore/recorder/recorder.h"

namespace holdfast {
namespace {

constexpr std::size_t kMaxExtension = 5;
constexpr const char* kDefaultName = "%Y-%m-%d_%H-%M-%S.wav";

std::string lowerCase(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return lower;
}

// ".flac" of "song.flac"; empty for "Take 2.1", "Mr. Smith" and ".hidden", whose dots are text.
std::string_view extensionOf(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return {};
    const std::string_view extension = name.substr(dot);
    const std::string_view letters = extension.substr(1);
    const auto isAlnum = [](unsigned char c) { return std::isalnum(c) != 0; };
    const auto isAlpha = [](unsigned char c) { return std::isalpha(c) != 0; };
    if (letters.empty() || letters.size() > kMaxExtension) return {};
    if (!std::ranges::all_of(letters, isAlnum) || !std::ranges::any_of(letters, isAlpha)) return {};
    return extension;
}

Result<std::string> wavNameOf(const std::string& name) {
    const std::string lower = lowerCase(name);
    if (lower.ends_with(".part.wav")) {
        return fail(Stage::usage, fmt::format("'{}': names in .part.wav are those of takes that "
                                              "have just begun; choose another name",
                                              printable(name)));
    }
    if (lower == ".wav") return fail(Stage::usage, "'.wav' is an extension without a name");
    if (const std::string fault = fileNameFault(name); !fault.empty()) {
        return fail(Stage::usage, fault);
    }
    if (lower.ends_with(".wav")) return name;
    const std::string_view extension = extensionOf(name);
    if (extension.empty()) return name + ".wav";
    const std::string stem = name.substr(0, name.size() - extension.size());
    return fail(
        Stage::usage,
        fmt::format("'{}': cannot record to {}: only WAV stays playable at every instant of "
                    "a crash. Record to {}.wav and convert it afterwards",
                    printable(name), printable(extension), printable(stem)));
}

// A folder that is there may be called whatever it is called; others are to be made.
Result<> folderIsPossible(const std::string& folder, const TargetSurroundings& surroundings) {
    for (std::string path = folder; !surroundings.isFolder(path);) {
        const auto [above, name] = splitPath(path);
        if (const std::string fault = fileNameFault(name); !fault.empty()) {
            return fail(Stage::usage, fault);
        }
        if (above == path || above == ".") break;
        path = above;
    }
    return {};
}

}  // namespace

Result<TargetName> resolveTarget(const std::string& file, const TargetSurroundings& surroundings) {
    const std::string defaultName = expandTimeEscapes(kDefaultName, surroundings.localTime);
    if (file.empty()) {
        auto folder = surroundings.recordingsFolder();
        if (!folder) return fail(folder.error());
        return TargetName{std::move(*folder), defaultName, true};
    }
    if (file == "-") {
        return fail(Stage::usage,
                    "'-': a pipe cannot be crash-safe, and writing to one is not there yet; name a "
                    "file");
    }
    const std::string path =
        surroundings.isFolder(file) ? file : expandTimeEscapes(file, surroundings.localTime);
    if (surroundings.isFolder(path)) return TargetName{path, defaultName};
    const auto [folder, typedName] = splitPath(path);
    if (auto possible = folderIsPossible(folder, surroundings); !possible) {
        return fail(possible.error());
    }
    if (typedName.empty()) return TargetName{path, defaultName};

    auto name = wavNameOf(typedName);
    if (!name) return fail(name.error());
    const TargetName target{folder, *name};
    if (surroundings.isFolder(joinPath(target.folder, target.wavName))) {
        return fail(Stage::usage,
                    fmt::format("'{}' is a folder; choose another name", printable(*name)));
    }
    return target;
}

TargetSurroundings systemSurroundings() {
    TargetSurroundings surroundings;
    surroundings.localTime = localTimeNow();
    surroundings.isFolder = [](const std::string& path) {
        std::error_code ignored;
        return std::filesystem::is_directory(pathOfText(path), ignored);
    };
    surroundings.recordingsFolder = recordingsFolder;
    return surroundings;
}

Result<> makeFolder(const std::string& path, std::vector<std::string>& made) {
    std::error_code error;
    if (std::filesystem::is_directory(pathOfText(path), error)) return {};
    const auto [above, name] = splitPath(path);
    if (above == path) return fail(Stage::disk, ENOENT, path + ": " + systemErrorText(ENOENT));
    if (auto there = makeFolder(above, made); !there || name.empty()) return there;
    const bool isNew = std::filesystem::create_directory(pathOfText(path), error);
    if (error) {
        const int code = error.default_error_condition().value();
        return fail(Stage::disk, code, path + ": " + systemErrorText(code));
    }
    if (!isNew) return {};  // ".." of what was just made
    made.push_back(path);
    // A take is only as durable as the name of its folder.
    auto opened = openFolder(above);
    if (!opened) return fail(opened.error());
    return (*opened)->sync();
}

}  // namespace holdfast
