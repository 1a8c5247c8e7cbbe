#include "ui/meter_ballistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace holdfast {
namespace {

float linear(double db) {
    return static_cast<float>(std::pow(10, db / 20));
}

TEST(MeterBallistics, RisesAtOnce) {
    MeterBallistics meter;
    meter.advance(linear(-6), 0.001);
    EXPECT_NEAR(meter.level(), -6, 1e-4);
    EXPECT_NEAR(meter.hold(), -6, 1e-4);
    EXPECT_NEAR(meter.maximum(), -6, 1e-4);
}

TEST(MeterBallistics, FallsTwentyDecibelsInOneAndSevenTenthsWhateverTheStep) {
    for (const int steps : {1, 17, 170}) {
        MeterBallistics meter;
        meter.advance(1, 0);
        for (int i = 0; i < steps; ++i) meter.advance(0, 1.7 / steps);
        EXPECT_NEAR(meter.level(), -20, 1e-6) << steps;
    }
}

TEST(MeterBallistics, LouderSoundStopsTheFallAndSofterDoesNot) {
    MeterBallistics meter;
    meter.advance(1, 0);
    meter.advance(linear(-30), 0.85);
    EXPECT_NEAR(meter.level(), -10, 1e-6);
    meter.advance(linear(-8), 0.85);
    EXPECT_NEAR(meter.level(), -8, 1e-4);
}

TEST(MeterBallistics, HoldStandsForTwentySecondsAndTheNumberUntilItIsReset) {
    MeterBallistics meter;
    meter.advance(linear(-3), 0);
    for (int i = 0; i < 199; ++i) meter.advance(linear(-40), 0.1);
    EXPECT_NEAR(meter.hold(), -3, 1e-4);
    meter.advance(linear(-40), 0.1);
    EXPECT_NEAR(meter.hold(), -40, 1e-4);
    EXPECT_NEAR(meter.maximum(), -3, 1e-4);
    meter.reset();
    meter.advance(linear(-40), 0.1);
    EXPECT_NEAR(meter.maximum(), -40, 1e-4);
}

TEST(MeterBallistics, EqualPeakHoldsAnew) {
    MeterBallistics meter;
    meter.advance(linear(-3), 0);
    meter.advance(linear(-3), 15);
    meter.advance(0, 15);
    EXPECT_NEAR(meter.hold(), -3, 1e-4);
}

TEST(MeterBallistics, SilenceAndNonsenseAreSilence) {
    MeterBallistics meter;
    meter.advance(0, 0.1);
    meter.advance(std::nanf(""), 0.1);
    meter.advance(-1, -1);
    EXPECT_TRUE(std::isinf(meter.level()) && meter.level() < 0);
    EXPECT_TRUE(std::isinf(meter.maximum()));
    meter.advance(1, 0);
    meter.advance(0, 60);
    EXPECT_TRUE(std::isinf(meter.level())) << "below the scale it is nowhere";
}

}  // namespace
}  // namespace holdfast
