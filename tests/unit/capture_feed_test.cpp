#include "iocore/capture/capture_feed.h"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <thread>
#include <vector>

#include "tests/support/allocation_guard.h"
#include "tests/support/feed_rig.h"

namespace holdfast {
namespace {

using test::FeedRig;

constexpr PcmFormat kMono16{48'000, 1, SampleType::S16, 0};

// `count` mono frames that carry first, first + 1, …
std::vector<std::byte> countUp(std::int16_t first, std::size_t count) {
    std::vector<std::int16_t> samples(count);
    std::iota(samples.begin(), samples.end(), first);
    std::vector<std::byte> bytes(count * sizeof(std::int16_t));
    std::memcpy(bytes.data(), samples.data(), bytes.size());
    return bytes;
}

std::vector<std::byte> concat(std::vector<std::byte> a, const std::vector<std::byte>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

TEST(CaptureFeed, WhatIsDeliveredComesOutOfTheRing) {
    FeedRig rig(kMono16, 1000);
    rig.feed().deliver(countUp(1, 300));
    rig.feed().deliver(countUp(301, 200));
    rig.drain();
    EXPECT_EQ(rig.audio, countUp(1, 500));
    EXPECT_TRUE(rig.gaps.empty());
}

TEST(CaptureFeed, ReservedAndCommittedFramesComeOutOfTheRing) {
    FeedRig rig(kMono16, 1000);
    const auto audio = countUp(1, 64);
    const auto space = rig.feed().reserve(100);
    ASSERT_EQ(space.size(), 200U);
    std::memcpy(space.data(), audio.data(), audio.size());
    rig.feed().commit(64);
    rig.drain();
    EXPECT_EQ(rig.audio, audio);
}

TEST(CaptureFeed, WhatDoesNotFitBecomesARingFullGapOfExactLength) {
    FeedRig rig(kMono16, 100);
    rig.feed().deliver(countUp(0, 130));
    rig.drain();
    rig.feed().deliver(countUp(130, 10));
    rig.drain();
    EXPECT_EQ(rig.audio, concat(countUp(0, 100), countUp(130, 10)));
    ASSERT_EQ(rig.gaps.size(), 1U);
    EXPECT_EQ(rig.gaps[0], (Gap{100, 30, GapCause::ringFull}));
}

TEST(CaptureFeed, ADevicesGapKeepsItsPlaceLengthAndCause) {
    FeedRig rig(kMono16, 100);
    rig.feed().deliver(countUp(0, 10));
    rig.feed().gap(7, GapCause::driverOverrun);
    rig.feed().gap(0, GapCause::suspended);
    rig.feed().deliver(countUp(17, 10));
    rig.drain();
    EXPECT_EQ(rig.audio, concat(countUp(0, 10), countUp(17, 10)));
    ASSERT_EQ(rig.gaps.size(), 1U);
    EXPECT_EQ(rig.gaps[0], (Gap{10, 7, GapCause::driverOverrun}));
}

TEST(CaptureFeed, PausedAudioIsOneIntervalAndNothingElse) {
    FeedRig rig(kMono16, 1000);
    rig.feed().deliver(countUp(0, 10));
    rig.feed().setPaused(true);
    rig.feed().deliver(countUp(10, 10));
    rig.feed().gap(5, GapCause::driverOverrun);
    ASSERT_FALSE(rig.feed().reserve(20).empty());
    rig.feed().commit(20);
    rig.feed().setPaused(false);
    rig.feed().deliver(countUp(45, 10));
    rig.drain();
    EXPECT_EQ(rig.audio, concat(countUp(0, 10), countUp(45, 10)));
    ASSERT_EQ(rig.gaps.size(), 1U);
    EXPECT_EQ(rig.gaps[0], (Gap{10, 35, GapCause::paused}));
}

TEST(CaptureFeed, LevelsAreTakenOnBothWaysInAndWhilePaused) {
    FeedRig rig(kMono16, 1000);
    rig.feed().deliver(countUp(0x2000, 1));
    EXPECT_EQ(rig.levels().takePeak(0), 0.25F);
    const auto half = countUp(0x4000, 1);
    std::memcpy(rig.feed().reserve(1).data(), half.data(), half.size());
    rig.feed().commit(1);
    EXPECT_EQ(rig.levels().takePeak(0), 0.5F);
    rig.feed().setPaused(true);
    rig.feed().deliver(countUp(0x2000, 1));
    EXPECT_EQ(rig.levels().takePeak(0), 0.25F);
}

TEST(CaptureFeed, TheEndCarriesItsErrorAndClosesAnOpenGap) {
    FeedRig rig(kMono16, 100);
    rig.feed().deliver(countUp(0, 10));
    rig.feed().gap(3, GapCause::injected);
    EXPECT_EQ(rig.feed().ended(), CaptureEnd::none);
    rig.feed().end(CaptureEnd::deviceLost, Error{Stage::device, 19, "gone"});
    EXPECT_EQ(rig.feed().ended(), CaptureEnd::deviceLost);
    EXPECT_EQ(rig.feed().endError().text, "gone");
    EXPECT_EQ(rig.feed().endError().code, 19);
    rig.drain();
    ASSERT_EQ(rig.gaps.size(), 1U);
    EXPECT_EQ(rig.gaps[0], (Gap{10, 3, GapCause::injected}));
}

TEST(CaptureFeed, FinishShowsTheWriterAGapThatNoAudioFollowed) {
    FeedRig rig(kMono16, 100);
    rig.feed().deliver(countUp(0, 110));
    EXPECT_TRUE(rig.feed().finish());
    rig.drain();
    ASSERT_EQ(rig.gaps.size(), 1U);
    EXPECT_EQ(rig.gaps[0], (Gap{100, 10, GapCause::ringFull}));
}

TEST(CaptureFeed, TheWriterIsWokenAfterEachPublishAndAtTheEnd) {
    FeedRig rig(kMono16, 100);
    rig.feed().deliver(countUp(0, 10));
    EXPECT_EQ(rig.wakeUps(), 1U);
    rig.feed().reserve(10);
    rig.feed().commit(10);
    EXPECT_EQ(rig.wakeUps(), 2U);
    rig.feed().end(CaptureEnd::endOfInput, {});
    EXPECT_EQ(rig.wakeUps(), 3U);
}

TEST(CaptureFeed, WaitForSpaceWaitsUntilTheWriterFreedIt) {
    FeedRig rig(kMono16, 100);
    rig.feed().deliver(countUp(0, 100));
    std::atomic<bool> stopping{false};
    std::atomic<bool> returned{false};
    std::size_t bytes = 0;
    std::thread device([&] {
        if (rig.feed().waitForSpace(50, stopping)) bytes = rig.feed().reserve(50).size();
        returned = true;
    });
    EXPECT_TRUE(rig.drainUntil([&] { return returned.load(); }));
    device.join();
    EXPECT_EQ(bytes, 100U);
}

TEST(CaptureFeed, WaitForSpaceGivesUpWhenStopped) {
    FeedRig rig(kMono16, 100);
    rig.feed().deliver(countUp(0, 100));
    std::atomic<bool> stopping{false};
    std::thread control([&] { stopping = true; });
    EXPECT_FALSE(rig.feed().waitForSpace(1, stopping));
    control.join();
}

TEST(CaptureFeed, WaitForMoreThanTheRingHoldsWaitsForAllOfIt) {
    FeedRig rig(kMono16, 100);
    const std::atomic<bool> stopping{false};
    EXPECT_TRUE(rig.feed().waitForSpace(1'000'000, stopping));
}

// Moved by the test.
struct TestClock {
    ClockReading now{std::chrono::hours(1), std::chrono::hours(1)};
    std::function<ClockReading()> reader() {
        return [this] { return now; };
    }
};

TEST(CaptureFeed, SleepOfTheMachineIsAGapInFrontOfWhatComesNext) {
    FeedRig rig(kMono16, 1000);
    TestClock clock;
    rig.feed().watchClock(true, clock.reader());
    rig.feed().deliver(countUp(0, 10));
    clock.now.asleep += std::chrono::milliseconds(500);
    rig.feed().deliver(countUp(10, 10));
    clock.now.asleep += std::chrono::milliseconds(250);
    const auto audio = countUp(20, 10);
    std::memcpy(rig.feed().reserve(10).data(), audio.data(), audio.size());
    rig.feed().commit(10);
    rig.drain();
    EXPECT_EQ(rig.audio, countUp(0, 30));
    EXPECT_EQ(rig.gaps, (std::vector<Gap>{{10, 24'000, GapCause::suspended},
                                          {20, 12'000, GapCause::suspended}}));
}

TEST(CaptureFeed, LossThatGrewDuringAPauseBelongsToThePause) {
    FeedRig rig(kMono16, 1000);
    TestClock clock;
    rig.feed().watchClock(true, clock.reader());
    rig.feed().outliveDevices([](const Error&) {});
    rig.feed().deliver(countUp(0, 10));
    rig.feed().end(CaptureEnd::deviceLost, Error{Stage::device, 19, "gone"});
    EXPECT_EQ(rig.feed().ended(), CaptureEnd::none);
    rig.feed().loseDevice();
    clock.now.awake += std::chrono::seconds(1);
    rig.feed().enterLoss();
    rig.feed().setPaused(true);
    clock.now.awake += std::chrono::seconds(1);
    rig.feed().enterLoss();
    EXPECT_EQ(rig.feed().lostFrames(), 96'000U);
    rig.feed().setPaused(false);
    clock.now.awake += std::chrono::seconds(1);
    rig.feed().deliver(countUp(10, 480));
    rig.drain();
    EXPECT_EQ(rig.gaps, (std::vector<Gap>{{10, 48'000, GapCause::deviceLost},
                                          {10, 48'000, GapCause::paused},
                                          {10, 47'520, GapCause::deviceLost}}));
    EXPECT_FALSE(rig.feed().isLost());
    EXPECT_EQ(rig.feed().lastLoss(), 143'520U);
    EXPECT_EQ(rig.feed().timelineFrames(), 10U + 143'520U + 480U);
}

TEST(CaptureFeed, TheCapturePathAllocatesNothing) {
    for (SampleType type : {SampleType::S16, SampleType::S24, SampleType::S32, SampleType::F32}) {
        const PcmFormat format{48'000, 3, type, 0};
        FeedRig rig(format, 10'000);
        rig.feed().watchClock(true);
        rig.feed().outliveDevices([](const Error&) {});
        const std::vector<std::byte> audio(6'000 * format.bytesPerFrame());
        const test::AllocationGuard guard;
        rig.feed().deliver(audio);
        rig.feed().gap(5, GapCause::driverOverrun);
        rig.feed().commit(rig.feed().reserve(100).size() / format.bytesPerFrame());
        rig.feed().setPaused(true);
        rig.feed().deliver(audio);
        rig.feed().setPaused(false);
        rig.feed().deliver(audio);
        rig.feed().finish();
    }
}

}  // namespace
}  // namespace holdfast
