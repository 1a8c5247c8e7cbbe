#include <time.h>

#include "iocore/base/clock_reading.h"

namespace holdfast {

namespace {

using std::chrono::nanoseconds;

// Two looks at one clock lie closer together than this, or somebody came between them.
constexpr nanoseconds kUndisturbed = std::chrono::microseconds(100);
constexpr int kTries = 4;

nanoseconds read(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

}  // namespace

// CLOCK_MONOTONIC stands while the system is suspended, CLOCK_BOOTTIME does not.
ClockReading readClock() {
    nanoseconds before = read(CLOCK_MONOTONIC);
    nanoseconds after = before;
    nanoseconds sinceBoot{0};
    for (int i = 0; i < kTries; ++i) {
        sinceBoot = read(CLOCK_BOOTTIME);
        after = read(CLOCK_MONOTONIC);
        if (after - before < kUndisturbed) break;
        before = after;
    }
    return {after, sinceBoot - after};
}

}  // namespace holdfast
