// JournalingIoProc: the IOProc under the writer. mmio hands it bytes; it puts them on the disk,
// keeps the checksum of what was written since the last commit, and makes MMIOM_WRITEFLUSH the
// commit.
//
// Why an IOProc: it is the one place that sees every byte of the file in order, so a segment's
// checksum and its journal record cannot miss one, and the writer above is the same on every
// platform. The order of its operations is FORMAT.md, "The commit".
#pragma once

#include <cstdint>
#include <optional>

#include "iocore/base/checksum.h"
#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"
#include "iocore/journal/journal.h"
#include "iocore/mmio/ioproc_messages.h"
#include "iocore/mmio/mmio.h"
#include "iocore/mmio/mmio_file.h"

namespace holdfast {

// State of one open file. Lives at one address from open to close.
// All messages: [writer thread] [blocks]
class JournalingIoProc {
  public:
    static constexpr FOURCC kCode = mmioFOURCC('H', 'F', 'J', 'L');
    // Commits between two barriers of the journal, when nothing asks for one earlier.
    static constexpr std::uint64_t kCommitsPerJournalSync = 16;

    // `journal` may be nullptr: then nothing is recorded beside the file.
    JournalingIoProc(DiskFile& file, Journal* journal);
    ~JournalingIoProc();
    JournalingIoProc(const JournalingIoProc&) = delete;
    JournalingIoProc& operator=(const JournalingIoProc&) = delete;

    // What MmioFile::open() needs to reach this object.
    [[nodiscard]] IoProcBinding binding() const;

  private:
    static LRESULT CALLBACK proc(LPSTR info, UINT message, LPARAM first, LPARAM second);
    LRESULT dispatch(MMIOINFO& info, UINT message, LPARAM first, LPARAM second);

    LRESULT onOpen(MMIOINFO& info);
    LRESULT onClose();
    LRESULT onRead(MMIOINFO& info, std::byte* into, LPARAM bytes);
    LRESULT onWrite(MMIOINFO& info, const std::byte* from, LPARAM bytes);
    LRESULT onWriteFlush(MMIOINFO& info, const std::byte* from, LPARAM bytes);
    LRESULT onSeek(MMIOINFO& info, LPARAM offset, LPARAM origin);
    LRESULT onPatchFlush(const PatchRequest& request);
    LRESULT onSeekTo(MMIOINFO& info, std::int64_t position);

    enum class Durable { no, yes };
    // The one routine behind WRITE and WRITEFLUSH. Bytes written, or -1 with the error latched.
    LRESULT write(MMIOINFO& info, std::span<const std::byte> bytes, Durable durable);
    bool commit();
    void recordSegment();
    void startSegmentAt(std::uint64_t position);
    void moveTo(MMIOINFO& info, std::uint64_t position);
    LRESULT latch(Error error);

    DiskFile& file_;
    Journal* journal_;
    std::uint32_t cookie_;
    // The true position: mmio's own is 31 bits wide.
    std::uint64_t position_ = 0;
    std::uint64_t segmentStart_ = 0;
    StreamingChecksum segmentSum_;
    std::optional<CommitPosition> announced_;
    CommitReceipt receipt_;
    std::uint64_t commitsSinceJournalSync_ = 0;
    std::optional<Error> firstError_;
};

}  // namespace holdfast
