#include "iocore/capture/source_pace.h"

#include <gtest/gtest.h>

#include "iocore/capture/frame_clock.h"

namespace holdfast {
namespace {

using Verdict = SourcePace::Verdict;

constexpr std::uint32_t kRate = 48'000;

// A delivery each 100 ms, of `part` of what the clock says, for `seconds`.
class Source {
  public:
    explicit Source(FrameClock::Pace pace = FrameClock::Pace::learned)
        : clock_(kRate, kRate / 10, pace) {}
    void deliver(double seconds, double part = 1) {
        for (double until = now_ + seconds; now_ < until;) {
            now_ += 0.1;
            frames_ += part * kRate / 10;
            pace_.observe(now_, now_ * kRate - frames_);
            missing_ +=
                clock_.observe(static_cast<std::uint64_t>(now_ * 1e9),
                               static_cast<std::uint64_t>(frames_), FrameClock::Suspicion::none);
        }
    }
    void lose(double seconds) { now_ += seconds; }
    [[nodiscard]] Verdict verdict() const { return pace_.verdict(); }
    [[nodiscard]] double missingSeconds() const { return static_cast<double>(missing_) / kRate; }
    [[nodiscard]] double unsettledSeconds() const {
        return static_cast<double>(clock_.unsettled()) / kRate;
    }

  private:
    SourcePace pace_{kRate};
    FrameClock clock_;
    double now_ = 0;
    double frames_ = 0;
    std::uint64_t missing_ = 0;
};

TEST(SourcePace, IsUnknownForSomeSeconds) {
    Source source;
    source.deliver(3);
    EXPECT_EQ(source.verdict(), Verdict::unknown);
    source.deliver(4);
    EXPECT_EQ(source.verdict(), Verdict::steady);
}

TEST(SourcePace, OneLossLeavesItSteady) {
    Source source;
    source.deliver(2);
    source.lose(5);
    source.deliver(5);
    EXPECT_EQ(source.verdict(), Verdict::steady);
    EXPECT_NEAR(source.missingSeconds(), 5, 0.02) << "told when the pace is known";
}

TEST(SourcePace, SlowAndFastOnesHaveNoneAndNoGaps) {
    for (const double part : {0.5, 0.9, 1.5, 40.0}) {
        Source source;
        source.deliver(20, part);
        EXPECT_EQ(source.verdict(), Verdict::unpaced) << part;
        source.lose(3);
        source.deliver(20, part);
        EXPECT_EQ(source.missingSeconds(), 0) << part;
    }
}

TEST(SourcePace, BecomesSteadyWithItsSource) {
    Source source;
    source.deliver(10, 0.5);
    source.deliver(10);
    EXPECT_EQ(source.verdict(), Verdict::steady);
    EXPECT_EQ(source.missingSeconds(), 0);
    source.lose(2);
    source.deliver(5);
    EXPECT_NEAR(source.missingSeconds(), 2, 0.02);
}

TEST(SourcePace, DeviceWithAClockOfItsOwnIsNeverUnpaced) {
    Source source(FrameClock::Pace::known);
    source.deliver(10, 0.5);
    EXPECT_GT(source.missingSeconds(), 4);
}

TEST(SourcePace, WhatIsMissingAtTheVeryEndIsToldToo) {
    for (const auto pace : {FrameClock::Pace::known, FrameClock::Pace::learned}) {
        Source source(pace);
        source.deliver(10);
        EXPECT_EQ(source.unsettledSeconds(), 0);
        source.lose(3);
        source.deliver(0.5);
        EXPECT_EQ(source.missingSeconds(), 0);
        EXPECT_NEAR(source.unsettledSeconds(), 3, 0.02);
    }
}

}  // namespace
}  // namespace holdfast
