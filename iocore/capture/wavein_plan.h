// How many buffers a waveIn driver is given, and how long each is.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"

namespace holdfast {

// What a test forces, instead of the plan.
struct ForcedHeaders {
    std::uint32_t count = 0;
    std::uint32_t ms = 0;  // each
    bool operator==(const ForcedHeaders&) const = default;
};

// "8x50": 1 to 1024 headers of 1 to 10000 ms. Errors: Stage::usage.
Result<ForcedHeaders> parseForcedHeaders(std::string_view text);

struct HeaderPlan {
    std::uint32_t count = 0;
    std::uint32_t frames = 0;  // each
    std::uint32_t bytes = 0;   // each: whole frames

    // All of them: for how long the capture thread may be away.
    [[nodiscard]] std::chrono::nanoseconds queueTime(const PcmFormat& format) const;
};

// Each about `fragmentMs` long and at most 32 KiB, together a second, 8 to 64 of them: with 4 of
// 20 ms a live signal lost its half, with 16 of 100 ms nothing.
HeaderPlan planHeaders(const PcmFormat& format, std::uint32_t fragmentMs,
                       std::optional<ForcedHeaders> forced);

}  // namespace holdfast
