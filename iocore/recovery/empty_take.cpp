#include "iocore/recovery/empty_take.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "iocore/recovery/repair_steps.h"

namespace holdfast {
namespace {

bool isEmpty(const JournalEvidence& journal) {
    const bool whole = journal.reading.damagedBytes == 0 && journal.reading.tornBytes == 0;
    return whole && journal.segments.empty() && journal.ringTails.empty() &&
           journal.firstUndoOffset == 0;
}

// A block that was begun, chunk by chunk, does not say yet whose it is: the journal's start record
// does, and another program's audio would have made the take one that was rewritten.
bool isBegun(std::span<const std::byte> block) {
    const std::string_view first(reinterpret_cast<const char*>(block.data()), 4);
    return first == "RIFF" || first == "RF64" ||
           std::ranges::all_of(block, [](std::byte b) { return b == std::byte{0}; });
}

// No longer than a header block, and that ours.
Result<bool> isHeaderAlone(const TakeEvidence& take, const TakeId& takeId) {
    const auto bytes = take.wav->size();
    if (!bytes) return fail(bytes.error());
    if (*bytes > kHeaderBlockBytes) return false;
    HeaderImage block{};
    if (auto got = take.wav->readAt(0, block); !got) return fail(got.error());
    const bool named = take.journal && take.journal->start &&
                       take.journal->start->wavName == finalNameOf(take.wavName);
    return bearsTakeId(block, takeId) || (named && isBegun(block));
}

}  // namespace

Result<bool> holdsNothing(const TakeEvidence& take, const RecoveryReport& report) {
    if (report.verdict != Verdict::leftover || !report.ours || report.alreadyRecovered) {
        return false;
    }
    // A header that tells of audio says that some was lost: that is for people to look into.
    const bool claims = take.header.state == SealState::sound && take.header.block.dataBytes != 0;
    if (claims || report.damageLeft || !report.dropped.empty()) return false;
    if (take.ringUnread || take.ringIgnored || (take.ring && !report.ringSpent)) return false;
    if (take.journal && !isEmpty(*take.journal)) return false;
    if (!take.wav) return true;
    if (!take.wavName.ends_with(".part.wav")) return false;
    return isHeaderAlone(take, report.takeId);
}

Result<RepairResult> removeEmpty(DiskFolder& folder, const RepairOptions& options,
                                 ScannedTake take) {
    RepairResult result;
    const auto leave = [&](ScannedTake& left) {
        result.report = std::move(left.report);
        return std::move(result);
    };
    const auto locked = lockInput(take);
    if (!locked) return fail(locked.error());
    if (!*locked) {
        take.report.verdict = Verdict::live;
        take.report.reason = "another program holds its lock";
        return leave(take);
    }
    ScanOptions strict = options.scan;
    strict.locksAreOurs = true;
    strict.ignoreLivingProcess = false;
    auto again = scanWithSources(folder, take.report.name, strict);
    if (!again) return fail(again.error());
    if (!again->report.empty) return leave(*again);
    // The journal goes last: it alone says where the ring lies.
    removeRing(*again, options, result);
    const auto& journal = again->evidence.journal;
    const std::string unwritten = again->evidence.unwritten ? again->evidence.name : "";
    for (const std::string& name : {again->evidence.wavName, journal ? journal->name : unwritten}) {
        if (name.empty()) continue;
        if (auto removed = folder.remove(name); !removed) return fail(removed.error());
        result.removed.push_back(name);
    }
    if (auto synced = folder.sync(); !synced) return fail(synced.error());
    result.outcome = RepairOutcome::removed;
    return leave(*again);
}

}  // namespace holdfast
