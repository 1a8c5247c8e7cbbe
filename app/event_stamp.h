// When an event was, and where in the file.
#pragma once

#include <cstdint>

namespace holdfast {

struct EventStamp {
    std::uint64_t timeNs = 0;  // monotonic
    std::uint64_t frame = 0;
};

}  // namespace holdfast
