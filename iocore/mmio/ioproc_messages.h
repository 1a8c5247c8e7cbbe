// The messages between MmioFile and the IOProc behind it, beyond those of mmio itself.
//
// mmio hides errors, knows 31 bits of position and has no call for a durable write; an application
// may send only messages from MMIOM_USER on. So all three travel in these. Every one answers 0, or
// bytes where said so, or -1 with the error latched; an unknown message answers 0 and touches
// nothing, which the caller notices by what it put into the answer before.
//
// The IOProc: OPEN and CLOSE arrive under a process-wide mutex, so they only bind and unbind their
// state (by the cookie in adwInfo[0]) and do no I/O: a disk that hangs there would hold up every
// other file. The file's name in OPEN means nothing. All others arrive on the thread that uses the
// file, with no lock held, in the file's order. [writer thread] [blocks]
#pragma once

#include <cstdint>

#include "iocore/base/result.h"
#include "iocore/mmio/mmio.h"

namespace holdfast {

// A durable write at a byte offset of the file, which leaves the write position alone.
struct PatchRequest {
    std::uint64_t offset = 0;
    const void* bytes = nullptr;
    std::uint32_t size = 0;
};

// Where the writer stands at the commit that follows, in frames since the take's start: bytes mean
// nothing to the reader of a journal. Kept with the segment that the next write-flush ends.
struct CommitPosition {
    std::uint64_t commit = 0;       // number of the commit, from 1
    std::uint64_t fileFrame = 0;    // frames in the file, filled gaps included
    std::uint64_t ringFrame = 0;    // captured frames among them
    std::uint64_t deviceFrame = 0;  // captured, lost and paused: the device's own timeline
    std::uint64_t gapCount = 0;     // gaps and pauses before it
};

// What the last durable write added to what survives a power cut. Offsets and sizes in bytes.
struct CommitReceipt {
    std::uint64_t sequence = 0;      // of the commit, rising
    std::uint64_t segmentStart = 0;  // offset in the file of the bytes since the commit before
    std::uint64_t segmentBytes = 0;
    std::uint64_t segmentChecksum = 0;
    std::uint64_t fileBytes = 0;  // the file's length that is durable now
    bool operator==(const CommitReceipt&) const = default;
};

// first = buffer, second = bytes. Handled as MMIOM_WRITEFLUSH with the same two: the bytes, and all
// written before them, are durable when it answers bytes. 0 bytes is a barrier alone.
inline constexpr UINT kMsgWriteFlush = MMIOM_USER + 1;
// first = const PatchRequest*.
inline constexpr UINT kMsgPatchFlush = MMIOM_USER + 2;
// first = CommitReceipt*.
inline constexpr UINT kMsgReceipt = MMIOM_USER + 3;
// first = const Error**: the first error since open or the last kMsgClearError, nullptr when none;
// valid until the next message.
inline constexpr UINT kMsgLastError = MMIOM_USER + 4;
// first = std::int64_t*: the write position.
inline constexpr UINT kMsgPosition = MMIOM_USER + 5;
// The caller has dealt with the latched error and will write the range again.
inline constexpr UINT kMsgClearError = MMIOM_USER + 6;
// first = const std::int64_t*: the new write position.
inline constexpr UINT kMsgSeekTo = MMIOM_USER + 7;
// first = const CommitPosition*.
inline constexpr UINT kMsgAnnounce = MMIOM_USER + 8;
// first = buffer, second = bytes. Handled as MMIOM_WRITE with the same two: what mmioWrite sends
// where the position still fits MMIOINFO's.
inline constexpr UINT kMsgWrite = MMIOM_USER + 9;

}  // namespace holdfast
