// SegmentCheck: which bytes of a take the journal's checksums prove, and which they disprove.
//
// Records are what a crash or a liar left: they may overlap, repeat, or lie outside the file. Each
// position is asked once or a few times, never once a record.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "iocore/base/checksum.h"
#include "iocore/disk/disk_file.h"
#include "iocore/recovery/known_segment.h"

namespace holdfast {

struct ByteRange {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool operator==(const ByteRange&) const = default;
};

struct CheckedSegments {
    std::vector<ByteRange> proven;  // ascending, merged
    std::vector<ByteRange> failed;  // ascending, merged: recorded, there, and different
    // The last segment of the unbroken proven run from the first byte asked about.
    std::optional<KnownSegment> chainEnd;
    // The furthest that holds, whatever became of those before it.
    std::optional<KnownSegment> last;
    std::uint64_t beyondFile = 0;  // end of the furthest segment that the file is too short for
};

class SegmentCheck {
  public:
    using Progress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

    // `segments` in the order they were written; they outlive the check, as `file` does.
    SegmentCheck(DiskFile& file, std::uint64_t fileBytes, std::uint64_t salt,
                 const KnownSegments& segments, Progress progress);

    // Checks the segments that begin in [from, fileBytes).
    // Errors: Stage::disk, or ECANCELED of Stage::recovery. [any thread] [blocks]
    Result<CheckedSegments> check(std::uint64_t from);
    // The quick way: only the last segments are read, from the end backwards to the first that
    // holds. A segment is written when the one before it is durable, so a chain of records without
    // a hole says where the audio ends; what lies before is not looked at. Nothing, where the
    // chain has a hole or too much of its end fails: check() has to tell then.
    // Errors: as check(). [any thread] [blocks]
    Result<std::optional<CheckedSegments>> checkEnd();
    Result<bool> holds(std::uint64_t start, std::uint64_t bytes, std::uint64_t expected);
    // The latest record of a segment that ends at `end`; null when there is none.
    [[nodiscard]] const KnownSegment* endingAt(std::uint64_t end) const;
    // The furthest segment that ends at or before `end`; null when there is none.
    [[nodiscard]] const KnownSegment* lastUpTo(std::uint64_t end) const;

  private:
    Result<> tell();
    // Bytes of the file from `at` on, at least one and at most `most`; empty at its end.
    Result<std::span<const std::byte>> bytesAt(std::uint64_t at, std::uint64_t most);

    DiskFile& file_;
    std::uint64_t fileBytes_;
    std::uint64_t salt_;
    const KnownSegments& segments_;
    std::vector<std::uint32_t> order_;  // by start; of equal starts the latest first
    Progress progress_;
    StreamingChecksum sum_{0};
    std::vector<std::byte> buffer_;  // windowBytes_ of the file from windowStart_ on
    std::uint64_t windowStart_ = 0;
    std::uint64_t windowBytes_ = 0;
    std::uint64_t doneBytes_ = 0;
};

// Adds to ascending ranges, joining what touches.
void addRange(std::vector<ByteRange>& ranges, ByteRange range);
// How many bytes of [begin, end) the ranges cover.
std::uint64_t coveredBytes(const std::vector<ByteRange>& ranges, std::uint64_t begin,
                           std::uint64_t end);

}  // namespace holdfast
