// What a recording waits for before it begins, as people write it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "iocore/base/result.h"

namespace holdfast {

// A sound that begins a file, and how long after the last one it ends.
struct TriggerOption {
    double dbfs = 0;  // of a sample's peak; -120 to 0
    std::uint64_t holdMs = 0;

    // Of full scale.
    [[nodiscard]] double linear() const;
};

// "-40,3s". Errors: Stage::usage. [any thread]
Result<TriggerOption> parseTrigger(std::string_view text);

using WallTime = std::chrono::system_clock::time_point;

// "20:15", "20:15:30": the next such time after `now`; "2030-12-31T20:15[:30]" (a blank instead of
// the T, too): that one. In this computer's time zone. Errors: Stage::usage, also for what is past
// or not on the clock (31 February). [any thread]
Result<WallTime> parseStartTime(std::string_view text, WallTime now);

}  // namespace holdfast
