#include "iocore/recovery/segment_check.h"

#include <algorithm>
#include <cerrno>

#include "iocore/riff/riff_format.h"

namespace holdfast {
namespace {

// What a core's own cache holds: read and summed before it is gone from there.
constexpr std::size_t kReadBytes = 256 << 10;
constexpr std::uint64_t kPageBytes = 4'096;
// Failed commits in a row at the end of a take.
constexpr std::size_t kMaxFailedAtEnd = 64;
constexpr int kMaxTriesAtOneStart = 4;
// A journal that claims more than so many times the file is not one of a recording.
constexpr std::uint64_t kMostPasses = 8;

}  // namespace

SegmentCheck::SegmentCheck(DiskFile& file, std::uint64_t fileBytes, std::uint64_t salt,
                           const KnownSegments& segments, Progress progress)
    : file_(file),
      fileBytes_(fileBytes),
      salt_(salt),
      segments_(segments),
      progress_(std::move(progress)) {
    order_.reserve(segments_.size());
    for (std::size_t i = segments_.size(); i-- > 0;) {
        order_.push_back(static_cast<std::uint32_t>(i));
    }
    std::ranges::stable_sort(order_, {},
                             [this](std::uint32_t index) { return segments_[index].start; });
}

// Segments stand one behind the other, so one read serves several, and each byte is read once.
Result<std::span<const std::byte>> SegmentCheck::bytesAt(std::uint64_t at, std::uint64_t most) {
    if (at < windowStart_ || at - windowStart_ >= windowBytes_) {
        buffer_.resize(kReadBytes);
        windowStart_ = at / kPageBytes * kPageBytes;
        windowBytes_ = 0;
        const auto got = file_.readAt(windowStart_, buffer_);
        if (!got) return fail(got.error());
        windowBytes_ = *got;
        if (at - windowStart_ >= windowBytes_) return std::span<const std::byte>{};
    }
    const std::uint64_t in = at - windowStart_;
    return std::span<const std::byte>(buffer_).subspan(
        static_cast<std::size_t>(in),
        static_cast<std::size_t>(std::min<std::uint64_t>(most, windowBytes_ - in)));
}

Result<> SegmentCheck::tell() {
    if (!progress_ || progress_(std::min(doneBytes_, fileBytes_), fileBytes_)) return {};
    return fail(Stage::recovery, ECANCELED, "cancelled");
}

Result<bool> SegmentCheck::holds(std::uint64_t start, std::uint64_t bytes, std::uint64_t expected) {
    if (start > fileBytes_ || bytes > fileBytes_ - start) return false;
    sum_.reset(segmentSeed(salt_, start));
    for (std::uint64_t done = 0; done < bytes;) {
        const auto part = bytesAt(start + done, bytes - done);
        if (!part) return fail(part.error());
        if (part->empty()) return false;
        sum_.update(*part);
        done += part->size();
        doneBytes_ += part->size();
        if (auto told = tell(); !told) return fail(told.error());
    }
    return sum_.value() == expected;
}

Result<CheckedSegments> SegmentCheck::check(std::uint64_t from) {
    CheckedSegments found;
    std::uint64_t position = from;
    std::uint64_t chain = from;
    std::uint64_t start = 0;
    int tries = 0;
    for (const std::uint32_t index : order_) {
        const KnownSegment& segment = segments_[index];
        if (segment.start < position || segment.start >= fileBytes_) {
            if (segment.start >= from && segment.end() > fileBytes_) {
                found.beyondFile = std::max(found.beyondFile, segment.end());
            }
            continue;
        }
        tries = segment.start == start ? tries + 1 : 0;
        start = segment.start;
        if (tries >= kMaxTriesAtOneStart) continue;
        const std::uint64_t end = segment.end();
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
        found.last = segment;
        if (segment.start == chain) {
            chain = end;
            found.chainEnd = segment;
        }
        position = end;
    }
    doneBytes_ = std::max(doneBytes_, fileBytes_);  // what no segment covers needs no reading
    if (auto told = tell(); !told) return fail(told.error());
    return found;
}

Result<std::optional<CheckedSegments>> SegmentCheck::checkEnd() {
    std::vector<const KnownSegment*> chain;
    std::uint64_t position = kHeaderBlockBytes;
    for (const std::uint32_t index : order_) {
        const KnownSegment& segment = segments_[index];
        if (segment.start > position) return std::nullopt;
        if (segment.start < position) continue;  // superseded
        chain.push_back(&segment);
        position += segment.bytes;
    }
    CheckedSegments found;
    while (!chain.empty() && found.failed.size() < kMaxFailedAtEnd) {
        const KnownSegment& last = *chain.back();
        chain.pop_back();
        const std::uint64_t end = last.end();
        if (end > fileBytes_) {
            found.beyondFile = std::max(found.beyondFile, end);
            continue;
        }
        const auto held = holds(last.start, last.bytes, last.checksum);
        if (!held) return fail(held.error());
        if (*held) {
            found.proven.push_back({last.start, end});
            found.chainEnd = found.last = last;
            std::ranges::reverse(found.failed);
            doneBytes_ = std::max(doneBytes_, fileBytes_);
            if (auto told = tell(); !told) return fail(told.error());
            return found;
        }
        found.failed.push_back({last.start, end});
    }
    return std::nullopt;
}

const KnownSegment* SegmentCheck::endingAt(std::uint64_t end) const {
    const KnownSegment* segment = lastUpTo(end);
    return segment != nullptr && segment->end() == end ? segment : nullptr;
}

const KnownSegment* SegmentCheck::lastUpTo(std::uint64_t end) const {
    const KnownSegment* best = nullptr;
    for (const std::uint32_t index : order_) {
        const KnownSegment& segment = segments_[index];
        if (segment.start > end || segment.bytes > end - segment.start) continue;
        if (best == nullptr || segment.end() > best->end()) {
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
