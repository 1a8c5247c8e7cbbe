// Journal: the writer's end of the record file beside a take.
//
// A journal that fails never stops the take: the audio and its header are safe without it. It goes
// silent, keeps its first error, and the recorder says so at once. Format: journal_format.h.
#pragma once

#include <cerrno>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>

#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"
#include "iocore/journal/journal_format.h"

namespace holdfast {

class Journal {
  public:
    // A new journal in the empty `file`: header, start and chunk records, durable when it returns
    // (its name in the folder is the caller's to sync). [control thread] [blocks]
    static Result<std::unique_ptr<Journal>> create(std::unique_ptr<DiskFile> file,
                                                   const JournalHeader& header,
                                                   const StartRecord& start,
                                                   std::span<const ChunkRecord> chunks = {});
    // An existing one, to append behind its last sound record. [blocks]
    static Result<std::unique_ptr<Journal>> resume(std::unique_ptr<DiskFile> file,
                                                   const JournalReading& reading);

    // Appends; not durable before sync(). No effect after a failure. Throws nothing: without memory
    // for a long text the journal has failed. [writer thread] [blocks]
    template <typename Record>
    void append(RecordType type, const Record& record) {
        guarded([&] {
            payload_.clear();
            putPayload(payload_, record);
            appendPayload(type, payload_.bytes());
        });
    }
    void append(RecordType type) {
        guarded([&] { appendPayload(type, {}); });
    }
    // Makes all records durable; false when the journal has failed, now or before.
    // [writer thread] [blocks]
    bool sync();

    // Keeps so much room on the disk behind the journal's end, now and as it grows: it holds what
    // a full disk must still take, our own records first. Fails when the room is not there now;
    // later that is no error. [writer thread] [blocks]
    Result<> keepReserve(std::uint64_t bytes);
    // Gives it to the take for its end. [writer thread] [blocks]
    void releaseReserve();

    // Goes on when the only failure was that the writer had been turned away from its disk
    // (disk_gate.h). [writer thread]
    void retryCancelled();

    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    [[nodiscard]] const JournalHeader& header() const { return header_; }
    [[nodiscard]] DiskFile& file() { return *file_; }

  private:
    // Records that fit here need no memory: all but markers with long texts.
    static constexpr std::size_t kRecordBytes = 4096;

    Journal();
    template <typename Step>
    void guarded(Step step) {
        try {
            step();
        } catch (const std::bad_alloc&) {
            error_ = Error{Stage::journal, ENOMEM, "out of memory"};
        }
    }
    Result<> renewReserve();
    void appendPayload(RecordType type, std::span<const std::byte> payload);

    std::unique_ptr<DiskFile> file_;
    JournalHeader header_;
    std::uint64_t end_ = 0;
    std::uint64_t sequence_ = 0;
    std::uint64_t reserveBytes_ = 0;
    std::uint64_t reservedEnd_ = 0;
    ByteWriter payload_;
    ByteWriter record_;
    bool dirty_ = false;
    std::optional<Error> error_;
};

}  // namespace holdfast
