// LocalTime: a moment as the clock on the wall shows it, for fields that people read.
#pragma once

#include <cstdint>

namespace holdfast {

struct LocalTime {
    int year = 1970;
    unsigned month = 1;  // 1 to 12
    unsigned day = 1;
    std::uint32_t secondOfDay = 0;
    std::uint32_t nanoseconds = 0;
    bool operator==(const LocalTime&) const = default;
};

// In this computer's time zone, now. [any thread]
LocalTime localWallClock();
// So much before `time`, by its own clock: a change to summer time between the two is not seen.
LocalTime earlier(const LocalTime& time, std::uint64_t nanoseconds);

}  // namespace holdfast
