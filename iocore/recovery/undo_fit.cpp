#include "iocore/recovery/undo_fit.h"

#include <algorithm>

#include "iocore/riff/riff_format.h"

namespace holdfast {
namespace {

using Head = std::vector<std::byte>;

// As a kill or a power cut inside the write of the head leaves it, in either direction.
bool isMixOf(const Head& now, const Head& before, const Head& after) {
    if (before.size() != now.size() || after.size() != now.size()) return false;
    for (std::size_t i = 0; i < now.size(); ++i) {
        if (now[i] != before[i] && now[i] != after[i]) return false;
    }
    return true;
}

// Nobody else writes a sound seal. A power cut may bring back one older than the undo record, when
// what a killed recorder wrote last had not reached the disk.
bool isSealedAs(const Head& now, const TakeId& takeId) {
    if (now.size() < kHeaderBlockBytes) return false;
    const DecodedHeader header = decodeHeaderBlock(now);
    return header.state == SealState::sound && header.block.seal.takeId == takeId;
}

bool isBetween(const Head& now, std::uint64_t bytes, const JournalEvidence& journal) {
    const UndoState& undo = *journal.undo;
    std::uint64_t most = undo.fileBytes;
    bool known = now == undo.head;
    for (const RepairedRecord& repaired : journal.repaired) {
        most = std::max(most, repaired.fileBytes);
        known = known || isMixOf(now, undo.head, repaired.head);
    }
    if (bytes > most) return false;
    if (isSealedAs(now, journal.reading.header.takeId)) return true;
    return known && bytes >= std::min(undo.rewrittenFrom, undo.fileBytes);
}

}  // namespace

Result<UndoFit> fitOfUndo(DiskFile& wav, const JournalEvidence& journal) {
    const UndoState& undo = *journal.undo;
    const auto bytes = wav.size();
    if (!bytes) return fail(bytes.error());
    Head now(undo.head.size());
    if (auto got = wav.readAt(0, now); !got) return fail(got.error());
    if (!journal.resolved) {
        return isBetween(now, *bytes, journal) ? UndoFit::between : UndoFit::changed;
    }
    const auto time = wav.modificationTime();
    if (!time) return fail(time.error());
    const bool same =
        *time == undo.modificationTime &&
        std::ranges::find(journal.repaired, RepairedRecord{*bytes, now}) != journal.repaired.end();
    return same ? UndoFit::repaired : UndoFit::changed;
}

}  // namespace holdfast
