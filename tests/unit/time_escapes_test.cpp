#include "app/time_escapes.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

// Wednesday, 2026-03-04 15:06:07.
std::tm afternoon() {
    std::tm time{};
    time.tm_year = 126;
    time.tm_mon = 2;
    time.tm_mday = 4;
    time.tm_hour = 15;
    time.tm_min = 6;
    time.tm_sec = 7;
    time.tm_wday = 3;
    time.tm_yday = 62;
    return time;
}

TEST(TimeEscapes, IsoCIsTheSameOnEveryPlatform) {
    const std::tm time = afternoon();
    EXPECT_EQ(expandTimeEscapes("%Y-%m-%d_%H-%M-%S", time), "2026-03-04_15-06-07");
    EXPECT_EQ(expandTimeEscapes("%F %T %R", time), "2026-03-04 15:06:07 15:06");
    EXPECT_EQ(expandTimeEscapes("%a %A %b %B %h", time), "Wed Wednesday Mar March Mar");
    EXPECT_EQ(expandTimeEscapes("%C %y %e %j %I %p", time), "20 26  4 063 03 PM");
    EXPECT_EQ(expandTimeEscapes("%U %V %W %G %u %w", time), "09 10 09 2026 3 3");
    EXPECT_EQ(expandTimeEscapes("%Od|%Ey", time), "04|26");
}

TEST(TimeEscapes, WhatIsNoEscapeStays) {
    const std::tm time = afternoon();
    EXPECT_EQ(expandTimeEscapes("100%%", time), "100%");
    EXPECT_EQ(expandTimeEscapes("take {1}", time), "take {1}");
    EXPECT_EQ(expandTimeEscapes("a%{b}%Y", time), "a%{b}2026");
    EXPECT_EQ(expandTimeEscapes("%Q.wav", time), "%Q.wav");
    EXPECT_EQ(expandTimeEscapes("", time), "");
    EXPECT_EQ(expandTimeEscapes("запись %H", time), "запись 15");
}

}  // namespace
}  // namespace holdfast
