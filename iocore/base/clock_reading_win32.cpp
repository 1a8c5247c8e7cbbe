#include <windows.h>

#include "iocore/base/clock_reading.h"

namespace holdfast {

// The unbiased interrupt time (100 ns) stands while the system sleeps, the tick count (ms) does
// not.
ClockReading readClock() {
    ULONGLONG unbiased = 0;
    ::QueryUnbiasedInterruptTime(&unbiased);
    const std::chrono::nanoseconds awake(static_cast<std::int64_t>(unbiased) * 100);
    return {awake, std::chrono::milliseconds(::GetTickCount64()) - awake};
}

}  // namespace holdfast
