#include "iocore/journal/journal.h"

#include <cerrno>

namespace holdfast {

Journal::Journal() {
    payload_.reserve(kRecordBytes);
    record_.reserve(kRecordBytes);
}

Result<std::unique_ptr<Journal>> Journal::create(std::unique_ptr<DiskFile> file,
                                                 const JournalHeader& header,
                                                 const StartRecord& start,
                                                 std::span<const ChunkRecord> chunks) {
    std::unique_ptr<Journal> journal(new Journal);
    journal->file_ = std::move(file);
    journal->header_ = header;
    const auto head = encodeJournalHeader(header);
    if (auto wrote = journal->file_->writeAt(0, head); !wrote) return fail(wrote.error());
    journal->end_ = head.size();
    journal->append(RecordType::start, start);
    for (const ChunkRecord& chunk : chunks) journal->append(RecordType::chunk, chunk);
    journal->sync();
    if (journal->error_) return fail(*journal->error_);
    return journal;
}

Result<std::unique_ptr<Journal>> Journal::resume(std::unique_ptr<DiskFile> file,
                                                 const JournalReading& reading) {
    std::unique_ptr<Journal> journal(new Journal);
    journal->file_ = std::move(file);
    journal->header_ = reading.header;
    journal->end_ = reading.endOfRecords;
    journal->sequence_ = reading.nextSequence;
    return journal;
}

void Journal::appendPayload(RecordType type, std::span<const std::byte> payload) {
    if (error_) return;
    encodeRecord(record_, type, {sequence_, end_, header_.salt}, payload);
    const auto& bytes = record_.bytes();
    if (auto wrote = file_->writeAt(end_, bytes); !wrote) {
        error_ = wrote.error();
        return;
    }
    end_ += bytes.size();
    ++sequence_;
    dirty_ = true;
}

bool Journal::sync() {
    if (error_) return false;
    if (!dirty_) return true;
    if (auto synced = file_->sync(); !synced) {
        // What a failed sync covered may be gone although a later one succeeds.
        error_ = synced.error();
        return false;
    }
    dirty_ = false;
    if (reserveBytes_ > 0 && end_ + reserveBytes_ / 2 > reservedEnd_) (void)renewReserve();
    return true;
}

Result<> Journal::keepReserve(std::uint64_t bytes) {
    reserveBytes_ = bytes;
    return bytes > 0 ? renewReserve() : Result<>{};
}

Result<> Journal::renewReserve() {
    auto kept = file_->reserve(reserveBytes_);
    if (kept) reservedEnd_ = end_ + reserveBytes_;
    return kept;
}

void Journal::retryCancelled() {
    if (error_ && error_->code == ECANCELED) error_.reset();
}

void Journal::releaseReserve() {
    if (reserveBytes_ > 0) (void)file_->releaseReserve();
    reserveBytes_ = 0;
}

}  // namespace holdfast
