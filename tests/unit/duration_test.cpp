#include "iocore/base/duration.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

std::uint64_t ms(const char* text) {
    const auto parsed = parseDuration(text);
    EXPECT_TRUE(parsed.has_value()) << text;
    return parsed.value_or(0);
}

TEST(Duration, EveryWrittenFormHasItsLength) {
    EXPECT_EQ(ms("90"), 90'000U);
    EXPECT_EQ(ms("0.25"), 250U);
    EXPECT_EQ(ms("250ms"), 250U);
    EXPECT_EQ(ms("45s"), 45'000U);
    EXPECT_EQ(ms("1h30m"), 5'400'000U);
    EXPECT_EQ(ms("1.5h"), 5'400'000U);
    EXPECT_EQ(ms("2d1h1m1s1ms"), 176'461'001U);
    EXPECT_EQ(ms("10:00"), 600'000U);
    EXPECT_EQ(ms("00:10:00"), 600'000U);
    EXPECT_EQ(ms("90:00"), 5'400'000U);
    EXPECT_EQ(ms("0:00:01.5"), 1'500U);
    EXPECT_EQ(ms("0.1s"), 100U);
    EXPECT_EQ(ms("0"), 0U);
}

TEST(Duration, WhatIsNoTimeIsRefused) {
    for (const char* text : {"",
                             " ",
                             "x",
                             "5x",
                             "-1",
                             "+1",
                             "1h30",
                             "30m1h",
                             "1m1m",
                             ".5",
                             "1.",
                             "1.s",
                             "1:60",
                             "1:2:60",
                             "1:2:3:4",
                             ":30",
                             "30:",
                             "1:-2",
                             "1.5:00",
                             "1 h",
                             "1h ",
                             "0x10",
                             "1e3",
                             "nan",
                             "ms",
                             "99999999999999999999",
                             "3654d",
                             "9999999:00:00",
                             "400000000000000000h"}) {
        const auto parsed = parseDuration(text);
        EXPECT_FALSE(parsed.has_value()) << text << " = " << parsed.value_or(0);
        if (!parsed) {
            EXPECT_EQ(parsed.error().stage, Stage::usage);
            EXPECT_NE(parsed.error().text.find("1h30m"), std::string::npos);
        }
    }
}

TEST(Duration, ClockIsCutNeverRoundedUp) {
    EXPECT_EQ(clockText(0, 48'000), "0:00:00.0");
    EXPECT_EQ(clockText(4'799, 48'000), "0:00:00.0");
    EXPECT_EQ(clockText(4'800, 48'000), "0:00:00.1");
    EXPECT_EQ(clockText(48'000ULL * 3'599 + 47'999, 48'000), "0:59:59.9");
    EXPECT_EQ(clockText(48'000ULL * (123 * 3'600 + 4 * 60 + 5), 48'000), "123:04:05.0");
    EXPECT_EQ(clockText(44'099, 44'100), "0:00:00.9");
}

TEST(Duration, RemainingTimeNamesTwoUnits) {
    EXPECT_EQ(remainingText(9), "9s");
    EXPECT_EQ(remainingText(245), "4m05s");
    EXPECT_EQ(remainingText(11'520), "3h12m");
    EXPECT_EQ(remainingText(12 * 86'400 + 3 * 3'600), "12d3h");
}

}  // namespace
}  // namespace holdfast
