#include "iocore/base/clock_reading.h"

namespace holdfast {

// The performance counter, which is this clock, goes on in a sleeping machine: then what is missing
// is part of the loss or the pause that the device makes of it.
ClockReading readClock() {
    return {std::chrono::steady_clock::now().time_since_epoch(), std::chrono::nanoseconds(0)};
}

}  // namespace holdfast
