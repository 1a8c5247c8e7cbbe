#include "iocore/journal/journaling_io_proc.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <map>
#include <mutex>
#include <new>

namespace holdfast {
namespace {

// mmio carries 32 bits to the IOProc (adwInfo), too few for a pointer: cookies stand for objects.
class Cookies {
  public:
    std::uint32_t add(JournalingIoProc* object) {
        const std::lock_guard lock(mutex_);
        while (last_ == 0 || objects_.contains(last_)) ++last_;
        objects_[last_] = object;
        return last_++;
    }
    JournalingIoProc* find(std::uint32_t cookie) {
        const std::lock_guard lock(mutex_);
        const auto found = objects_.find(cookie);
        return found == objects_.end() ? nullptr : found->second;
    }
    void remove(std::uint32_t cookie) {
        const std::lock_guard lock(mutex_);
        objects_.erase(cookie);
    }

  private:
    std::mutex mutex_;
    std::map<std::uint32_t, JournalingIoProc*> objects_;
    std::uint32_t last_ = 1;
};

// Never destroyed: a thread that was left on a hanging disk may still use it at exit.
Cookies& cookies() {
    static auto* const table = new Cookies;
    return *table;
}

std::uint64_t saltOf(const Journal* journal) {
    return journal ? journal->header().salt : 0;
}

}  // namespace

JournalingIoProc::JournalingIoProc(DiskFile& file, Journal* journal)
    : file_(file),
      journal_(journal),
      cookie_(cookies().add(this)),
      segmentSum_(segmentSeed(saltOf(journal), 0)) {}

JournalingIoProc::~JournalingIoProc() {
    cookies().remove(cookie_);
}

IoProcBinding JournalingIoProc::binding() const {
    return {kCode, &proc, cookie_};
}

LRESULT CALLBACK JournalingIoProc::proc(LPSTR infoBytes, UINT message, LPARAM first,
                                        LPARAM second) {
    auto& info = *reinterpret_cast<MMIOINFO*>(infoBytes);
    JournalingIoProc* self = cookies().find(info.adwInfo[0]);
    if (self == nullptr) return message == MMIOM_OPEN ? LRESULT{MMIOERR_CANNOTOPEN} : LRESULT{-1};
    // No exception may cross mmio, which is C.
    try {
        return self->dispatch(info, message, first, second);
    } catch (const std::bad_alloc&) {
        return self->latch({Stage::mmio, ENOMEM, "out of memory"});
    } catch (const std::exception& problem) {
        return self->latch({Stage::mmio, 0, problem.what()});
    }
}

LRESULT JournalingIoProc::dispatch(MMIOINFO& info, UINT message, LPARAM first, LPARAM second) {
    switch (message) {
        case MMIOM_OPEN:
            return onOpen(info);
        case MMIOM_CLOSE:
            return onClose();
        case MMIOM_READ:
            return onRead(info, reinterpret_cast<std::byte*>(first), second);
        case kMsgWrite:
        case MMIOM_WRITE:
            return onWrite(info, reinterpret_cast<const std::byte*>(first), second);
        case kMsgWriteFlush:  // an application may not send MMIOM_WRITEFLUSH itself
        case MMIOM_WRITEFLUSH:
            return onWriteFlush(info, reinterpret_cast<const std::byte*>(first), second);
        case MMIOM_SEEK:
            return onSeek(info, first, second);
        case MMIOM_RENAME:
            return MMSYSERR_NOTSUPPORTED;
        case kMsgPatchFlush:
            return onPatchFlush(*reinterpret_cast<const PatchRequest*>(first));
        case kMsgReceipt:
            *reinterpret_cast<CommitReceipt*>(first) = receipt_;
            return 0;
        case kMsgLastError:
            *reinterpret_cast<const Error**>(first) = firstError_ ? &*firstError_ : nullptr;
            return 0;
        case kMsgPosition:
            *reinterpret_cast<std::int64_t*>(first) = static_cast<std::int64_t>(position_);
            return 0;
        case kMsgClearError:
            firstError_.reset();
            return 0;
        case kMsgSeekTo:
            return onSeekTo(info, *reinterpret_cast<const std::int64_t*>(first));
        case kMsgAnnounce:
            announced_ = *reinterpret_cast<const CommitPosition*>(first);
            return 0;
        default:
            return 0;
    }
}

// The disk file is open already: mmio's file name is never looked at.
LRESULT JournalingIoProc::onOpen(MMIOINFO& info) {
    moveTo(info, 0);
    return MMSYSERR_NOERROR;
}

LRESULT JournalingIoProc::onClose() {
    return MMSYSERR_NOERROR;
}

LRESULT JournalingIoProc::onRead(MMIOINFO& info, std::byte* into, LPARAM bytes) {
    if (bytes < 0) return latch({Stage::mmio, 0, "read of a negative size"});
    const auto got = file_.readAt(position_, {into, static_cast<std::size_t>(bytes)});
    if (!got) return latch(got.error());
    moveTo(info, position_ + *got);
    return static_cast<LRESULT>(*got);
}

LRESULT JournalingIoProc::onWrite(MMIOINFO& info, const std::byte* from, LPARAM bytes) {
    if (bytes < 0) return latch({Stage::mmio, 0, "write of a negative size"});
    return write(info, {from, static_cast<std::size_t>(bytes)}, Durable::no);
}

LRESULT JournalingIoProc::onWriteFlush(MMIOINFO& info, const std::byte* from, LPARAM bytes) {
    if (bytes < 0) return latch({Stage::mmio, 0, "write of a negative size"});
    return write(info, {from, static_cast<std::size_t>(bytes)}, Durable::yes);
}

// Only the small positions of the header chunks ever come this way.
LRESULT JournalingIoProc::onSeek(MMIOINFO& info, LPARAM offset, LPARAM origin) {
    std::int64_t base = 0;
    if (origin == SEEK_CUR) {
        base = static_cast<std::int64_t>(position_);
    } else if (origin == SEEK_END) {
        const auto size = file_.size();
        if (!size) return latch(size.error());
        base = static_cast<std::int64_t>(*size);
        offset = -offset;  // as winmm does: from the end a positive offset counts backwards
    } else if (origin != SEEK_SET) {
        return -1;
    }
    const std::int64_t target = base + offset;
    if (target < 0 || target > INT32_MAX) return -1;
    if (static_cast<std::uint64_t>(target) != position_) {
        moveTo(info, static_cast<std::uint64_t>(target));
        startSegmentAt(position_);
    }
    return static_cast<LRESULT>(target);
}

// Step 3 and 4 of the commit: the header block, whole, then the barrier.
LRESULT JournalingIoProc::onPatchFlush(const PatchRequest& request) {
    if (firstError_) return -1;
    const std::span bytes(static_cast<const std::byte*>(request.bytes), request.size);
    if (auto wrote = file_.writeAt(request.offset, bytes); !wrote) return latch(wrote.error());
    if (auto synced = file_.sync(); !synced) return latch(synced.error());
    return 0;
}

LRESULT JournalingIoProc::onSeekTo(MMIOINFO& info, std::int64_t position) {
    if (position < 0) return latch({Stage::mmio, 0, "seek to a negative position"});
    moveTo(info, static_cast<std::uint64_t>(position));
    startSegmentAt(position_);
    announced_.reset();
    return 0;
}

LRESULT JournalingIoProc::write(MMIOINFO& info, std::span<const std::byte> bytes, Durable durable) {
    // After a failure the file's end is unknown: nothing is written behind it until the caller has
    // gone back to a position that it knows.
    if (firstError_) return -1;
    if (!bytes.empty()) {
        if (auto wrote = file_.writeAt(position_, bytes); !wrote) return latch(wrote.error());
        segmentSum_.update(bytes);
        moveTo(info, position_ + bytes.size());
    }
    if (durable == Durable::yes && !commit()) return -1;
    return static_cast<LRESULT>(bytes.size());
}

// Step 1's record and step 2: what was written since the last commit becomes durable.
bool JournalingIoProc::commit() {
    recordSegment();
    if (auto synced = file_.sync(); !synced) {
        latch(synced.error());
        return false;
    }
    receipt_ = {receipt_.sequence + 1, segmentStart_, position_ - segmentStart_,
                segmentSum_.value(), position_};
    startSegmentAt(position_);
    return true;
}

// Only audio is recorded: the writer announces where it stands in frames. Header and trailing
// chunks have the header block and the data-end record.
void JournalingIoProc::recordSegment() {
    if (journal_ == nullptr || !announced_) return;
    const CommitPosition& at = *announced_;
    SegmentRecord segment;
    segment.start = segmentStart_;
    segment.bytes = position_ - segmentStart_;
    segment.checksum = segmentSum_.value();
    segment.fileFrameEnd = at.fileFrame;
    segment.ringFrameEnd = at.ringFrame;
    segment.deviceFrameEnd = at.deviceFrame;
    segment.gapCount = at.gapCount;
    segment.commit = at.commit;
    journal_->append(RecordType::segment, segment);
    announced_.reset();
    if (++commitsSinceJournalSync_ >= kCommitsPerJournalSync) {
        journal_->sync();
        commitsSinceJournalSync_ = 0;
    }
}

void JournalingIoProc::startSegmentAt(std::uint64_t position) {
    segmentStart_ = position;
    segmentSum_ = StreamingChecksum(segmentSeed(saltOf(journal_), position));
}

void JournalingIoProc::moveTo(MMIOINFO& info, std::uint64_t position) {
    position_ = position;
    info.lDiskOffset = static_cast<LONG>(static_cast<std::uint32_t>(position));
}

LRESULT JournalingIoProc::latch(Error error) {
    if (!firstError_) firstError_ = std::move(error);
    return -1;
}

}  // namespace holdfast
