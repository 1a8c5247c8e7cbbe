#include "iocore/recovery/folder_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>

#include "iocore/base/path_text.h"
#include "iocore/disk/disk_file.h"
#include "iocore/journal/journal_format.h"
#include "iocore/recovery/recovery_report.h"
#include "iocore/recovery/recovery_scan.h"
#include "iocore/recovery/take_evidence.h"
#include "iocore/recovery/wav_scan.h"
#include "iocore/riff/riff_format.h"

namespace holdfast {
namespace {

constexpr int kMaxDepth = 64;

bool isTemporary(const std::string& name) {
    return name.ends_with(".recovered.part.wav");
}

// One folder's files, judged by name and header.
class FolderLook {
  public:
    FolderLook(DiskFolder& folder, FolderFinds& finds) : folder_(folder), finds_(finds) {}

    Result<> look(const std::function<bool()>& goOn);

  private:
    std::optional<FindReason> judgeWav(const std::string& name, TakeId& takeId);
    void lookAtJournal(const std::string& name);
    void add(const std::string& name, FindReason reason, const TakeId& takeId);

    DiskFolder& folder_;
    FolderFinds& finds_;
    std::map<std::string, FoundTake> found_;
};

void FolderLook::add(const std::string& name, FindReason reason, const TakeId& takeId) {
    FoundTake take{folder_.path(), name, reason, takeId, false};
    take.alreadyRecovered = earlierResult(folder_, recoveredNameOf(name), takeId).has_value();
    found_.try_emplace(name, std::move(take));
}

std::optional<FindReason> FolderLook::judgeWav(const std::string& name, TakeId& takeId) {
    auto file = folder_.open(name, Access::read);
    HeaderImage image{};
    if (!file || !(*file)->readAt(0, image)) return std::nullopt;
    const DecodedHeader header = decodeHeaderBlock(image);
    if (header.state == SealState::sound) {
        takeId = header.block.seal.takeId;
        if ((header.block.seal.flags & HeaderFlags::finished) == 0) return FindReason::unfinished;
    }
    if (header.state == SealState::torn) return FindReason::unfinished;
    const auto wav = scanWav(**file);
    if (!wav) return std::nullopt;
    const bool wrong = wav->state == WavState::sizesWrong || wav->state == WavState::cutShort ||
                       wav->state == WavState::headDamaged;
    return wrong ? std::optional(FindReason::sizesWrong) : std::nullopt;
}

// A journal whose WAV is here under its name is told of with the WAV.
void FolderLook::lookAtJournal(const std::string& name) {
    auto file = folder_.open(name, Access::read);
    std::vector<std::byte> head(kJournalHeaderBytes);
    if (!file) return;
    if (isUnwrittenJournal(folder_, **file, name)) return add(name, FindReason::journal, {});
    if ((*file)->readAt(0, head).value_or(0) != head.size()) return;
    const auto header = decodeJournalHeader(head);
    if (!header) return;
    const std::string wav = name.substr(0, name.size() - std::string_view(".journal").size());
    for (const std::string& beside : {wav, partNameOf(wav)}) {
        if (found_.contains(beside)) return;
        if (folder_.exists(beside)) return add(beside, FindReason::journal, header->takeId);
    }
    // Renamed: known by its id.
    for (const auto& [other, take] : found_) {
        if (take.takeId == header->takeId) return;
    }
    add(name, FindReason::journal, header->takeId);
}

Result<> FolderLook::look(const std::function<bool()>& goOn) {
    const auto names = folder_.list();
    if (!names) return fail(names.error());
    const auto mayGoOn = [&] { return !goOn || goOn(); };
    for (const std::string& name : *names) {
        if (!mayGoOn()) return fail(Stage::recovery, ECANCELED, "cancelled");
        if (wavEndingOf(name).empty() || isTemporary(name)) continue;
        TakeId takeId;
        auto reason = judgeWav(name, takeId);
        if (name.ends_with(".part.wav")) reason = FindReason::partFile;
        if (reason) add(name, *reason, takeId);
    }
    for (const std::string& name : *names) {
        if (!mayGoOn()) return fail(Stage::recovery, ECANCELED, "cancelled");
        if (name.ends_with(".journal")) lookAtJournal(name);
    }
    for (auto& [name, take] : found_) finds_.takes.push_back(std::move(take));
    return {};
}

// The folders below one, links left out. What cannot be looked at is noted; only a cancellation
// ends the walk.
class FolderWalk {
  public:
    FolderWalk(FolderFinds& finds, const std::function<bool()>& goOn)
        : finds_(finds), goOn_(goOn) {}

    Result<> lookBelow(DiskFolder& folder, int depth) {
        const auto names = folder.folders();
        if (!names) return noted(names.error());
        for (const std::string& name : *names) {
            auto below = openFolder(joinPath(folder.path(), name));
            Result<> looked = below ? FolderLook(**below, finds_).look(goOn_) : fail(below.error());
            if (!looked) looked = noted(looked.error());
            if (looked && below && depth < kMaxDepth) looked = lookBelow(**below, depth + 1);
            if (!looked) return looked;
        }
        return {};
    }

  private:
    Result<> noted(const Error& problem) {
        if (isCancelled(problem)) return fail(problem);
        finds_.notes.push_back(problem.message());
        return {};
    }

    FolderFinds& finds_;
    const std::function<bool()>& goOn_;
};

}  // namespace

std::string_view findReasonName(FindReason reason) {
    switch (reason) {
        case FindReason::journal:
            return "journal";
        case FindReason::partFile:
            return "part file";
        case FindReason::unfinished:
            return "unfinished";
        case FindReason::sizesWrong:
            return "sizes wrong";
    }
    return "unknown";
}

Result<FolderFinds> scanFolder(const std::string& path, const std::function<bool()>& goOn) {
    auto top = openFolder(path);
    if (!top) return fail(top.error());
    FolderFinds finds;
    if (auto looked = FolderLook(**top, finds).look(goOn); !looked) return fail(looked.error());
    FolderWalk walk(finds, goOn);
    if (auto below = walk.lookBelow(**top, 0); !below) return fail(below.error());
    std::ranges::sort(finds.takes, [](const FoundTake& a, const FoundTake& b) {
        return std::pair(a.folder, a.name) < std::pair(b.folder, b.name);
    });
    return finds;
}

}  // namespace holdfast
