#include "app/recover_target.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>

#include "app/printable.h"
#include "app/repair_plan.h"
#include "iocore/recovery/recovery_report.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

bool isThere(const std::string& path) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

// Other names of the same take, for a name that was right before a repair gave it another.
std::vector<std::string> laterNames(const std::string& path) {
    std::vector<std::string> names;
    std::string wav = path;
    for (const char* witness : {".journal", ".undo"}) {
        if (!path.ends_with(witness)) continue;
        wav = path.substr(0, path.rfind('.'));
        names.push_back(wav);
        if (wav.ends_with(".wav")) names.push_back(wav.substr(0, wav.size() - 4) + ".part.wav");
    }
    if (path.ends_with(".part.wav")) names.push_back(finalNameOf(path));
    return names;
}

struct Parts {
    std::string folder;  // "." where the path has none
    std::string name;
};

Parts partsOf(const std::string& path) {
    const fs::path split(path);
    const std::string folder = split.parent_path().string();
    return {folder.empty() ? "." : folder, split.filename().string()};
}

bool isFolder(const std::string& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

Result<> refuseInputs(const RecoverOptions& options) {
    for (const std::string& input : options.paths) {
        std::error_code ignored;
        if (!fs::equivalent(input, options.output, ignored)) continue;
        return fail(Stage::usage, fmt::format("--output {}: that is the input itself; --in-place "
                                              "repairs it",
                                              printable(options.output)));
    }
    return {};
}

}  // namespace

Result<RecoverTarget> findTarget(const std::string& path) {
    if (path.empty()) return fail(Stage::disk, ENOENT, "'': " + systemErrorText(ENOENT));
    std::string meant = path;
    if (!isThere(path)) {
        for (const std::string& later : laterNames(path)) {
            if (!isThere(later)) continue;
            meant = later;
            break;
        }
    }
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(meant, error))) {
        const fs::path target = fs::canonical(meant, error);
        if (error) return fail(Stage::disk, error.value(), error.message());
        meant = target.string();
    }
    if (isFolder(meant)) {
        return fail(Stage::disk, EISDIR,
                    "is a folder; look through it:  holdfast-recover scan " + shellQuoted(meant));
    }
    Parts parts = partsOf(meant);
    auto folder = openFolder(parts.folder);
    if (!folder) return fail(folder.error());
    return RecoverTarget{std::move(meant), std::move(*folder), std::move(parts.name)};
}

std::string RecoverOutput::pathOf(const RecoverTarget& target,
                                  const std::string& resultName) const {
    return folder ? folderPath + resultName : besides(target.path, resultName);
}

Result<RecoverOutput> findOutput(const RecoverOptions& options) {
    RecoverOutput output;
    if (options.output.empty()) return output;
    const bool folderMeant = isFolder(options.output) || options.output.ends_with('/');
    Parts parts = folderMeant ? Parts{options.output, ""} : partsOf(options.output);
    if (!folderMeant && options.paths.size() > 1) {
        return fail(Stage::usage,
                    fmt::format("--output {}: several files need a folder, and that is none",
                                printable(options.output)));
    }
    if (!folderMeant) {
        if (auto fine = refuseInputs(options); !fine) return fail(fine.error());
        if (parts.name == "." || parts.name == "..") {
            return fail(Stage::usage, "--output: not a file's name");
        }
    }
    auto folder = openFolder(parts.folder);
    if (!folder) {
        return fail(Stage::usage, fmt::format("--output: {}", printable(folder.error().text)));
    }
    output.folder = std::move(*folder);
    output.folderPath = options.output.substr(0, options.output.rfind('/') + 1);
    if (folderMeant && !options.output.ends_with('/')) output.folderPath = options.output + "/";
    output.name = parts.name;
    return output;
}

}  // namespace holdfast
