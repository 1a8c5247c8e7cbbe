// Reading a journal into evidence: bounded, whatever the records claim.
#include <fmt/format.h>

#include "iocore/recovery/take_evidence.h"

namespace holdfast {
namespace {

// More segments than a take of 4 GiB can have; more marks than anybody sets.
constexpr std::size_t kMaxSegments = 1'500'000;
constexpr std::size_t kMaxMarks = 100'000;
constexpr std::size_t kMaxRepaired = 64;  // of up to 64 KiB; a repair killed more often is odd
constexpr std::size_t kMaxMarkerTextBytes = 4'096;

template <typename Record>
void collect(std::vector<Record>& to, const JournalRecord& record, std::size_t limit) {
    Record decoded;
    if (to.size() < limit && decodePayload(record.payload, decoded)) to.push_back(decoded);
}

// Of two with one name the first counts.
void collectChunk(JournalEvidence& to, const JournalRecord& record) {
    ChunkRecord chunk;
    if (!decodePayload(record.payload, chunk)) return;
    std::uint64_t bytes = chunk.payload.size();
    for (const ChunkRecord& other : to.chunks) {
        if (other.id == chunk.id) return;
        bytes += other.payload.size();
    }
    if (bytes <= kMaxChunkRecordBytes) to.chunks.push_back(std::move(chunk));
}

void collectSegment(KnownSegments& to, const JournalRecord& record) {
    SegmentRecord segment;
    if (to.size() >= kMaxSegments || !decodePayload(record.payload, segment)) return;
    if (const auto known = knownSegmentOf(segment)) to.push_back(*known);
}

// Where the last `bytes` of the payload lie in the journal.
std::uint64_t endOffset(const JournalRecord& record, std::uint64_t bytes) {
    return record.offset + kRecordHeaderBytes + record.payload.size() - bytes;
}

// A record without a head holds more of the tail and counts only once the one with the head is
// there: the last one written. The first such is the true one; later ones saw a half-repaired file.
void collectUndo(JournalEvidence& to, std::vector<StoredBytes>& tails,
                 const JournalRecord& record) {
    UndoRecord undo;
    if (to.undo || !decodePayload(record.payload, undo)) return;
    if (to.firstUndoOffset == 0) to.firstUndoOffset = record.offset;
    if (!undo.tail.empty()) {
        tails.push_back({undo.tailOffset, endOffset(record, undo.tail.size()), undo.tail.size()});
    }
    if (undo.head.empty()) return;
    to.undo = UndoState{undo.fileBytes, undo.modificationTime, std::move(undo.head),
                        undo.tailOffset, std::move(tails)};
}

}  // namespace

std::optional<KnownSegment> knownSegmentOf(const SegmentRecord& record) {
    // A commit is 8 MiB and the silence of the gaps in it, each up to 60 s: 5.9 GB in the widest
    // format.
    constexpr std::uint64_t kMostBytes = 8ULL << 30;
    constexpr std::uint64_t kMostGaps = (1ULL << 30) - 1;
    if (record.bytes == 0 || record.bytes > kMostBytes || record.start < kHeaderBlockBytes ||
        record.gapCount > kMostGaps) {
        return std::nullopt;
    }
    KnownSegment known;
    known.start = record.start;
    known.checksum = record.checksum;
    known.ringFrameEnd = record.ringFrameEnd;
    known.bytes = record.bytes & ((1ULL << 34) - 1);
    known.gapCount = record.gapCount & kMostGaps;
    return known;
}

Result<JournalEvidence> readJournalEvidence(std::unique_ptr<DiskFile> file,
                                            const std::string& name) {
    JournalEvidence found;
    found.name = name;
    std::vector<StoredBytes> undoTails;
    const auto visit = [&](const JournalRecord& record) {
        switch (record.type) {
            case RecordType::start: {
                StartRecord start;
                if (!found.start && decodePayload(record.payload, start)) found.start = start;
                break;
            }
            case RecordType::segment:
                collectSegment(found.segments, record);
                break;
            case RecordType::marker:
                if (record.payload.size() <= kMaxMarkerTextBytes) {
                    collect(found.markers, record, kMaxMarks);
                }
                break;
            case RecordType::gap:
                collect(found.gaps, record, kMaxMarks);
                break;
            case RecordType::error:
                collect(found.errors, record, kMaxMarks);
                break;
            case RecordType::dataEnd: {
                DataEndRecord end;
                if (decodePayload(record.payload, end)) found.dataEndBytes = end.dataBytes;
                break;
            }
            case RecordType::ringTail: {
                RingTailRecord tail;
                if (found.ringTails.size() < kMaxMarks && decodePayload(record.payload, tail)) {
                    found.ringTails.push_back(
                        {tail.fileFrame, endOffset(record, tail.audio.size()), tail.audio.size()});
                }
                break;
            }
            case RecordType::undo:
                collectUndo(found, undoTails, record);
                break;
            case RecordType::repaired:
                // Written again before a taking back: what was resolved is open once more.
                found.resolved = false;
                collect(found.repaired, record, kMaxRepaired);
                break;
            case RecordType::resolved:
                found.resolved = true;
                break;
            case RecordType::chunk:
                collectChunk(found, record);
                break;
        }
    };
    auto reading = readJournal(*file, visit);
    if (!reading) return fail(reading.error());
    found.reading = std::move(*reading);
    found.file = std::move(file);
    if (found.reading.damagedBytes != 0) {
        found.notes.push_back(fmt::format("{}: {} damaged bytes in the middle were stepped over",
                                          name, found.reading.damagedBytes));
    }
    if (found.reading.tornBytes != 0) {
        found.notes.push_back(fmt::format("{}: its last {} bytes are a record cut short", name,
                                          found.reading.tornBytes));
    }
    return found;
}

}  // namespace holdfast
