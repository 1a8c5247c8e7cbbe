#include "app/recover_target.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>

#include "app/file_name_rules.h"
#include "app/repair_plan.h"
#include "iocore/base/path_text.h"
#include "iocore/base/printable.h"
#include "iocore/base/shell_quoted.h"
#include "iocore/recovery/recovery_report.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

bool isThere(const std::string& path) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(pathOfText(path), ignored));
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

bool isFolder(const std::string& path) {
    std::error_code ignored;
    return fs::is_directory(pathOfText(path), ignored);
}

Result<> refuseInputs(const RecoverOptions& options) {
    for (const std::string& input : options.paths) {
        std::error_code ignored;
        if (!fs::equivalent(pathOfText(input), pathOfText(options.output), ignored)) continue;
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
    if (fs::is_symlink(fs::symlink_status(pathOfText(meant), error))) {
        const fs::path target = fs::canonical(pathOfText(meant), error);
        const int code = error.default_error_condition().value();
        if (code != 0) return fail(Stage::disk, code, systemErrorText(code));
        meant = textOfPath(target);
    }
    if (isFolder(meant)) {
        return fail(Stage::disk, EISDIR,
                    "is a folder; look through it:  holdfast-recover scan " + shellQuoted(meant));
    }
    SplitPath parts = splitPath(meant);
    auto folder = openFolder(parts.folder);
    if (!folder) return fail(folder.error());
    return RecoverTarget{std::move(meant), std::move(*folder), std::move(parts.name)};
}

std::string RecoverOutput::pathOf(const RecoverTarget& target,
                                  const std::string& resultName) const {
    return folder ? besides(path, resultName) : besides(target.path, resultName);
}

Result<RecoverOutput> findOutput(const RecoverOptions& options) {
    RecoverOutput output;
    if (options.output.empty()) return output;
    const bool folderMeant = nameOfPath(options.output).empty() || isFolder(options.output);
    SplitPath parts = folderMeant ? SplitPath{options.output, ""} : splitPath(options.output);
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
        if (const std::string fault = fileNameFault(parts.name); !fault.empty()) {
            return fail(Stage::usage, "--output: " + fault);
        }
    }
    auto folder = openFolder(parts.folder);
    if (!folder) {
        return fail(Stage::usage, fmt::format("--output: {}", printable(folder.error().text)));
    }
    output.folder = std::move(*folder);
    output.path = folderMeant ? joinPath(options.output, "") : options.output;
    output.name = parts.name;
    return output;
}

}  // namespace holdfast
