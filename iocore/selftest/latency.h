// Latency: how long one thing took, over many times, as percentiles.
//
// Percentiles, because what a recording feels is the slow commit, and a mean hides it.
#pragma once

#include <cstdint>
#include <vector>

namespace holdfast {

// Nanoseconds; all zero when nothing was measured.
struct Latency {
    std::uint64_t count = 0;
    std::int64_t p50 = 0;
    std::int64_t p95 = 0;
    std::int64_t p99 = 0;
    std::int64_t worst = 0;
};

// By the nearest rank: each percentile is a time that was really measured. [any thread]
Latency latencyOf(std::vector<std::int64_t> nanoseconds);

}  // namespace holdfast
