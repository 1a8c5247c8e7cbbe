// Kills and power cuts of a recording that began before its start and was paused.
#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "tests/support/crash_images.h"
#include "tests/support/moments.h"
#include "tests/support/series_rig.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kPreroll = 257;

// Monitors for longer than the ring is, starts, pauses, splits while paused, pauses at a split.
void record(SeriesRig& rig) {
    for (int round = 0; round < 9; ++round) {
        rig.deliver(199);
        if (round == 7) rig.lose(23);
        rig.slide();
    }
    ASSERT_TRUE(rig.start());
    for (int round = 0; round < 3; ++round) {
        rig.deliver(131);
        ASSERT_TRUE(rig.commit());
    }
    rig.pause(1'000);
    rig.series->split();
    ASSERT_TRUE(rig.commit());
    ASSERT_TRUE(rig.commit());
    rig.deliver(77);
    ASSERT_TRUE(rig.commit());
    rig.pause(40);
    rig.deliver(55);
    rig.series->split();
    ASSERT_TRUE(rig.commit());
    rig.deliver(5);
    ASSERT_TRUE(rig.commit());
    rig.pause(7);
    ASSERT_TRUE(rig.finish().value_or(false));
}

const SeriesRigOptions kOptions{.ringFrames = 1'024, .prerollFrames = kPreroll};

std::size_t timesIn(const FileMap& files, std::string_view text) {
    std::size_t times = 0;
    for (const auto& [name, bytes] : files) {
        const std::string_view file(reinterpret_cast<const char*>(bytes->data()), bytes->size());
        for (auto at = file.find(text); at != file.npos; at = file.find(text, at + 1)) ++times;
    }
    return times;
}

TEST(PrerollImages, TakeHasEachFrameFromThePrerollOnOnce) {
    SeriesRig rig(FaultDisk(), kOptions);
    record(rig);
    if (HasFatalFailure()) return;
    std::string defect;
    EXPECT_TRUE(rig.audio(&defect) == rig.expected);
    EXPECT_EQ(defect, "");
    // The gap of the pre-roll is filled; a pause is no audio.
    EXPECT_EQ(rig.expected.size(), (kPreroll + 3 * 131 + 77 + 55 + 5) * 4);
    EXPECT_EQ(rig.partFrames(), (std::vector<std::uint64_t>{kPreroll + 3 * 131, 77 + 55, 5}));
    EXPECT_EQ(rig.series->lostFrames(), 23u);
    EXPECT_EQ(rig.series->gapCount(), 1u);
}

TEST(PrerollImages, EachPauseIsMarkedOnceWithItsLength) {
    SeriesRig rig(FaultDisk(), kOptions);
    record(rig);
    if (HasFatalFailure()) return;
    for (const char* label : {"pause of 1000 frames", "pause of 40 frames", "pause of 7 frames"}) {
        EXPECT_EQ(timesIn(rig.files(), label), 1u) << label;
    }
    // At the seam: the one that a split fell into begins the next file.
    std::vector<std::uint64_t> places;
    for (const GapRecord& gap : rig.gaps) {
        if (gap.gap.cause == GapCause::paused) places.push_back(gap.fileFrame);
    }
    const std::uint64_t first = kPreroll + 3 * 131;
    EXPECT_EQ(places, (std::vector<std::uint64_t>{first, first + 77, first + 77 + 55 + 5}));
}

TEST(PrerollImages, KillAtAnyOperationLosesAndRepeatsNothing) {
    SeriesRig rig(FaultDisk(), kOptions);
    std::vector<Moment> moments;
    recordMoments(rig, moments);
    record(rig);
    if (HasFatalFailure()) return;
    ASSERT_EQ(rig.partNames().size(), 3U);
    // Those of the start, when nothing was promised yet, are among them, and hold nothing.
    ASSERT_EQ(moments.front().captured, 0U);
    expectEveryMomentToHaveAll(rig, moments);
}

TEST(PrerollImages, KillInAPauseTellsOfThePause) {
    SeriesRig rig(FaultDisk(), kOptions);
    rig.deliver(100);
    ASSERT_TRUE(rig.start());
    rig.deliver(100);
    ASSERT_TRUE(rig.commit());
    rig.pause(321);
    const auto ring = rig.ring->memory().bytes();
    const auto recovered =
        recoverSeries(FaultDisk::fromImage(rig.disk.files()), {ring.begin(), ring.end()});
    EXPECT_EQ(recovered.defect, "");
    EXPECT_TRUE(recovered.audio == rig.expected);
    EXPECT_EQ(timesIn(recovered.files, "pause of 321 frames"), 1u);
}

TEST(PrerollImages, PowerCutKeepsWhatWasSafe) {
    SeriesRig rig(FaultDisk(), kOptions);
    record(rig);
    if (HasFatalFailure()) return;
    EXPECT_GT(expectPowerCutsToKeepWhatWasSafe(rig), 200U);
}

// A killed start must not take away what another take left under the same name.
TEST(PrerollImages, NameThatWasTakenMeanwhileIsLeftAlone) {
    FaultDisk disk;
    for (const char* taken : {"take.wav.journal", "take-2.wav"}) {
        ASSERT_TRUE((*disk.create(taken, false))->writeAt(0, std::as_bytes(std::span("mine", 4))));
    }
    SeriesRig rig(disk, kOptions);
    rig.deliver(300);
    ASSERT_TRUE(rig.start());
    ASSERT_TRUE(rig.commit());
    ASSERT_TRUE(rig.finish().value_or(false));
    EXPECT_EQ(rig.disk.files().at("take.wav.journal")->size(), 4u);
    EXPECT_EQ(rig.disk.files().at("take-2.wav")->size(), 4u);
    EXPECT_EQ(wavcheck::checkWav(*rig.disk.files().at("take-3.wav")).frames, kPreroll);
}

TEST(PrerollImages, FolderThatFailsAtTheStartGivesWayToTheSpillFolder) {
    SeriesRigOptions options = kOptions;
    options.spills = true;
    SeriesRig rig(FaultDisk(), options);
    rig.disk.addHook(
        [](const DiskOp& op, std::size_t) { return op.name.starts_with("take.") ? ENOSPC : 0; });
    rig.deliver(300);
    ASSERT_TRUE(rig.start());
    rig.deliver(50);
    ASSERT_TRUE(rig.commit());
    ASSERT_TRUE(rig.finish().value_or(false));
    EXPECT_EQ(rig.reasons, std::vector<PartReason>{PartReason::diskFailure});
    EXPECT_EQ(rig.partNames(), std::vector<std::string>{"take-002.wav"});
    EXPECT_TRUE(rig.audio() == rig.expected);
}

}  // namespace
}  // namespace holdfast
