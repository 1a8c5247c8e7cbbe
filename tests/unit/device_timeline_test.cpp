#include "iocore/capture/device_timeline.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kRate = 48'000;

ClockReading at(std::chrono::nanoseconds awake, std::chrono::nanoseconds asleep = 0s) {
    return {1h + awake, 5h + asleep};
}

TEST(DeviceTimeline, TimeIsFramesToTheNearestForYears) {
    EXPECT_EQ(framesIn(0s, kRate), 0U);
    EXPECT_EQ(framesIn(-1s, kRate), 0U);
    EXPECT_EQ(framesIn(10'416ns, kRate), 0U);
    EXPECT_EQ(framesIn(10'417ns, kRate), 1U);
    EXPECT_EQ(framesIn(1s + 20'833ns, kRate), 48'001U);
    EXPECT_EQ(framesIn(24h * 365 * 100 + 500ms, 384'000),
              100ULL * 365 * 86'400 * 384'000 + 192'000);
}

TEST(DeviceTimeline, NothingIsMissingWhileADeviceDelivers) {
    DeviceTimeline line(kRate, true);
    line.begin(at(0s));
    for (const auto now : {10ms, 900ms, 20'000ms}) {
        const auto missing = line.arrive(at(now), 480);
        EXPECT_EQ(missing.lost, 0U);
        EXPECT_EQ(missing.asleep, 0U);
    }
}

// From the last frame that came to the first one that comes again.
TEST(DeviceTimeline, LossLastsFromTheLastFrameToTheFirstOfTheNextDelivery) {
    DeviceTimeline line(kRate, true);
    line.begin(at(0s));
    line.arrive(at(100ms), 4'800);
    line.lose();
    EXPECT_EQ(line.lostUntil(at(350ms)), 12'000U);
    EXPECT_EQ(line.arrive(at(1100ms), 4'800).lost, 43'200U);
    EXPECT_EQ(line.lastLoss(), 43'200U);
    EXPECT_EQ(line.arrive(at(1200ms), 4'800).lost, 0U);
}

TEST(DeviceTimeline, WhatWasToldWhileItGrewIsNotToldAgain) {
    DeviceTimeline line(kRate, true);
    line.begin(at(0s));
    line.lose();
    EXPECT_EQ(line.tell(line.lostUntil(at(1s))), 48'000U);
    EXPECT_EQ(line.tell(line.lostUntil(at(1500ms))), 24'000U);
    EXPECT_EQ(line.arrive(at(2s), 4'800).lost, 96'000U - 4'800U - 72'000U);
    EXPECT_EQ(line.lastLoss(), 91'200U);
}

TEST(DeviceTimeline, DeviceThatCountsItselfIsBelieved) {
    DeviceTimeline line(kRate, true);
    line.begin(at(0s));
    line.lose();
    EXPECT_EQ(line.tell(12'345), 12'345U);
    line.closeLoss();
    EXPECT_EQ(line.arrive(at(9s), 100).lost, 0U);
    EXPECT_EQ(line.lastLoss(), 12'345U);
    // Only of that loss.
    line.lose();
    EXPECT_EQ(line.arrive(at(10s), 0).lost, 48'000U);
}

TEST(DeviceTimeline, LossIsNeverNothing) {
    DeviceTimeline line(kRate, true);
    line.begin(at(0s));
    line.lose();
    EXPECT_EQ(line.arrive(at(10ms), 4'800).lost, 1U);
}

TEST(DeviceTimeline, SleepOfTheMachineIsMissingBesideTheLoss) {
    DeviceTimeline line(kRate, true);
    line.begin(at(0s));
    line.arrive(at(1s), 100);
    EXPECT_EQ(line.arrive(at(1s, 10s), 100).asleep, 480'000U);
    EXPECT_EQ(line.arrive(at(2s, 10s), 100).asleep, 0U);
    line.lose();
    const auto missing = line.arrive(at(3s, 11s), 0);
    EXPECT_EQ(missing.lost, 48'000U);
    EXPECT_EQ(missing.asleep, 48'000U);
}

// Two clocks cannot be read at the same instant.
TEST(DeviceTimeline, ClocksThatDifferALittleAreNoSleep) {
    DeviceTimeline line(kRate, true);
    line.begin(at(0s));
    EXPECT_EQ(line.arrive(at(1s, 99ms), 100).asleep, 0U);
    EXPECT_EQ(line.arrive(at(2s, 20ms), 100).asleep, 0U);
    EXPECT_EQ(line.arrive(at(3s, 120ms), 100).asleep, 4'800U);
}

TEST(DeviceTimeline, DeviceThatIsNoClockKnowsNoSleep) {
    DeviceTimeline line(kRate, false);
    line.begin(at(0s));
    EXPECT_EQ(line.arrive(at(1s, 1h), 100).asleep, 0U);
}

}  // namespace
}  // namespace holdfast
