#include "app/start_condition.h"

#include <gtest/gtest.h>

#include <ctime>

namespace holdfast {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using std::chrono::system_clock;

// Noon of a day without a change of clocks anywhere, in this computer's time zone.
WallTime noon() {
    std::tm day{};
    day.tm_year = 2031 - 1900;
    day.tm_mon = 6;
    day.tm_mday = 16;
    day.tm_hour = 12;
    day.tm_isdst = -1;
    return system_clock::from_time_t(std::mktime(&day));
}

TEST(StartTime, IsTheNextSuchTime) {
    EXPECT_EQ(*parseStartTime("12:01", noon()), noon() + seconds(60));
    EXPECT_EQ(*parseStartTime("12:00:05", noon()), noon() + seconds(5));
    EXPECT_EQ(*parseStartTime("11:00", noon()), noon() + hours(23)) << "tomorrow";
    EXPECT_EQ(*parseStartTime("12:00", noon()), noon() + hours(24)) << "now is past";
}

TEST(StartTime, OfADateIsThatOne) {
    EXPECT_EQ(*parseStartTime("2031-07-17T12:00", noon()), noon() + hours(24));
    EXPECT_EQ(*parseStartTime("2031-07-16 12:00:01", noon()), noon() + seconds(1));
    const auto past = parseStartTime("2031-07-16T11:59", noon());
    ASSERT_FALSE(past);
    EXPECT_NE(past.error().text.find("is past"), std::string::npos);
}

TEST(StartTime, WhatNoClockShowsIsRefused) {
    for (const char* wrong : {"24:00", "12:60", "12:00:60", "2032-02-31T12:00", "2032-13-01T12:00",
                              "12", "noon", "12:0", "2032-01-01", "", "12:00x"}) {
        const auto at = parseStartTime(wrong, noon());
        ASSERT_FALSE(at) << wrong;
        EXPECT_EQ(at.error().stage, Stage::usage);
    }
}

TEST(Trigger, IsALevelAndATime) {
    const auto trigger = parseTrigger("-40,3s");
    ASSERT_TRUE(trigger) << trigger.error().text;
    EXPECT_DOUBLE_EQ(trigger->dbfs, -40);
    EXPECT_EQ(trigger->holdMs, 3000u);
    EXPECT_DOUBLE_EQ(trigger->linear(), 0.01);
    EXPECT_DOUBLE_EQ(parseTrigger("0,1m30s")->linear(), 1);
}

TEST(Trigger, WhatIsNoneIsRefusedWithTheReason) {
    for (const char* wrong : {"", "-40", "-40,", ",3s", "loud,3s", "-40;3s", "-40,3x", "-nan,1s"}) {
        EXPECT_FALSE(parseTrigger(wrong)) << wrong;
    }
    EXPECT_NE(parseTrigger("3,1s").error().text.find("-120 to 0"), std::string::npos);
    EXPECT_NE(parseTrigger("-40,2h").error().text.find("10ms to 1h"), std::string::npos);
}

}  // namespace
}  // namespace holdfast
