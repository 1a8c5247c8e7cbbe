#include <ctime>

#include "iocore/base/local_time.h"

namespace holdfast {

LocalTime localWallClock() {
    std::timespec now{};
    std::timespec_get(&now, TIME_UTC);
    std::tm local{};
    ::localtime_r(&now.tv_sec, &local);
    LocalTime time;
    time.year = local.tm_year + 1900;
    time.month = static_cast<unsigned>(local.tm_mon + 1);
    time.day = static_cast<unsigned>(local.tm_mday);
    const int second = local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec;
    time.secondOfDay = static_cast<std::uint32_t>(second);
    time.nanoseconds = static_cast<std::uint32_t>(now.tv_nsec);
    return time;
}

}  // namespace holdfast
