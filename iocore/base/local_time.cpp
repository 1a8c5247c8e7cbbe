#include "iocore/base/local_time.h"

#include <chrono>

namespace holdfast {

LocalTime earlier(const LocalTime& time, std::uint64_t nanoseconds) {
    using namespace std::chrono;
    const sys_days day{year(time.year) / month(time.month) / std::chrono::day(time.day)};
    const auto moment = time_point_cast<std::chrono::nanoseconds>(day) + seconds(time.secondOfDay) +
                        std::chrono::nanoseconds(time.nanoseconds) -
                        std::chrono::nanoseconds(nanoseconds);
    const auto newDay = floor<days>(moment);
    const year_month_day date(newDay);
    const auto second = floor<seconds>(moment - newDay);
    LocalTime result;
    result.year = static_cast<int>(date.year());
    result.month = static_cast<unsigned>(date.month());
    result.day = static_cast<unsigned>(date.day());
    result.secondOfDay = static_cast<std::uint32_t>(second.count());
    result.nanoseconds = static_cast<std::uint32_t>((moment - newDay - second).count());
    return result;
}

}  // namespace holdfast
