// Records as they lie in the file, and the reader that finds them again after a crash.
//
// Record: magic (4), type (2), 0 (2), payload bytes (4), head check (4), sequence (8),
// checksum (8), payload, zeros to the next multiple of 8. FORMAT.md, "The journal".
#include <fmt/format.h>

#include <algorithm>

#include "iocore/base/byte_codec.h"
#include "iocore/base/checksum.h"
#include "iocore/journal/journal_format.h"

namespace holdfast {
namespace {

constexpr std::uint32_t kRecordMagic = 0x43524648;  // "HFRC"
constexpr std::size_t kReadBytes = 128 << 10;

std::uint64_t recordSeed(std::uint64_t salt, std::uint64_t offset) {
    return salt ^ ~offset;
}

// Lets the reader refuse a wrong length without reading what it claims.
std::uint32_t headCheck(std::span<const std::byte> head, std::uint64_t seed) {
    StreamingChecksum sum(seed);
    sum.update(head.first(12));
    sum.update(head.subspan(16, 8));
    return static_cast<std::uint32_t>(sum.value());
}

std::uint64_t recordChecksum(std::span<const std::byte> head, std::span<const std::byte> payload,
                             std::uint64_t seed) {
    StreamingChecksum sum(seed);
    sum.update(head.first(24));
    sum.update(payload);
    return sum.value();
}

std::uint64_t paddedBytes(std::uint64_t payloadBytes) {
    return kRecordHeaderBytes + (payloadBytes + 7) / 8 * 8;
}

// A window on the file that moves forward, so that a journal of any length is read in constant
// memory.
class Window {
  public:
    Window(DiskFile& file, std::uint64_t fileBytes) : file_(file), fileBytes_(fileBytes) {}

    // `count` bytes at `offset`; empty when the file does not have them.
    Result<std::span<const std::byte>> at(std::uint64_t offset, std::size_t count) {
        if (offset > fileBytes_ || count > fileBytes_ - offset) return std::span<const std::byte>{};
        if (offset < start_ || offset - start_ + count > buffer_.size()) {
            const std::uint64_t want = std::max<std::uint64_t>(count, kReadBytes);
            buffer_.resize(static_cast<std::size_t>(std::min(want, fileBytes_ - offset)));
            start_ = offset;
            const auto got = file_.readAt(offset, buffer_);
            if (!got) return fail(got.error());
            buffer_.resize(*got);
            if (*got < count) return std::span<const std::byte>{};
        }
        return std::span<const std::byte>(buffer_).subspan(offset - start_, count);
    }

  private:
    DiskFile& file_;
    std::uint64_t fileBytes_;
    std::uint64_t start_ = 0;
    std::vector<std::byte> buffer_;
};

// The record at `offset`, if there is a sound one; its span lives until the window moves.
Result<bool> recordAt(Window& window, std::uint64_t offset, std::uint64_t salt,
                      JournalRecord& record) {
    const std::uint64_t seed = recordSeed(salt, offset);
    const auto head = window.at(offset, kRecordHeaderBytes);
    if (!head) return fail(head.error());
    if (head->empty() || loadLe<std::uint32_t>(head->data()) != kRecordMagic) return false;
    const auto payloadBytes = loadLe<std::uint32_t>(head->data() + 8);
    if (loadLe<std::uint32_t>(head->data() + 12) != headCheck(*head, seed)) return false;
    if (payloadBytes > kMaxRecordPayload) return false;

    const auto whole = window.at(offset, kRecordHeaderBytes + payloadBytes);
    if (!whole) return fail(whole.error());
    if (whole->empty()) return false;
    const auto headBytes = whole->first(kRecordHeaderBytes);
    const auto payload = whole->subspan(kRecordHeaderBytes);
    if (loadLe<std::uint64_t>(headBytes.data() + 24) != recordChecksum(headBytes, payload, seed)) {
        return false;
    }
    record.type = static_cast<RecordType>(loadLe<std::uint16_t>(headBytes.data() + 4));
    record.sequence = loadLe<std::uint64_t>(headBytes.data() + 16);
    record.offset = offset;
    record.payload = payload;
    return true;
}

}  // namespace

void encodeRecord(ByteWriter& out, RecordType type, const RecordPlace& place,
                  std::span<const std::byte> payload) {
    const std::uint64_t seed = recordSeed(place.salt, place.offset);
    out.clear();
    out.put(kRecordMagic).put(static_cast<std::uint16_t>(type)).put(std::uint16_t{0});
    out.put(static_cast<std::uint32_t>(payload.size())).put(std::uint32_t{0}).put(place.sequence);
    out.put(std::uint64_t{0}).put(payload);
    out.zeros(paddedBytes(payload.size()) - out.bytes().size());
    const auto head = std::span(out.bytes()).first(kRecordHeaderBytes);
    out.putAt(12, headCheck(head, seed));
    out.putAt(24, recordChecksum(head, payload, seed));
}

std::vector<std::byte> encodeRecord(RecordType type, std::uint64_t sequence, std::uint64_t offset,
                                    std::uint64_t salt, std::span<const std::byte> payload) {
    ByteWriter out;
    encodeRecord(out, type, {sequence, offset, salt}, payload);
    return out.take();
}

Result<JournalReading> readJournal(DiskFile& file,
                                   const std::function<void(const JournalRecord&)>& visit) {
    const auto size = file.size();
    if (!size) return fail(size.error());
    Window window(file, *size);
    const auto head =
        window.at(0, static_cast<std::size_t>(std::min<std::uint64_t>(*size, kJournalHeaderBytes)));
    if (!head) return fail(head.error());
    auto header = decodeJournalHeader(*head);
    if (!header) return fail(header.error());

    JournalReading reading;
    reading.header = *header;
    reading.endOfRecords = kJournalHeaderBytes;
    std::uint64_t badSinceLastRecord = 0;
    std::uint64_t offset = kJournalHeaderBytes;
    while (offset < *size) {
        JournalRecord record;
        const auto found = recordAt(window, offset, header->salt, record);
        if (!found) return fail(found.error());
        if (*found) {
            visit(record);
            ++reading.records;
            reading.nextSequence = record.sequence + 1;
            reading.damagedBytes += badSinceLastRecord;
            badSinceLastRecord = 0;
            offset += paddedBytes(record.payload.size());
            reading.endOfRecords = offset;
            continue;
        }
        const auto eight = static_cast<std::size_t>(std::min<std::uint64_t>(8, *size - offset));
        const auto bytes = window.at(offset, eight);
        if (!bytes) return fail(bytes.error());
        const bool zeros =
            std::ranges::all_of(*bytes, [](std::byte b) { return b == std::byte{0}; });
        if (!zeros) badSinceLastRecord += eight;
        offset += eight;
    }
    reading.tornBytes = badSinceLastRecord;
    return reading;
}

}  // namespace holdfast
