#include <windows.h>

#include "iocore/base/local_time.h"

namespace holdfast {

LocalTime localWallClock() {
    FILETIME utc{};
    GetSystemTimePreciseAsFileTime(&utc);
    SYSTEMTIME inUtc{};
    SYSTEMTIME local{};
    FileTimeToSystemTime(&utc, &inUtc);
    SystemTimeToTzSpecificLocalTime(nullptr, &inUtc, &local);
    const std::uint64_t ticks = std::uint64_t{utc.dwHighDateTime} << 32 | utc.dwLowDateTime;
    LocalTime time;
    time.year = local.wYear;
    time.month = local.wMonth;
    time.day = local.wDay;
    time.secondOfDay = local.wHour * 3600U + local.wMinute * 60U + local.wSecond;
    time.nanoseconds = static_cast<std::uint32_t>(ticks % 10'000'000 * 100);
    return time;
}

}  // namespace holdfast
