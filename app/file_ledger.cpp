#include "app/file_ledger.h"

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "iocore/base/own_folder.h"
#include "iocore/base/path_text.h"
#include "iocore/base/state_folder.h"
#include "iocore/disk/small_file.h"

namespace holdfast {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kSuffix = ".json";
constexpr std::size_t kMaxEntryBytes = 64u << 10;

std::string nameOf(const LedgerEntry& entry) {
    return entry.takeId + std::string(kSuffix);
}

std::string textOf(const LedgerEntry& entry) {
    return Json{{"path", entry.path},
                {"begun_ns", entry.begunNs},
                {"part", entry.part},
                {"to_ship", entry.toShip},
                {"may_expire", entry.mayExpire}}
        .dump();
}

std::optional<LedgerEntry> entryOf(const std::string& name, const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) return std::nullopt;
    try {
        return LedgerEntry{name.substr(0, name.size() - kSuffix.size()),
                           json.at("path"),
                           json.at("begun_ns"),
                           json.at("part"),
                           json.at("to_ship"),
                           json.at("may_expire")};
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

}  // namespace

std::string FileLedger::defaultFolder() {
    return stateFolder("files");
}

Result<> FileLedger::put(const LedgerEntry& entry) {
    if (folder_.empty()) return fail(Stage::disk, "no folder for the ledger of files is known");
    if (auto made = makeOwnFolders(folder_); !made) return made;
    auto folder = openFolder(folder_);
    if (!folder) return fail(folder.error());
    return replaceSmallFile(**folder, nameOf(entry), textOf(entry));
}

Result<> FileLedger::remove(const LedgerEntry& entry) {
    auto folder = openFolder(folder_);
    if (!folder) return fail(folder.error());
    auto removed = (*folder)->remove(nameOf(entry));
    if (!removed && removed.error().code == ENOENT) return {};
    return removed;
}

Result<std::vector<LedgerEntry>> FileLedger::list(const std::vector<std::string>& folders) {
    std::vector<LedgerEntry> entries;
    auto folder = openFolder(folder_);
    if (!folder) {
        if (folder_.empty() || folder.error().code == ENOENT) return entries;
        return fail(folder.error());
    }
    const auto names = (*folder)->list();
    if (!names) return fail(names.error());
    for (const std::string& name : *names) {
        if (!name.ends_with(kSuffix)) continue;
        const auto text = readSmallFile(**folder, name, kMaxEntryBytes);
        if (!text) continue;
        auto entry = entryOf(name, *text);
        if (!entry || std::ranges::find(folders, folderOfPath(entry->path)) == folders.end()) {
            continue;
        }
        entries.push_back(std::move(*entry));
    }
    std::ranges::sort(
        entries, {}, [](const LedgerEntry& entry) { return std::pair(entry.begunNs, entry.part); });
    return entries;
}

}  // namespace holdfast
