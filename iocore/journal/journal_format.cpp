#include "iocore/journal/journal_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "iocore/base/byte_codec.h"
#include "iocore/base/checksum.h"

namespace holdfast {
namespace {

constexpr std::string_view kJournalMagic = "HFJOURN1";
constexpr std::uint32_t kMaxTextBytes = 65'536;

void put(ByteWriter& out, const PcmFormat& format) {
    out.put(format.sampleRate).put(format.channels);
    out.put(static_cast<std::uint32_t>(format.sampleType)).put(format.channelMask);
}

PcmFormat getFormat(ByteReader& in) {
    PcmFormat format;
    format.sampleRate = in.get<std::uint32_t>();
    format.channels = in.get<std::uint32_t>();
    const auto type = in.get<std::uint32_t>();
    format.sampleType = type <= 4 ? static_cast<SampleType>(type) : SampleType{0};
    format.channelMask = in.get<std::uint32_t>();
    return format;
}

bool getText(ByteReader& in, std::string& text) {
    text = in.getText();
    return text.size() <= kMaxTextBytes;
}

// Not one of those that the file is made of: a second `data` would hide the first.
bool isFreeChunkId(const std::array<char, 4>& id) {
    static constexpr std::array<std::string_view, 12> kTaken = {"RIFF", "RF64", "WAVE", "ds64",
                                                                "JUNK", "fmt ", "fact", "hfst",
                                                                "data", "cue ", "LIST", "BW64"};
    const std::string_view text(id.data(), id.size());
    const bool printable = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
    return printable && std::ranges::find(kTaken, text) == kTaken.end();
}

std::vector<std::byte> copyOf(std::span<const std::byte> bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace

std::vector<std::byte> encodeJournalHeader(const JournalHeader& header) {
    ByteWriter out;
    out.put(std::as_bytes(std::span(kJournalMagic.data(), kJournalMagic.size())));
    out.put(kJournalVersion).put(kChecksumXxh3);
    out.put(std::span<const std::byte>(header.takeId.bytes));
    out.put(std::span<const std::byte>(header.sessionId.bytes));
    out.put(header.salt);
    out.put(std::span<const std::byte>(header.writer.bootId));
    out.put(header.writer.processId).put(header.writer.startTime);
    out.put(header.partIndex);
    out.zeros(kJournalHeaderBytes - 8 - out.bytes().size());
    out.put(checksum(out.bytes(), 0));
    return out.take();
}

Result<JournalHeader> decodeJournalHeader(std::span<const std::byte> bytes) {
    if (bytes.size() < kJournalHeaderBytes) {
        return fail(Stage::journal, fmt::format("its header is cut short ({} of {} bytes)",
                                                bytes.size(), kJournalHeaderBytes));
    }
    bytes = bytes.first(kJournalHeaderBytes);
    ByteReader in(bytes);
    const auto magic = in.getBytes(kJournalMagic.size());
    if (std::memcmp(magic.data(), kJournalMagic.data(), magic.size()) != 0) {
        return fail(Stage::journal, "it is not a Holdfast journal");
    }
    const auto version = in.get<std::uint32_t>();
    const auto algorithm = in.get<std::uint32_t>();
    const auto body = bytes.first(kJournalHeaderBytes - 8);
    if (loadLe<std::uint64_t>(bytes.data() + body.size()) != checksum(body, 0)) {
        return fail(Stage::journal, "its header is damaged (checksum)");
    }
    if (version != kJournalVersion || algorithm != kChecksumXxh3) {
        return fail(Stage::journal,
                    fmt::format("it has version {} and checksum {}, this program knows {} and {}",
                                version, algorithm, kJournalVersion, kChecksumXxh3));
    }
    JournalHeader header;
    std::ranges::copy(in.getBytes(16), header.takeId.bytes.begin());
    std::ranges::copy(in.getBytes(16), header.sessionId.bytes.begin());
    header.salt = in.get<std::uint64_t>();
    std::ranges::copy(in.getBytes(16), header.writer.bootId.begin());
    header.writer.processId = in.get<std::uint64_t>();
    header.writer.startTime = in.get<std::uint64_t>();
    header.partIndex = in.get<std::uint32_t>();
    if (header.takeId.isZero()) return fail(Stage::journal, "its header names no take");
    return header;
}

void putPayload(ByteWriter& out, const StartRecord& record) {
    put(out, record.format);
    out.put(record.startedAtNs).put(record.commitIntervalMs);
    out.put(record.fillGaps).put(record.fillLimitFrames);
    out.put(record.wavName).put(record.ringPath).put(record.deviceId).put(record.deviceName);
    out.put(record.firstFileFrame).put(record.firstRingFrame).put(record.firstGap);
    out.put(record.previousPart);
}
bool decodePayload(std::span<const std::byte> payload, StartRecord& record) {
    ByteReader in(payload);
    record.format = getFormat(in);
    record.startedAtNs = in.get<std::uint64_t>();
    record.commitIntervalMs = in.get<std::uint32_t>();
    record.fillGaps = in.get<std::uint32_t>();
    record.fillLimitFrames = in.get<std::uint64_t>();
    const bool named = getText(in, record.wavName) && getText(in, record.ringPath) &&
                       getText(in, record.deviceId) && getText(in, record.deviceName);
    record.firstFileFrame = in.get<std::uint64_t>();
    record.firstRingFrame = in.get<std::uint64_t>();
    record.firstGap = in.get<std::uint64_t>();
    return named && getText(in, record.previousPart) && in.ok() &&
           validate(record.format).has_value();
}

void putPayload(ByteWriter& out, const SegmentRecord& record) {
    out.put(record.start).put(record.bytes).put(record.checksum);
    out.put(record.fileFrameEnd).put(record.ringFrameEnd).put(record.deviceFrameEnd);
    out.put(record.gapCount).put(record.commit);
}
bool decodePayload(std::span<const std::byte> payload, SegmentRecord& record) {
    ByteReader in(payload);
    record.start = in.get<std::uint64_t>();
    record.bytes = in.get<std::uint64_t>();
    record.checksum = in.get<std::uint64_t>();
    record.fileFrameEnd = in.get<std::uint64_t>();
    record.ringFrameEnd = in.get<std::uint64_t>();
    record.deviceFrameEnd = in.get<std::uint64_t>();
    record.gapCount = in.get<std::uint64_t>();
    record.commit = in.get<std::uint64_t>();
    // Positions are signed 64 bit in every file API.
    constexpr std::uint64_t limit = 1ULL << 62;
    return in.ok() && record.start < limit && record.bytes < limit;
}

void putPayload(ByteWriter& out, const MarkerRecord& record) {
    out.put(record.fileFrame).put(record.text);
}
bool decodePayload(std::span<const std::byte> payload, MarkerRecord& record) {
    ByteReader in(payload);
    record.fileFrame = in.get<std::uint64_t>();
    return getText(in, record.text) && in.ok();
}

void putPayload(ByteWriter& out, const GapRecord& record) {
    out.put(record.gap.atFrame).put(record.gap.frames);
    out.put(static_cast<std::uint32_t>(record.gap.cause)).put(std::uint32_t{0});
    out.put(record.number).put(record.fileFrame).put(record.filledFrames);
}
bool decodePayload(std::span<const std::byte> payload, GapRecord& record) {
    ByteReader in(payload);
    record.gap.atFrame = in.get<std::uint64_t>();
    record.gap.frames = in.get<std::uint64_t>();
    record.gap.cause = static_cast<GapCause>(in.get<std::uint32_t>());
    in.get<std::uint32_t>();
    record.number = in.get<std::uint64_t>();
    record.fileFrame = in.get<std::uint64_t>();
    record.filledFrames = in.get<std::uint64_t>();
    return in.ok();
}

void putPayload(ByteWriter& out, const DataEndRecord& record) {
    out.put(record.dataBytes);
}
bool decodePayload(std::span<const std::byte> payload, DataEndRecord& record) {
    ByteReader in(payload);
    record.dataBytes = in.get<std::uint64_t>();
    return in.ok();
}

void putPayload(ByteWriter& out, const UndoRecord& record) {
    out.put(record.fileBytes).put(static_cast<std::uint64_t>(record.modificationTime));
    out.put(static_cast<std::uint32_t>(record.head.size()));
    out.put(std::span<const std::byte>(record.head));
    out.put(record.tailOffset).put(static_cast<std::uint32_t>(record.tail.size()));
    out.put(std::span<const std::byte>(record.tail));
}
bool decodePayload(std::span<const std::byte> payload, UndoRecord& record) {
    ByteReader in(payload);
    record.fileBytes = in.get<std::uint64_t>();
    record.modificationTime = static_cast<std::int64_t>(in.get<std::uint64_t>());
    record.head = copyOf(in.getBytes(in.get<std::uint32_t>()));
    record.tailOffset = in.get<std::uint64_t>();
    record.tail = copyOf(in.getBytes(in.get<std::uint32_t>()));
    return in.ok();
}

void putPayload(ByteWriter& out, const RepairedRecord& record) {
    out.put(record.fileBytes).put(static_cast<std::uint32_t>(record.head.size()));
    out.put(std::span<const std::byte>(record.head));
}
bool decodePayload(std::span<const std::byte> payload, RepairedRecord& record) {
    ByteReader in(payload);
    record.fileBytes = in.get<std::uint64_t>();
    record.head = copyOf(in.getBytes(in.get<std::uint32_t>()));
    return in.ok();
}

void putPayload(ByteWriter& out, const RingTailRecord& record) {
    out.put(record.fileFrame).put(static_cast<std::uint32_t>(record.audio.size()));
    out.put(std::span<const std::byte>(record.audio));
}
bool decodePayload(std::span<const std::byte> payload, RingTailRecord& record) {
    ByteReader in(payload);
    record.fileFrame = in.get<std::uint64_t>();
    record.audio = copyOf(in.getBytes(in.get<std::uint32_t>()));
    return in.ok();
}

void putPayload(ByteWriter& out, const ErrorRecord& record) {
    out.put(record.stage).put(record.code).put(record.fileFrame).put(record.text);
}
bool decodePayload(std::span<const std::byte> payload, ErrorRecord& record) {
    ByteReader in(payload);
    record.stage = in.get<std::uint32_t>();
    record.code = in.get<std::uint32_t>();
    record.fileFrame = in.get<std::uint64_t>();
    return getText(in, record.text) && in.ok();
}

void putPayload(ByteWriter& out, const ChunkRecord& record) {
    out.put(std::as_bytes(std::span(record.id)));
    out.put(std::span<const std::byte>(record.payload));
}
bool decodePayload(std::span<const std::byte> payload, ChunkRecord& record) {
    ByteReader in(payload);
    const auto id = in.getBytes(record.id.size());
    if (!in.ok()) return false;
    std::memcpy(record.id.data(), id.data(), id.size());
    record.payload = copyOf(in.rest());
    return isFreeChunkId(record.id) && record.payload.size() <= kMaxChunkRecordBytes;
}

}  // namespace holdfast
