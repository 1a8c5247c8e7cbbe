// KnownSegment: what recovery needs of a journal's segment record, in half of its room.
//
// A take of four hours has 57,600 of them. A deque grows by pieces; a vector that grows holds its
// old and its new room for a moment. Read by SegmentCheck. [any thread]
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "iocore/journal/journal_format.h"

namespace holdfast {

struct KnownSegment {
    std::uint64_t start = 0;  // byte offset in the file
    std::uint64_t checksum = 0;
    std::uint64_t ringFrameEnd = 0;
    std::uint64_t bytes : 34 = 0;
    std::uint64_t gapCount : 30 = 0;

    [[nodiscard]] std::uint64_t end() const { return start + bytes; }
};

static_assert(sizeof(KnownSegment) == 32);

using KnownSegments = std::deque<KnownSegment>;

// Nothing for a record that no writer can have meant. [any thread]
std::optional<KnownSegment> knownSegmentOf(const SegmentRecord& record);

}  // namespace holdfast
