// Target "journal": the input is a journal file. Read record by record and into evidence, and what
// was decoded must survive being encoded again.
#include <fmt/format.h>

#include <algorithm>

#include "iocore/base/checksum.h"
#include "iocore/base/little_endian.h"
#include "iocore/recovery/take_evidence.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/take_builder.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kSaltOffset = 48;  // FORMAT.md, "The journal"

template <typename Record>
std::string defectOfRoundTrip(const JournalRecord& record) {
    Record first;
    if (!decodePayload(record.payload, first)) return "";
    Record second;
    const bool again = decodePayload(encodePayload(first), second) && first == second;
    return again ? "" : fmt::format("a record of type {} does not survive", int(record.type));
}

std::string defectOfRecord(const JournalRecord& record) {
    switch (record.type) {
        case RecordType::start:
            return defectOfRoundTrip<StartRecord>(record);
        case RecordType::segment:
            return defectOfRoundTrip<SegmentRecord>(record);
        case RecordType::marker:
            return defectOfRoundTrip<MarkerRecord>(record);
        case RecordType::gap:
            return defectOfRoundTrip<GapRecord>(record);
        case RecordType::dataEnd:
            return defectOfRoundTrip<DataEndRecord>(record);
        case RecordType::error:
            return defectOfRoundTrip<ErrorRecord>(record);
        case RecordType::undo:
            return defectOfRoundTrip<UndoRecord>(record);
        case RecordType::repaired:
            return defectOfRoundTrip<RepairedRecord>(record);
        case RecordType::ringTail:
            return defectOfRoundTrip<RingTailRecord>(record);
        case RecordType::chunk:
            return defectOfRoundTrip<ChunkRecord>(record);
        case RecordType::resolved:
            break;
    }
    return "";
}

std::string defectOfReading(DiskFile& file, std::uint64_t fileBytes) {
    std::string defect;
    std::uint64_t end = kJournalHeaderBytes;
    const auto reading = readJournal(file, [&](const JournalRecord& record) {
        if (record.offset < end || record.offset % 8 != 0) defect = "records overlap";
        end = record.offset + kRecordHeaderBytes + record.payload.size();
        if (end > fileBytes) defect = "a record reaches past the file's end";
        if (defect.empty()) defect = defectOfRecord(record);
    });
    if (!reading) return "";
    if (reading->endOfRecords < end) return "the end of records lies before a record";
    // Bad bytes are counted once, and no more of them than there are.
    if (reading->damagedBytes + reading->tornBytes > fileBytes - kJournalHeaderBytes) {
        return "more damage than bytes";
    }
    const auto head = encodeJournalHeader(reading->header);
    const auto decoded = decodeJournalHeader(head);
    if (!decoded || *decoded != reading->header) return "the file header does not survive";
    return defect;
}

std::string defectOfStored(const std::vector<StoredBytes>& stored, std::uint64_t fileBytes) {
    for (const StoredBytes& bytes : stored) {
        if (bytes.offset > fileBytes || bytes.bytes > fileBytes - bytes.offset) {
            return "stored bytes lie outside the journal";
        }
    }
    return "";
}

std::string defectOfJournal(std::span<const std::byte> input) {
    const Bytes bytes(input.begin(), input.end());
    FaultDisk disk = FaultDisk::fromImage({{"j", std::make_shared<const Bytes>(bytes)}});
    auto file = disk.open("j", Access::read);
    if (auto defect = defectOfReading(**file, bytes.size()); !defect.empty()) return defect;
    const auto evidence = readJournalEvidence(std::move(*file), "j");
    if (!evidence) return evidence.error().text.empty() ? "refused without a reason" : "";
    if (auto defect = defectOfStored(evidence->ringTails, bytes.size()); !defect.empty()) {
        return defect;
    }
    return evidence->undo ? defectOfStored(evidence->undo->tails, bytes.size()) : "";
}

// Seals the header, and each record whose length fits: head check, then checksum.
void mendJournal(std::span<std::byte> input) {
    if (input.size() < kJournalHeaderBytes) return;
    storeLe(input.data() + kJournalHeaderBytes - 8,
            checksum(input.first(kJournalHeaderBytes - 8), 0));
    const auto salt = loadLe<std::uint64_t>(input.data() + kSaltOffset);
    std::uint64_t at = kJournalHeaderBytes;
    while (input.size() - at >= kRecordHeaderBytes) {
        const auto payload = loadLe<std::uint32_t>(input.data() + at + 8);
        const bool begins = loadLe<std::uint32_t>(input.data() + at) == 0x4352'4648;  // "HFRC"
        if (!begins || payload > input.size() - at - kRecordHeaderBytes) {
            at += 8;
            if (at > input.size()) return;
            continue;
        }
        const auto sealed =
            encodeRecord(static_cast<RecordType>(loadLe<std::uint16_t>(input.data() + at + 4)),
                         loadLe<std::uint64_t>(input.data() + at + 16), at, salt,
                         input.subspan(at + kRecordHeaderBytes, payload));
        const std::uint64_t bytes = std::min<std::uint64_t>(sealed.size(), input.size() - at);
        std::copy_n(sealed.begin(), bytes, input.begin() + static_cast<std::ptrdiff_t>(at));
        at += bytes;
    }
}

Bytes journalOf(const TakeSpec& spec) {
    const BuiltTake take = buildTake(spec);
    return *take.files.at(take.journalName);
}

// Every type of record, those of a repair in place too.
Bytes withAllRecords() {
    const BuiltTake take = buildTake({.committedFrames = 100, .segmentFrames = 50});
    Bytes bytes = *take.files.at(take.journalName);
    std::uint64_t sequence = 100;
    const auto add = [&](RecordType type, const std::vector<std::byte>& payload) {
        const auto record = encodeRecord(type, sequence++, bytes.size(), take.salt, payload);
        bytes.insert(bytes.end(), record.begin(), record.end());
    };
    add(RecordType::gap, encodePayload(GapRecord{{100, 7, GapCause::ringFull}, 0, 100, 7}));
    add(RecordType::error, encodePayload(ErrorRecord{1, 5, 100, "no space"}));
    add(RecordType::ringTail, encodePayload(RingTailRecord{100, rampAudio(100, 20)}));
    add(RecordType::dataEnd, encodePayload(DataEndRecord{240}));
    add(RecordType::undo, encodePayload(UndoRecord{712, 5, {}, 712, Bytes(30)}));
    add(RecordType::undo, encodePayload(UndoRecord{712, 5, Bytes(64), 712, {}}));
    add(RecordType::repaired, encodePayload(RepairedRecord{752, Bytes(64)}));
    add(RecordType::resolved, {});
    add(RecordType::chunk, encodePayload(ChunkRecord{{'b', 'e', 'x', 't'}, Bytes(33)}));
    return bytes;
}

std::vector<FuzzSeed> journalSeeds() {
    Bytes torn = journalOf({.committedFrames = 100, .segmentFrames = 25});
    torn.resize(torn.size() - 13);
    return {
        {"plain", journalOf({.committedFrames = 100, .segmentFrames = 25})},
        {"marks", journalOf({.committedFrames = 20, .markers = {{3, "here"}, {9, "there"}}})},
        {"all_records", withAllRecords()},
        {"torn", torn},
        {"zeros", joined({journalOf({.committedFrames = 20}), Bytes(64)})},
    };
}

}  // namespace

FuzzTarget journalTarget() {
    return {"journal", defectOfJournal, mendJournal, journalSeeds};
}

}  // namespace holdfast
