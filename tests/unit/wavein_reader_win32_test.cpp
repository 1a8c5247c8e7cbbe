// The capture thread's work, on this thread and in virtual time.
#include "iocore/capture/wavein_reader.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <numeric>
#include <vector>

#include "tests/support/allocation_guard.h"
#include "tests/support/fake_wavein_win32.h"
#include "tests/support/feed_rig.h"

namespace holdfast {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeWaveIn;

// Each frame carries its number.
constexpr PcmFormat kMono32{48'000, 1, SampleType::S32, 0x4};
constexpr std::uint64_t kMs = 48;  // frames
// Of a gap's length: the driver hands over each 10 ms.
constexpr std::uint64_t kTolerance = 12 * kMs;

class ReaderRig {
  public:
    explicit ReaderRig(std::optional<ForcedHeaders> forced = {})
        : driver(std::make_shared<FakeWaveIn>()),
          feed(kMono32, 600 * 48'000),
          stream(driver, kMono32, planHeaders(kMono32, 50, forced)),
          reader(stream, feed.feed(), "Device") {
        driver->devices = {{L"Device", L"{1}", {}, 1, {}}};
        EXPECT_EQ(stream.open(0), MMSYSERR_NOERROR);
        EXPECT_EQ(stream.start(), MMSYSERR_NOERROR);
    }

    // Nothing on the way may allocate; `feed` is drained meanwhile, as a writer does.
    void runUntil(milliseconds end) {
        scriptUntil(end);
        {
            const test::AllocationGuard guard;
            EXPECT_EQ(reader.run(), WaveInReader::End::stopped);
        }
        feed.drain();
    }
    // The same for a device that is lost before; the words of that may allocate.
    void runUntilLost(milliseconds end) {
        scriptUntil(end);
        EXPECT_EQ(reader.run(), WaveInReader::End::deviceLost);
        feed.drain();
    }
    void stopAndDrain() {
        {
            const test::AllocationGuard guard;
            reader.stopAndDrain();
        }
        EXPECT_TRUE(stream.close());
        feed.feed().finish();
        feed.drain();
    }

    [[nodiscard]] std::uint64_t gapFrames() const {
        return std::accumulate(feed.gaps.begin(), feed.gaps.end(), std::uint64_t{0},
                               [](std::uint64_t sum, const Gap& gap) { return sum + gap.frames; });
    }
    // Frames missing in front of `frame` of what arrived: its number says how many came before.
    [[nodiscard]] std::uint64_t missingBefore(std::uint64_t frame) const {
        return static_cast<std::uint64_t>(feed.sampleAt(frame, 0)) - frame;
    }
    // Every frame that was delivered is the device's next, but where frames are missing.
    void expectOrder() const {
        for (std::uint64_t i = 1; i < feed.frames(); ++i) {
            ASSERT_GE(missingBefore(i), missingBefore(i - 1)) << i;
        }
    }

    std::shared_ptr<FakeWaveIn> driver;
    test::FeedRig feed;
    WaveInStream stream;
    WaveInReader reader;

  private:
    void scriptUntil(milliseconds end) {
        for (milliseconds time{0}; time < end; time += milliseconds(250)) {
            driver->at(time, [this] { feed.drain(); });
        }
        driver->at(end, [this] { reader.stop(); });
    }
};

std::uint64_t distance(std::uint64_t a, std::uint64_t b) {
    return a > b ? a - b : b - a;
}

TEST(WaveInReader, EveryFrameArrivesInOrderAndTheLastPartlyFilledBufferToo) {
    ReaderRig rig;
    rig.runUntil(milliseconds(10'033));
    rig.stopAndDrain();
    EXPECT_EQ(rig.feed.frames(), rig.driver->capturedFrames());
    EXPECT_EQ(rig.feed.frames(), 10'030 * kMs);
    EXPECT_EQ(rig.missingBefore(rig.feed.frames() - 1), 0U);
    rig.expectOrder();
    EXPECT_TRUE(rig.feed.gaps.empty());
    EXPECT_EQ(rig.driver->calls(),
              (std::vector{FakeWaveIn::Call::open, FakeWaveIn::Call::start, FakeWaveIn::Call::stop,
                           FakeWaveIn::Call::reset, FakeWaveIn::Call::close}));
}

TEST(WaveInReader, DriverThatSetsNoEventIsLookedAtAllTheSame) {
    ReaderRig rig;
    rig.driver->setEvents(false);
    rig.runUntil(seconds(60));
    rig.stopAndDrain();
    EXPECT_EQ(rig.feed.frames(), rig.driver->capturedFrames());
    EXPECT_TRUE(rig.feed.gaps.empty());
}

TEST(WaveInReader, DriftOfTheDeviceIsNoGap) {
    for (const double drift : {0.0005, -0.0005}) {
        ReaderRig rig;
        rig.driver->setDrift(drift);
        rig.runUntil(seconds(590));
        EXPECT_TRUE(rig.feed.gaps.empty()) << drift;
    }
}

TEST(WaveInReader, DeliveriesThatAreLateAreNoGap) {
    ReaderRig rig;
    for (int second = 5; second < 60; second += 5) {
        rig.driver->at(seconds(second), [&] { rig.driver->standStill(milliseconds(800)); });
        rig.driver->at(milliseconds(second * 1000 + 2'500),
                       [&] { rig.driver->oversleep(milliseconds(700)); });
    }
    rig.runUntil(seconds(65));
    rig.stopAndDrain();
    EXPECT_EQ(rig.driver->lostFrames(), 0U);
    EXPECT_EQ(rig.feed.frames(), rig.driver->capturedFrames());
    EXPECT_TRUE(rig.feed.gaps.empty());
}

TEST(WaveInReader, DriverWithoutABufferIsAGapAtItsPlace) {
    ReaderRig rig;
    rig.driver->at(seconds(10), [&] { rig.driver->oversleep(milliseconds(2'500)); });
    rig.driver->at(seconds(30), [&] { rig.driver->oversleep(milliseconds(1'200)); });
    rig.runUntil(seconds(60));
    rig.stopAndDrain();
    ASSERT_EQ(rig.feed.gaps.size(), 2U);
    EXPECT_NEAR(static_cast<double>(rig.driver->lostFrames()), 1'700 * kMs, 200 * kMs);
    std::uint64_t before = 0;
    for (const Gap& gap : rig.feed.gaps) {
        EXPECT_EQ(gap.cause, GapCause::driverOverrun);
        // What came before is whole, what is missing is exactly here.
        EXPECT_EQ(rig.missingBefore(gap.atFrame - 1), before);
        const std::uint64_t missing = rig.missingBefore(gap.atFrame) - before;
        EXPECT_GT(missing, 0U);
        EXPECT_LE(distance(gap.frames, missing), kTolerance);
        before += missing;
    }
    EXPECT_EQ(before, rig.driver->lostFrames());
}

TEST(WaveInReader, LossThatTheDriverKeepsToItselfIsAGapByTheClock) {
    ReaderRig rig;
    rig.driver->at(seconds(20), [&] { rig.driver->loseInSilence(300 * kMs); });
    rig.runUntil(seconds(60));
    ASSERT_EQ(rig.feed.gaps.size(), 1U);
    EXPECT_EQ(rig.feed.gaps[0].cause, GapCause::clock);
    EXPECT_LE(distance(rig.feed.gaps[0].frames, 300 * kMs), kTolerance);
    // Where the clock was sure: a second behind.
    EXPECT_GE(rig.feed.gaps[0].atFrame, 20'000 * kMs);
    EXPECT_LE(rig.feed.gaps[0].atFrame, 21'500 * kMs);
}

TEST(WaveInReader, ShortBufferWithALossBehindItIsAGapAtItsPlace) {
    ReaderRig rig;
    rig.driver->at(milliseconds(20'020), [&] { rig.driver->handOverShort(40 * kMs); });
    rig.runUntil(seconds(30));
    ASSERT_EQ(rig.feed.gaps.size(), 1U);
    const Gap& gap = rig.feed.gaps[0];
    EXPECT_EQ(gap.cause, GapCause::driverOverrun);
    EXPECT_LE(distance(gap.frames, 40 * kMs), kTolerance);
    EXPECT_EQ(rig.missingBefore(gap.atFrame - 1), 0U);
    EXPECT_EQ(rig.missingBefore(gap.atFrame), 40 * kMs);
}

TEST(WaveInReader, ShortBufferAloneIsNoGap) {
    ReaderRig rig;
    for (int second = 1; second < 25; ++second) {
        rig.driver->at(milliseconds(second * 1000 + 20), [&] { rig.driver->handOverShort(0); });
    }
    rig.runUntil(seconds(30));
    rig.stopAndDrain();
    EXPECT_EQ(rig.feed.frames(), rig.driver->capturedFrames());
    EXPECT_TRUE(rig.feed.gaps.empty());
}

TEST(WaveInReader, TooFewBuffersLoseAndEveryLossIsCounted) {
    for (const ForcedHeaders forced : {ForcedHeaders{1, 5}, ForcedHeaders{2, 1}}) {
        ReaderRig rig(forced);
        rig.runUntil(seconds(60));
        rig.stopAndDrain();
        rig.expectOrder();
        const std::uint64_t lost = rig.driver->lostFrames();
        EXPECT_GT(lost, 10'000 * kMs) << forced.count;
        EXPECT_LE(distance(rig.gapFrames(), lost), lost / 50) << forced.count;
        // And each near its place: what is missing so far was told so far.
        std::uint64_t told = 0;
        for (const Gap& gap : rig.feed.gaps) {
            ASSERT_LE(distance(rig.missingBefore(gap.atFrame - 1), told), 40 * kMs + lost / 50);
            told += gap.frames;
        }
    }
}

TEST(WaveInReader, LossRightBeforeTheEndIsCountedToo) {
    ReaderRig rig;
    rig.driver->at(milliseconds(9'960), [&] { rig.driver->oversleep(milliseconds(3'000)); });
    rig.driver->at(milliseconds(12'985), [&] { rig.reader.stop(); });
    rig.runUntil(seconds(20));
    rig.stopAndDrain();
    EXPECT_GT(rig.driver->lostFrames(), 1'500 * kMs);
    EXPECT_LE(distance(rig.gapFrames(), rig.driver->lostFrames()), kTolerance);
}

TEST(WaveInReader, DeviceThatDeliversNothingForTooLongIsLost) {
    ReaderRig rig;
    rig.driver->at(milliseconds(5'020), [&] { rig.driver->unplug(); });
    rig.runUntilLost(seconds(60));
    EXPECT_EQ(rig.feed.feed().ended(), CaptureEnd::deviceLost);
    EXPECT_EQ(rig.feed.feed().endError().stage, Stage::device);
    EXPECT_EQ(rig.feed.feed().endError().text, "Device: no audio for 3.0 s, the device is gone");
    // All that was delivered, and no gap for what can not be known.
    EXPECT_EQ(rig.feed.frames(), 5'000 * kMs);
    EXPECT_TRUE(rig.feed.gaps.empty());
}

TEST(WaveInReader, DeviceIsNotLostBeforeThreeQueuesHavePassed) {
    ReaderRig rig;
    rig.driver->at(seconds(5), [&] { rig.driver->standStill(milliseconds(2'900)); });
    rig.runUntil(seconds(30));
    // Behind a short queue it is a second.
    ReaderRig brief(ForcedHeaders{4, 5});
    brief.driver->at(seconds(5), [&] { brief.driver->standStill(milliseconds(900)); });
    brief.driver->at(seconds(10), [&] { brief.driver->standStill(milliseconds(1'200)); });
    brief.runUntilLost(seconds(30));
    EXPECT_GE(brief.feed.frames(), 9'000 * kMs);
}

TEST(WaveInReader, MachineThatSleptGivesItsDeviceTimeToComeBack) {
    ReaderRig rig;
    rig.driver->at(seconds(5), [&] {
        rig.driver->standStill(milliseconds(60'200));
        rig.driver->oversleep(seconds(60));
    });
    rig.runUntil(seconds(80));
    rig.stopAndDrain();
    EXPECT_GT(rig.driver->lostFrames(), 58'000 * kMs);
    EXPECT_LE(distance(rig.gapFrames(), rig.driver->lostFrames()), kTolerance);
}

TEST(WaveInReader, DriverThatTakesNoBufferBackIsALostDevice) {
    ReaderRig rig;
    rig.driver->at(seconds(5),
                   [&] { rig.driver->fail(FakeWaveIn::Call::addBuffer, MMSYSERR_NODRIVER); });
    rig.runUntilLost(seconds(60));
    EXPECT_EQ(rig.feed.feed().endError().code, MMSYSERR_NODRIVER);
    EXPECT_EQ(rig.feed.frames(), 5'000 * kMs);
}

TEST(WaveInReader, DrainOfAResetThatReturnsNothingEndsAtItsDeadline) {
    ReaderRig rig;
    rig.driver->fail(FakeWaveIn::Call::reset, MMSYSERR_ERROR);
    rig.runUntil(seconds(5));
    const std::uint64_t before = rig.driver->nowNs();
    rig.reader.stopAndDrain();
    EXPECT_LE(rig.driver->nowNs() - before, 1'100'000'000U);
    EXPECT_FALSE(rig.stream.close());
    EXPECT_EQ(rig.driver->queuedMemory().size(), 20U);
}

TEST(WaveInReader, NothingPassesAGateThatIsShut) {
    ReaderRig rig;
    rig.driver->at(seconds(5), [&] { rig.reader.gate().shut(); });
    rig.runUntilLost(seconds(30));
    rig.reader.stopAndDrain();
    rig.feed.drain();
    EXPECT_LE(rig.feed.frames(), 5'000 * kMs);
    EXPECT_EQ(rig.feed.feed().ended(), CaptureEnd::none);
}

}  // namespace
}  // namespace holdfast
