// TakeWriter where a take ends, or a step is tried again.
#include <gtest/gtest.h>

#include <cerrno>

#include "iocore/recorder/take_writer.h"
#include "tests/support/take_rig.h"

namespace holdfast {
namespace {

constexpr PcmFormat kMono24{48'000, 1, SampleType::S24, 0};

// The last thing in the ring is a gap, and its silence makes the bytes odd.
TEST(TakeWriter, OddSilenceAtTheEndOfTheRingWaits) {
    TakeRig rig(FaultDisk(), {.format = kMono24});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(2);
    ASSERT_TRUE(rig.commit());
    rig.lose(47);
    ASSERT_TRUE(rig.commit());
    EXPECT_EQ(rig.take->safeFrames(), 2u);
    rig.deliver(1);
    ASSERT_TRUE(rig.commit());
    EXPECT_EQ(rig.take->safeFrames(), 50u);
    rig.lose(1);
    ASSERT_TRUE(rig.finish().value());
    EXPECT_EQ(audioOf(rig.disk), rig.expected);
}

TEST(TakeWriter, StopAtAGapHoldsThroughARetry) {
    TakeRig rig(FaultDisk(), {.gapMode = GapMode::stop});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(100);
    rig.lose(10);
    const Bytes untilGap = rig.expected;
    rig.deliver(100);
    ASSERT_TRUE(rig.commit());
    bool failed = false;
    rig.disk.addHook([&failed](const DiskOp& op, std::size_t) {
        if (failed || op.kind != DiskOp::Kind::sync || op.name != "take.wav") return 0;
        failed = true;
        return EIO;
    });
    ASSERT_TRUE(rig.finish().value());
    EXPECT_TRUE(failed);
    EXPECT_EQ(audioOf(rig.disk), untilGap);
}

TEST(TakeWriter, NameThatIsNotDurableIsTriedAgainAndNothingIsLost) {
    for (const Repeat repeat : {Repeat::once, Repeat::forEver}) {
        TakeRig rig(FaultDisk(), {});
        ASSERT_TRUE(rig.take->begin());
        rig.deliver(100);
        rig.disk.failKind(DiskOp::Kind::folderSync, 0, EIO, repeat);
        EXPECT_EQ(rig.commit().has_value(), repeat == Repeat::once);
        ASSERT_FALSE(rig.errors.empty());
        EXPECT_EQ(rig.errors.back().code, EIO);
        EXPECT_EQ(rig.take->presentName(), "take.wav");
        EXPECT_EQ(rig.take->committedFrames(), 100u);
        EXPECT_EQ(rig.take->safeFrames(), repeat == Repeat::once ? 100u : 0u);
        EXPECT_EQ(rig.finish().value_or(false), repeat == Repeat::once);
        EXPECT_EQ(audioOf(rig.disk), rig.expected);
    }
}

TEST(TakeWriter, FinishEndsAlthoughTheDeviceGoesOn) {
    TakeRig rig(FaultDisk(), {});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(100);
    ASSERT_TRUE(rig.commit());
    const Bytes atFinish = rig.expected;
    rig.disk.addHook([&rig](const DiskOp& op, std::size_t) {
        if (op.kind == DiskOp::Kind::sync) rig.deliver(10);
        return 0;
    });
    ASSERT_TRUE(rig.finish().value());
    EXPECT_EQ(audioOf(rig.disk), atFinish);
}

TEST(TakeWriter, MarkersThatDoNotFitAreTold) {
    TakeRig rig(FaultDisk(), {});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(100);
    ASSERT_TRUE(rig.commit());
    const std::string longText(60'000, 'x');
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(rig.take->addMarker(longText, 5));
    ASSERT_TRUE(rig.finish().value());
    ASSERT_EQ(rig.errors.size(), 1u);
    EXPECT_EQ(rig.errors[0].stage, Stage::format);
}

}  // namespace
}  // namespace holdfast
