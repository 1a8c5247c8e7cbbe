#include "iocore/capture/frame_clock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "tests/support/allocation_guard.h"

namespace holdfast {
namespace {

using Suspicion = FrameClock::Suspicion;

constexpr std::uint32_t kRate = 48'000;
constexpr std::uint64_t kBuffer = 2'400;  // 50 ms
constexpr double kWobble = 0.01 * kRate;  // frames by which a delivery is seen late here

// A device that delivers buffers at its own rate, each seen up to 10 ms late.
class Device {
  public:
    explicit Device(double drift) : rate_(kRate * (1 + drift)) {}

    // What the clock says at the next delivery. Lost frames are those that the device captured and
    // did not deliver.
    std::uint64_t next(Suspicion suspicion = Suspicion::none) {
        captured_ += kBuffer;
        delivered_ += kBuffer;
        seen_ = std::max(seen_, captured_ / rate_ + late_ + 0.01 * wobble_(random_));
        missing_ += clock_.observe(static_cast<std::uint64_t>(seen_ * 1e9), delivered_, suspicion);
        return missing_;
    }
    void deliver(double seconds) {
        for (double until = captured_ + seconds * rate_; captured_ < until;) next();
    }
    void lose(double seconds) { captured_ += seconds * rate_; }
    void beLate(double seconds) { late_ = seconds; }
    [[nodiscard]] const FrameClock& clock() const { return clock_; }
    [[nodiscard]] std::uint64_t missing() const { return missing_; }

  private:
    double rate_;
    FrameClock clock_{kRate, kBuffer};
    double captured_ = 0;
    std::uint64_t delivered_ = 0;
    std::uint64_t missing_ = 0;
    double seen_ = 0;
    double late_ = 0;
    std::mt19937 random_{1};
    std::uniform_real_distribution<double> wobble_{0, 1};
};

TEST(FrameClock, DriftIsFittedAndIsNoGap) {
    for (const double drift : {0.0, 0.0003, -0.0003, 0.001, -0.001}) {
        Device device(drift);
        device.deliver(2 * 3600);
        EXPECT_EQ(device.missing(), 0U) << drift;
        EXPECT_NEAR(device.clock().drift() / kRate, drift, 0.00005);
    }
}

TEST(FrameClock, StepIsFoundWithItsLengthAndOnce) {
    for (const double drift : {0.0, 0.0005, -0.0005}) {
        Device device(drift);
        device.deliver(100);
        device.lose(0.3);
        device.deliver(2);
        EXPECT_NEAR(static_cast<double>(device.missing()), 0.3 * kRate, kWobble) << drift;
        const std::uint64_t found = device.missing();
        device.deliver(3600);
        EXPECT_EQ(device.missing(), found) << drift;
    }
}

TEST(FrameClock, StepInTheFirstSecondsIsFoundToo) {
    Device device(0);
    device.deliver(0.5);
    device.lose(1);
    device.deliver(2);
    EXPECT_NEAR(static_cast<double>(device.missing()), kRate, kWobble);
}

TEST(FrameClock, StepOfLessThanTwoBuffersIsNone) {
    Device device(0);
    device.deliver(20);
    device.lose(0.085);
    device.deliver(600);
    EXPECT_EQ(device.missing(), 0U);
}

TEST(FrameClock, DeliveriesThatAreOnlyLateAreNoGap) {
    Device device(0);
    device.deliver(20);
    for (int stall = 0; stall < 50; ++stall) {
        // All that was held up comes at once: only the first deliveries look late.
        device.beLate(5);
        device.next();
        device.next();
        device.beLate(0);
        device.deliver(5);
        // And a second in which all is late, by more than two buffers.
        device.beLate(0.2);
        device.deliver(0.9);
        device.beLate(0);
        device.deliver(5);
    }
    EXPECT_EQ(device.missing(), 0U);
}

TEST(FrameClock, WithAReasonTheStepCountsAtOnce) {
    Device device(0);
    device.deliver(20);
    device.lose(0.05);
    const std::uint64_t found = device.next(Suspicion::noBuffer);
    EXPECT_NEAR(static_cast<double>(found), 0.05 * kRate, kWobble);
    // A reason alone is no loss.
    for (int i = 0; i < 1000; ++i) device.next(Suspicion::noBuffer);
    EXPECT_EQ(device.missing(), found);
}

TEST(FrameClock, LossAtEachDeliveryAddsUp) {
    Device device(0);
    double lost = 0;
    for (int i = 0; i < 2'000; ++i) {
        device.lose(0.007);
        lost += 0.007 * kRate;
        device.next(Suspicion::noBuffer);
    }
    // What is carried, and the wobble of the first delivery.
    EXPECT_NEAR(static_cast<double>(device.missing()), lost, 0.02 * kRate + 2 * kWobble);
}

TEST(FrameClock, FirstDeliveriesMayBeLate) {
    Device device(0);
    device.beLate(2);
    device.deliver(5);
    device.beLate(0);
    device.deliver(10);
    device.lose(0.3);
    device.deliver(2);
    EXPECT_NEAR(static_cast<double>(device.missing()), 0.3 * kRate, kWobble);
    // Nor does the drift remember them.
    const std::uint64_t found = device.missing();
    device.deliver(600);
    EXPECT_EQ(device.missing(), found);
}

TEST(FrameClock, AllocatesNothing) {
    FrameClock clock(kRate, kBuffer);
    const test::AllocationGuard guard;
    for (std::uint64_t i = 1; i < 5'000; ++i) {
        clock.observe(i * 50'000'000, i * kBuffer, Suspicion::none);
    }
}

}  // namespace
}  // namespace holdfast
