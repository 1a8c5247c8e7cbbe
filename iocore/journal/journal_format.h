// Journal format: the records beside a take, encoded and decoded; used by the journal and by
// recovery.
//
// A file header, then records one after the other. Each record's checksum covers its offset in the
// file and the take's salt, so a record of another file or place never passes for one of this take.
// A torn record at the end is where a crash stopped the writing, a normal end; a bad one in the
// middle is reported and stepped over; zeros are space that was never written. Bytes: FORMAT.md,
// "The journal".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "iocore/base/byte_codec.h"
#include "iocore/base/gap.h"
#include "iocore/base/pcm_format.h"
#include "iocore/base/process_identity.h"
#include "iocore/base/result.h"
#include "iocore/base/take_id.h"
#include "iocore/disk/disk_file.h"

namespace holdfast {

inline constexpr std::uint32_t kJournalVersion = 1;
inline constexpr std::uint64_t kJournalHeaderBytes = 128;
inline constexpr std::uint64_t kRecordHeaderBytes = 32;
// A record is never longer: a length above it is damage, not a reason to allocate.
inline constexpr std::uint32_t kMaxRecordPayload = 16u << 20;
// All chunk records of a journal together: what they take of the room behind the audio.
inline constexpr std::uint32_t kMaxChunkRecordBytes = 128u << 10;

struct JournalHeader {
    TakeId takeId;
    TakeId sessionId;        // shared by the parts of one session
    std::uint64_t salt = 0;  // random; seeds every checksum of the take
    ProcessIdentity writer;
    std::uint32_t partIndex = 1;
    bool operator==(const JournalHeader&) const = default;
};

enum class RecordType : std::uint16_t {
    start = 1,
    segment = 2,
    marker = 3,
    gap = 4,
    dataEnd = 5,
    error = 6,
    undo = 7,
    ringTail = 8,
    resolved = 9,
    repaired = 10,
    chunk = 11,
};

// What the take is; the first record, durable before the part file gets its header.
struct StartRecord {
    PcmFormat format;
    std::uint64_t startedAtNs = 0;  // wall clock, nanoseconds since 1970 UTC
    std::uint32_t commitIntervalMs = 0;
    std::uint32_t fillGaps = 1;  // gaps are filled with silence up to fillLimitFrames
    std::uint64_t fillLimitFrames = 0;
    std::string wavName;   // final name, in the journal's folder
    std::string ringPath;  // empty: the ring does not outlive the process
    std::string deviceId;
    std::string deviceName;
    // Where the part begins in its session; zeros and empty for the first.
    std::uint64_t firstFileFrame = 0;
    std::uint64_t firstRingFrame = 0;
    std::uint64_t firstGap = 0;  // number of the first gap that may be in it
    std::string previousPart;    // path of the part before
    bool operator==(const StartRecord&) const = default;
};

// One commit's audio. Frames are counted from the take's start; ringFrame = captured ones only,
// deviceFrame = captured and lost and paused, the device's own timeline.
struct SegmentRecord {
    std::uint64_t start = 0;  // byte offset in the file
    std::uint64_t bytes = 0;
    std::uint64_t checksum = 0;  // XXH3-64, seed segmentSeed(salt, start)
    std::uint64_t fileFrameEnd = 0;
    std::uint64_t ringFrameEnd = 0;
    std::uint64_t deviceFrameEnd = 0;
    std::uint64_t gapCount = 0;  // gaps before the end, pauses included
    std::uint64_t commit = 0;    // sequence of the commit that it belongs to
    bool operator==(const SegmentRecord&) const = default;
};

struct MarkerRecord {
    std::uint64_t fileFrame = 0;
    std::string text;
    bool operator==(const MarkerRecord&) const = default;
};

struct GapRecord {
    Gap gap;  // atFrame in ring frames
    std::uint64_t number = 0;
    std::uint64_t fileFrame = 0;
    std::uint64_t filledFrames = 0;  // silence written for it
    bool operator==(const GapRecord&) const = default;
};

// Durable before the first byte behind the audio is written.
struct DataEndRecord {
    std::uint64_t dataBytes = 0;
    bool operator==(const DataEndRecord&) const = default;
};

// Bytes that a recovery in place is about to overwrite, and the length to go back to.
struct UndoRecord {
    std::uint64_t fileBytes = 0;
    std::int64_t modificationTime = 0;  // nanoseconds since 1970 UTC
    std::vector<std::byte> head;        // the file's first bytes
    std::uint64_t tailOffset = 0;
    std::vector<std::byte> tail;  // the bytes from tailOffset to the old end
    bool operator==(const UndoRecord&) const = default;
};

// What a recovery in place makes of the file; durable before it or its taking back touches the
// file.
struct RepairedRecord {
    std::uint64_t fileBytes = 0;
    std::vector<std::byte> head;  // as long as the undo record's
    bool operator==(const RepairedRecord&) const = default;
};

// Audio that was only in the ring, put where it outlives a reboot.
struct RingTailRecord {
    std::uint64_t fileFrame = 0;
    std::vector<std::byte> audio;  // whole frames, gaps already filled
    bool operator==(const RingTailRecord&) const = default;
};

struct ErrorRecord {
    std::uint32_t stage = 0;
    std::uint32_t code = 0;
    std::uint64_t fileFrame = 0;
    std::string text;
    bool operator==(const ErrorRecord&) const = default;
};

// A chunk that is to stand behind the audio, as it is; durable with the start record.
struct ChunkRecord {
    std::array<char, 4> id{};
    std::vector<std::byte> payload;
    bool operator==(const ChunkRecord&) const = default;
};

std::vector<std::byte> encodeJournalHeader(const JournalHeader& header);
// Errors: Stage::journal, naming what is wrong.
Result<JournalHeader> decodeJournalHeader(std::span<const std::byte> bytes);

void putPayload(ByteWriter& out, const StartRecord& record);
void putPayload(ByteWriter& out, const SegmentRecord& record);
void putPayload(ByteWriter& out, const MarkerRecord& record);
void putPayload(ByteWriter& out, const GapRecord& record);
void putPayload(ByteWriter& out, const DataEndRecord& record);
void putPayload(ByteWriter& out, const UndoRecord& record);
void putPayload(ByteWriter& out, const RepairedRecord& record);
void putPayload(ByteWriter& out, const RingTailRecord& record);
void putPayload(ByteWriter& out, const ErrorRecord& record);
void putPayload(ByteWriter& out, const ChunkRecord& record);
template <typename Record>
std::vector<std::byte> encodePayload(const Record& record) {
    ByteWriter out;
    putPayload(out, record);
    return out.take();
}

// False when the payload is too short or says what cannot be.
bool decodePayload(std::span<const std::byte> payload, StartRecord& record);
bool decodePayload(std::span<const std::byte> payload, SegmentRecord& record);
bool decodePayload(std::span<const std::byte> payload, MarkerRecord& record);
bool decodePayload(std::span<const std::byte> payload, GapRecord& record);
bool decodePayload(std::span<const std::byte> payload, DataEndRecord& record);
bool decodePayload(std::span<const std::byte> payload, UndoRecord& record);
bool decodePayload(std::span<const std::byte> payload, RepairedRecord& record);
bool decodePayload(std::span<const std::byte> payload, RingTailRecord& record);
bool decodePayload(std::span<const std::byte> payload, ErrorRecord& record);
bool decodePayload(std::span<const std::byte> payload, ChunkRecord& record);

// A whole record as it lies at `offset` of the journal of a take with `salt`, in place of what
// `out` held: its memory is used again, so that a commit allocates nothing for its record.
struct RecordPlace {
    std::uint64_t sequence = 0;
    std::uint64_t offset = 0;
    std::uint64_t salt = 0;
};
void encodeRecord(ByteWriter& out, RecordType type, const RecordPlace& place,
                  std::span<const std::byte> payload);
std::vector<std::byte> encodeRecord(RecordType type, std::uint64_t sequence, std::uint64_t offset,
                                    std::uint64_t salt, std::span<const std::byte> payload);

struct JournalRecord {
    RecordType type{};
    std::uint64_t sequence = 0;
    std::uint64_t offset = 0;
    std::span<const std::byte> payload;  // valid during the visit
};

// What reading a journal found besides its records.
struct JournalReading {
    JournalHeader header;
    std::uint64_t records = 0;
    std::uint64_t nextSequence = 0;
    std::uint64_t endOfRecords = 0;  // offset behind the last sound record
    std::uint64_t damagedBytes = 0;  // in the middle: bad bytes with sound records behind them
    std::uint64_t tornBytes = 0;     // at the end: bytes that are neither a record nor zeros
};

// Visits the sound records in order, in constant memory. Unknown types are visited too: skip them.
// Errors: Stage::journal when the header is unusable, Stage::disk when the file cannot be read.
Result<JournalReading> readJournal(DiskFile& file,
                                   const std::function<void(const JournalRecord&)>& visit);

}  // namespace holdfast
