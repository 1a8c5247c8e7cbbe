#include "iocore/recovery/session_index.h"

#include <algorithm>
#include <cerrno>

#include "iocore/base/own_folder.h"
#include "iocore/base/path_text.h"
#include "iocore/base/state_folder.h"
#include "iocore/disk/small_file.h"
#include "iocore/recovery/take_evidence.h"

namespace holdfast {
namespace {

constexpr std::size_t kMaxPathBytes = 32'768;

bool isHintName(const std::string& name) {
    return name.size() == 32 && std::ranges::all_of(name, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

enum class Standing { unfinished, resolved, unreachable };

Standing standingOf(const std::string& journalPath, const std::string& takeIdHex) {
    const SplitPath split = splitPath(journalPath);
    auto folder = openFolder(split.folder);
    if (!folder) return Standing::unreachable;
    auto file = (*folder)->open(split.name, Access::read);
    if (!file) return file.error().code == ENOENT ? Standing::resolved : Standing::unreachable;
    const auto journal = readJournalEvidence(std::move(*file), split.name);
    // A journal that is damaged is a reason to look, not to forget.
    if (!journal) return Standing::unfinished;
    const bool same = journal->reading.header.takeId.hex() == takeIdHex;
    return same && !journal->resolved ? Standing::unfinished : Standing::resolved;
}

}  // namespace

std::string SessionIndex::defaultFolder() {
    return stateFolder("sessions");
}

Result<> SessionIndex::add(const TakeId& takeId, const std::string& journalPath) {
    if (folder_.empty()) return fail(Stage::disk, "no folder for the session index is known");
    if (auto made = makeOwnFolders(folder_); !made) return made;
    auto folder = openFolder(folder_);
    if (!folder) return fail(folder.error());
    return replaceSmallFile(**folder, takeId.hex(), journalPath);
}

Result<> SessionIndex::remove(const TakeId& takeId) {
    auto folder = openFolder(folder_);
    if (!folder) return {};
    auto removed = (*folder)->remove(takeId.hex());
    if (!removed && removed.error().code == ENOENT) return {};
    return removed;
}

Result<std::vector<SessionHint>> SessionIndex::list() {
    std::vector<SessionHint> hints;
    auto folder = openFolder(folder_);
    if (!folder) {
        if (folder_.empty() || folder.error().code == ENOENT) return hints;
        return fail(folder.error());
    }
    const auto names = (*folder)->list();
    if (!names) return fail(names.error());
    for (const std::string& name : *names) {
        if (!isHintName(name)) continue;
        const auto path = readSmallFile(**folder, name, kMaxPathBytes);
        if (!path) continue;
        const Standing standing = path->empty() ? Standing::resolved : standingOf(*path, name);
        if (standing == Standing::resolved) {
            (void)(*folder)->remove(name);
            continue;
        }
        hints.push_back({name, *path, standing == Standing::unfinished});
    }
    return hints;
}

}  // namespace holdfast
