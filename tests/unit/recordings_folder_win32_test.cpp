// The folder of takes without a name, and the clock that names them, as Windows says.
#include <gtest/gtest.h>
#include <windows.h>

#include <string>

#include "app/recordings_folder.h"
#include "app/time_escapes.h"
#include "iocore/base/local_time.h"

namespace holdfast {
namespace {

TEST(RecordingsFolder, IsInTheKnownMusicFolder) {
    const std::string folder = recordingsFolder().value_or("");
    EXPECT_TRUE(folder.ends_with("\\Recordings")) << folder;
    EXPECT_EQ(folder.substr(1, 2), ":\\") << folder;
}

// Both ask the system; the C library, which strftime would ask, believes a variable TZ.
TEST(RecordingsFolder, NamesTheTakeByTheSystemsClock) {
    const LocalTime before = localWallClock();
    const std::tm time = localTimeNow();
    const LocalTime after = localWallClock();
    const auto second =
        static_cast<std::uint32_t>(time.tm_hour * 3600 + time.tm_min * 60 + time.tm_sec);
    EXPECT_TRUE(before.day != after.day ||
                (before.secondOfDay <= second && second <= after.secondOfDay));
    SYSTEMTIME today{};
    ::GetLocalTime(&today);
    // What the day of the year is, counted from its first day.
    SYSTEMTIME first = today;
    first.wMonth = first.wDay = 1;
    FILETIME then{};
    FILETIME now{};
    ::SystemTimeToFileTime(&first, &then);
    ::SystemTimeToFileTime(&today, &now);
    const auto ticks = [](const FILETIME& t) {
        return std::uint64_t{t.dwHighDateTime} << 32 | t.dwLowDateTime;
    };
    const std::uint64_t days = (ticks(now) - ticks(then)) / (86'400ULL * 10'000'000);
    EXPECT_TRUE(before.day != today.wDay || time.tm_yday == static_cast<int>(days));
}

}  // namespace
}  // namespace holdfast
