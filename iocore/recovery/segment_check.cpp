#include "iocore/recovery/segment_check.h"

#include <algorithm>
#include <cerrno>

#include "iocore/base/checksum.h"
#include "iocore/riff/riff_format.h"

namespace holdfast {
namespace {

// A commit is 8 MiB and the silence of the gaps in it, each up to 60 s: 5.9 GB in the widest
// format. A record that claims more is not the writer's.
constexpr std::uint64_t kMaxSegmentBytes = 8ULL << 30;
// What a core's own cache holds: read and summed before it is gone from there.
constexpr std::size_t kReadBytes = 512 << 10;
// Failed commits in a row at the end of a take.
constexpr std::size_t kMaxFailedAtEnd = 64;
constexpr int kMaxTriesAtOneStart = 4;
// A journal that claims more than so many times the file is not one of a recording.
constexpr std::uint64_t kMostPasses = 8;

}  // namespace

SegmentCheck::SegmentCheck(DiskFile& file, std::uint64_t fileBytes, std::uint64_t salt,
                           std::span<const SegmentRecord> segments, Progress progress)
    : file_(file),
      fileBytes_(fileBytes),
      salt_(salt),
      segments_(segments),
      progress_(std::move(progress)) {
    for (std::size_t i = segments_.size(); i-- > 0;) {
        const SegmentRecord& segment = segments_[i];
        if (segment.bytes == 0 || segment.bytes > kMaxSegmentBytes ||
            segment.start < kHeaderBlockBytes) {
            continue;
        }
        order_.push_back(static_cast<std::uint32_t>(i));
    }
    std::ranges::stable_sort(order_, {},
                             [this](std::uint32_t index) { return segments_[index].start; });
}

Result<bool> SegmentCheck::holds(std::uint64_t start, std::uint64_t bytes, std::uint64_t expected) {
    if (start > fileBytes_ || bytes > fileBytes_ - start) return false;
    if (bytes <= kReadBytes) return holdsShort(start, bytes, expected);
    StreamingChecksum sum(segmentSeed(salt_, start));
    buffer_.resize(kReadBytes);
    windowBytes_ = 0;
    for (std::uint64_t done = 0; done < bytes;) {
        const auto part = std::span(buffer_).first(
            static_cast<std::size_t>(std::min<std::uint64_t>(bytes - done, buffer_.size())));
        const auto got = file_.readAt(start + done, part);
        if (!got) return fail(got.error());
        if (*got < part.size()) return false;
        sum.update(part);
        done += part.size();
        doneBytes_ += part.size();
    }
    if (progress_ && !progress_(doneBytes_, fileBytes_)) {
        return fail(Stage::recovery, ECANCELED, "cancelled");
    }
    return sum.value() == expected;
}

// One read serves several segments: they stand one behind the other.
Result<bool> SegmentCheck::holdsShort(std::uint64_t start, std::uint64_t bytes,
                                      std::uint64_t expected) {
    const bool there = start >= windowStart_ && start - windowStart_ <= windowBytes_ &&
                       windowBytes_ - (start - windowStart_) >= bytes;
    if (!there) {
        buffer_.resize(kReadBytes);
        const auto got = file_.readAt(start, buffer_);
        if (!got) return fail(got.error());
        windowStart_ = start;
        windowBytes_ = *got;
        if (*got < bytes) return false;
    }
    const auto part = std::span(buffer_).subspan(static_cast<std::size_t>(start - windowStart_),
                                                 static_cast<std::size_t>(bytes));
    doneBytes_ += bytes;
    if (progress_ && !progress_(doneBytes_, fileBytes_)) {
        return fail(Stage::recovery, ECANCELED, "cancelled");
    }
    return holdfast::checksum(part, segmentSeed(salt_, start)) == expected;
}

Result<CheckedSegments> SegmentCheck::check(std::uint64_t from) {
    CheckedSegments found;
    std::uint64_t position = from;
    std::uint64_t chain = from;
    std::uint64_t start = 0;
    int tries = 0;
    for (const std::uint32_t index : order_) {
        const SegmentRecord& segment = segments_[index];
        if (segment.start < position || segment.start >= fileBytes_) {
            if (segment.start >= from && segment.start + segment.bytes > fileBytes_) {
                found.beyondFile = std::max(found.beyondFile, segment.start + segment.bytes);
            }
            continue;
        }
        tries = segment.start == start ? tries + 1 : 0;
        start = segment.start;
        if (tries >= kMaxTriesAtOneStart) continue;
        const std::uint64_t end = segment.start + segment.bytes;
        if (end > fileBytes_) {
            found.beyondFile = std::max(found.beyondFile, end);
            continue;
        }
        // Honest records tell of each byte once, or a few times after failed commits.
        if (doneBytes_ > kMostPasses * fileBytes_) break;
        const auto held = holds(segment.start, segment.bytes, segment.checksum);
        if (!held) return fail(held.error());
        if (!*held) {
            addRange(found.failed, {segment.start, end});
            continue;
        }
        addRange(found.proven, {segment.start, end});
        if (segment.start == chain) {
            chain = end;
            found.chainEnd = segment;
        }
        position = end;
    }
    return found;
}

Result<std::optional<CheckedSegments>> SegmentCheck::checkEnd() {
    std::vector<const SegmentRecord*> chain;
    std::uint64_t position = kHeaderBlockBytes;
    for (const std::uint32_t index : order_) {
        const SegmentRecord& segment = segments_[index];
        if (segment.start > position) return std::nullopt;
        if (segment.start < position) continue;  // superseded
        chain.push_back(&segment);
        position += segment.bytes;
    }
    CheckedSegments found;
    while (!chain.empty() && found.failed.size() < kMaxFailedAtEnd) {
        const SegmentRecord& last = *chain.back();
        chain.pop_back();
        const std::uint64_t end = last.start + last.bytes;
        if (end > fileBytes_) {
            found.beyondFile = std::max(found.beyondFile, end);
            continue;
        }
        const auto held = holds(last.start, last.bytes, last.checksum);
        if (!held) return fail(held.error());
        if (*held) {
            found.proven.push_back({last.start, end});
            found.chainEnd = last;
            std::ranges::reverse(found.failed);
            return found;
        }
        found.failed.push_back({last.start, end});
    }
    return std::nullopt;
}

const SegmentRecord* SegmentCheck::endingAt(std::uint64_t end) const {
    const SegmentRecord* segment = lastUpTo(end);
    return segment != nullptr && segment->start + segment->bytes == end ? segment : nullptr;
}

const SegmentRecord* SegmentCheck::lastUpTo(std::uint64_t end) const {
    const SegmentRecord* best = nullptr;
    for (const std::uint32_t index : order_) {
        const SegmentRecord& segment = segments_[index];
        if (segment.start > end || segment.bytes > end - segment.start) continue;
        if (best == nullptr || segment.start + segment.bytes > best->start + best->bytes) {
            best = &segment;
        }
    }
    return best;
}

void addRange(std::vector<ByteRange>& ranges, ByteRange range) {
    if (!ranges.empty() && range.begin <= ranges.back().end) {
        ranges.back().end = std::max(ranges.back().end, range.end);
        return;
    }
    ranges.push_back(range);
}

std::uint64_t coveredBytes(const std::vector<ByteRange>& ranges, std::uint64_t begin,
                           std::uint64_t end) {
    std::uint64_t covered = 0;
    for (const ByteRange& range : ranges) {
        const std::uint64_t from = std::max(begin, range.begin);
        const std::uint64_t to = std::min(end, range.end);
        if (from < to) covered += to - from;
    }
    return covered;
}

}  // namespace holdfast
