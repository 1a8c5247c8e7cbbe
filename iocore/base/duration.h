// Durations as people write and read them.
//
// One grammar for every option that takes a time, so that what the status line shows can be typed
// back: 90 (seconds), 250ms, 1.5h, 1h30m, 10:00, 00:10:00.5.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "iocore/base/result.h"

namespace holdfast {

// Milliseconds, rounded to the nearest; at most ten years. Units: d, h, m, s, ms, each at most once
// and in this order. Errors: Stage::usage, with the grammar. [any thread]
Result<std::uint64_t> parseDuration(std::string_view text);

// "0:12:34.5": position of a frame, cut to tenths. [any thread]
std::string clockText(std::uint64_t frames, std::uint32_t sampleRate);
// "3h12m", "4m05s", "9s", "12d3h": how long there is still room. [any thread]
std::string remainingText(std::uint64_t seconds);

}  // namespace holdfast
