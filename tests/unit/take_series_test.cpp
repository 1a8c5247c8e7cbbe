#include "iocore/recorder/take_series.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "iocore/base/path_text.h"
#include "iocore/recovery/recovery_scan.h"
#include "tests/support/series_rig.h"
#include "tests/support/take_builder.h"
#include "tests/support/take_rig.h"

namespace holdfast {
namespace {

using Names = std::vector<std::string>;
using Frames = std::vector<std::uint64_t>;

const PcmFormat kMono24{48'000, 1, SampleType::S24, 0};

void expectAllOnce(const SeriesRig& rig) {
    std::string defect;
    EXPECT_TRUE(rig.audio(&defect) == rig.expected) << defect;
    EXPECT_EQ(defect, "");
}

enum class Failing { all, syncs };

// From now on the disk under one file fails for ever.
void failFile(SeriesRig& rig, const std::string& name, int error, Failing what = Failing::all) {
    rig.disk.addHook([name, error, what](const DiskOp& op, std::size_t) {
        const bool fails = op.kind == DiskOp::Kind::sync ||
                           (what == Failing::all && op.kind == DiskOp::Kind::write);
        return fails && op.name == name ? error : 0;
    });
}

TEST(TakeSeries, SplitsWhereAskedAndNoFrameIsLostOrRepeated) {
    for (const PcmFormat& format : {PcmFormat{48'000, 2, SampleType::S16, 0}, kMono24}) {
        SeriesRig rig(FaultDisk(), {.format = format});
        ASSERT_TRUE(rig.series->begin());
        for (const std::uint64_t frames : {301, 77, 1, 512, 33}) {
            rig.deliver(frames);
            rig.series->split();
            ASSERT_TRUE(rig.commit());
            ASSERT_TRUE(rig.commit());
        }
        EXPECT_TRUE(rig.finish().value_or(false));
        expectAllOnce(rig);
        EXPECT_GE(rig.partNames().size(), 4U);
        EXPECT_EQ(rig.series->committedFrames(), 924U);
    }
}

TEST(TakeSeries, EachPartHasABextOfItsOwnPlace) {
    // Ten frames before midnight.
    const BextInfo bext{{.description = "night"}, {2023, 12, 31, 86'399, 999'800'000}};
    SeriesRig rig(FaultDisk(), {.splitFrames = 1'000, .bext = bext});
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(2'500);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(rig.commit());
    EXPECT_TRUE(rig.finish().value_or(false));
    ASSERT_EQ(rig.partFrames(), (Frames{1'000, 1'000, 500}));
    std::uint64_t first = 0;
    for (const std::string& name : rig.partNames()) {
        const Bytes chunk =
            encodeChunk({'b', 'e', 'x', 't'}, encodeBext(bext, rig.options.format, first));
        EXPECT_EQ(timesThere(fileOf(rig.disk, name), chunk), 1U) << name;
        first += 1'000;
    }
}

TEST(TakeSeries, PartsAreAsLongAsAskedFor) {
    SeriesRig rig(FaultDisk(), {.maxFrames = 2'500, .splitFrames = 1'000});
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(2'500);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(rig.commit());
    EXPECT_EQ(rig.series->wantsToStop(), StopReason::duration);
    EXPECT_TRUE(rig.finish().value_or(false));
    EXPECT_EQ(rig.partNames(), (Names{"take.wav", "take-002.wav", "take-003.wav"}));
    EXPECT_EQ(rig.partFrames(), (Frames{1'000, 1'000, 500}));
    expectAllOnce(rig);
}

TEST(TakeSeries, PartsEndBelowTheSizeAskedFor) {
    SeriesRig rig(FaultDisk(), {.splitBytes = 4'002});
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(2'100);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(rig.commit());
    EXPECT_TRUE(rig.finish().value_or(false));
    EXPECT_EQ(rig.partFrames(), (Frames{1'000, 1'000, 100}));
    expectAllOnce(rig);
}

TEST(TakeSeries, FormatLimitIsASplitWhereThatIsWished) {
    SeriesRig rig(FaultDisk(), {.maxDataBytes = 4'000, .splitAtSizeLimit = true});
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(1'500);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(rig.commit());
    EXPECT_TRUE(rig.finish().value_or(false));
    EXPECT_EQ(rig.partFrames(), (Frames{1'000, 500}));
    EXPECT_EQ(rig.reasons, std::vector{PartReason::size});
    expectAllOnce(rig);
}

TEST(TakeSeries, GapAtASplitIsInOnePartAndWhole) {
    SeriesRig rig(FaultDisk(), {.splitFrames = 1'000});
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(990);
    rig.lose(100);
    rig.deliver(500);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(rig.commit());
    EXPECT_TRUE(rig.finish().value_or(false));
    ASSERT_EQ(rig.gaps.size(), 1U);
    EXPECT_EQ(rig.gaps[0].fileFrame, 990U);
    EXPECT_EQ(rig.gaps[0].filledFrames, 100U);
    EXPECT_EQ(rig.partFrames(), (Frames{990, 600}));
    expectAllOnce(rig);
}

TEST(TakeSeries, GapThatReachesBeyondTheEndIsInTheRecordingWithItsWholeLength) {
    for (const bool parts : {false, true}) {
        SeriesRigOptions options{.maxFrames = 1'500, .splitAtSizeLimit = true};
        if (parts) options.splitFrames = 1'000;
        SeriesRig rig(FaultDisk(), options);
        ASSERT_TRUE(rig.series->begin());
        rig.deliver(1'200);
        rig.lose(700);
        rig.deliver(10);
        for (int i = 0; i < 4; ++i) ASSERT_TRUE(rig.commit());
        EXPECT_EQ(rig.series->wantsToStop(), StopReason::duration);
        EXPECT_TRUE(rig.finish().value_or(false));
        EXPECT_EQ(rig.series->committedFrames(), 1'500U);
        ASSERT_EQ(rig.gaps.size(), 1U);
        EXPECT_EQ(rig.gaps[0].fileFrame, 1'200U);
        EXPECT_EQ(rig.gaps[0].gap.frames, 700U);
        EXPECT_EQ(rig.gaps[0].filledFrames, 300U);
        EXPECT_EQ(rig.series->lostFrames(), 700U);
    }
}

TEST(TakeSeries, PartsKnowTheirSessionAndTheOneBefore) {
    SeriesRig rig(FaultDisk(), {});
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(300);
    rig.series->split();
    ASSERT_TRUE(rig.commit());
    rig.deliver(50);
    ASSERT_TRUE(rig.commit());
    FaultDisk crashed = FaultDisk::fromImage(rig.disk.files());
    const auto report = RecoveryScan(crashed).check("take-002.wav");
    ASSERT_TRUE(report);
    EXPECT_EQ(report->partIndex, 2U);
    EXPECT_EQ(report->takeId, rig.sessionId.forPart(2));
    EXPECT_EQ(report->takeId.forPart(2), rig.sessionId);
    EXPECT_NE(report->takeId, rig.sessionId) << "two files of one name for recovery";
    EXPECT_EQ(report->previousPart, joinPath(rig.disk.path(), "take.wav"));
    EXPECT_EQ(report->firstFrame, 300U);
}

// The header is gone and no commit was made: the ring's frames before the part are another's.
TEST(TakeSeries, PartWithoutAHeaderBeginsWhereItsJournalSays) {
    SeriesRig rig(FaultDisk(), {});
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(200);
    rig.series->split();
    ASSERT_TRUE(rig.commit());
    ASSERT_EQ(rig.series->parts(), 2U);
    rig.deliver(100);
    FileMap files = rig.disk.files();
    files["take-002.part.wav"] = std::make_shared<const Bytes>(kHeaderBlockBytes);
    const auto ring = rig.ring->memory().bytes();
    const auto recovered = recoverSeries(FaultDisk::fromImage(files), {ring.begin(), ring.end()});
    EXPECT_EQ(recovered.defect, "");
    EXPECT_TRUE(recovered.audio == rig.expected) << recovered.audio.size();
}

TEST(TakeSeries, MarkerBehindASplitIsInTheNextPart) {
    SeriesRig rig(FaultDisk(), {.splitFrames = 1'000});
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(1'500);
    EXPECT_TRUE(rig.series->addMarker("here", 1'200));
    ASSERT_TRUE(rig.commit());
    ASSERT_TRUE(rig.commit());
    FaultDisk crashed = FaultDisk::fromImage(rig.disk.files());
    const auto report = RecoveryScan(crashed).check("take-002.wav");
    ASSERT_TRUE(report);
    ASSERT_EQ(report->markers.size(), 1U);
    EXPECT_EQ(report->markers[0].frame, 200U);
}

TEST(TakeSeries, FailedDiskIsLeftForTheSpillFolderWithAllFrames) {
    for (const auto& [error, what] : {std::pair(EIO, Failing::all), std::pair(EIO, Failing::syncs),
                                      std::pair(ENOSPC, Failing::all)}) {
        SeriesRig rig(FaultDisk(), {.spills = true});
        ASSERT_TRUE(rig.series->begin());
        rig.deliver(500);
        ASSERT_TRUE(rig.commit());
        failFile(rig, "take.wav", error, what);
        rig.deliver(300);
        ASSERT_TRUE(rig.commit());
        EXPECT_EQ(rig.series->safeFrames(), 500U) << "nothing of the new part is durable yet";
        rig.deliver(200);
        ASSERT_TRUE(rig.commit());
        EXPECT_EQ(rig.series->safeFrames(), 1'000U);
        EXPECT_TRUE(rig.finish().value_or(false));
        EXPECT_EQ(rig.reasons, std::vector{PartReason::diskFailure});
        EXPECT_EQ(rig.partFrames(), (Frames{500, 500}));
        expectAllOnce(rig);
    }
}

TEST(TakeSeries, EndTakesAllThatWaitsInAsManyPartsAsItNeeds) {
    SeriesRig rig(FaultDisk(), {.format = kMono24, .splitFrames = 101});
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(500);
    rig.lose(30);
    EXPECT_TRUE(rig.finish().value_or(false));
    EXPECT_EQ(rig.partFrames(), (Frames{101, 101, 101, 101, 96, 30}));
    expectAllOnce(rig);
}

TEST(TakeSeries, SpillFolderThatCannotBeUsedLeavesAWellPartAlone) {
    SeriesRig rig(FaultDisk(), {.spills = true});
    rig.disk.addHook([](const DiskOp& op, std::size_t) {
        return op.kind == DiskOp::Kind::create && op.name.starts_with("take-") ? EROFS : 0;
    });
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(300);
    ASSERT_TRUE(rig.commit());
    EXPECT_FALSE(rig.series->spill(PartReason::lowSpace));
    rig.deliver(200);
    EXPECT_TRUE(rig.commit());
    EXPECT_TRUE(rig.finish().value_or(false));
    EXPECT_EQ(rig.partFrames(), Frames{500});
    expectAllOnce(rig);
}

// The pad byte behind odd audio belongs to the part that is left.
TEST(TakeSeries, OddPartThatSpillsEndsSound) {
    SeriesRig rig(FaultDisk(), {.format = kMono24, .splitFrames = 101, .spills = true});
    int made = 0;
    rig.disk.addHook([&](const DiskOp& op, std::size_t) {
        const bool next = op.kind == DiskOp::Kind::create && op.name == "take-002.wav.journal";
        return next && ++made == 1 ? ENOSPC : 0;
    });
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(150);
    ASSERT_TRUE(rig.commit());
    EXPECT_EQ(rig.reasons.at(0), PartReason::diskFailure);
    EXPECT_TRUE(rig.finish().value_or(false));
    EXPECT_EQ(rig.series->unfinishedParts(), 0U);
    EXPECT_EQ(rig.partFrames().at(0), 101U);
    expectAllOnce(rig);
}

TEST(TakeSeries, FormatLimitWithoutANextPartKeepsTheRestForRecovery) {
    SeriesRig rig(FaultDisk(), {.maxDataBytes = 4'000, .splitAtSizeLimit = true});
    rig.disk.addHook([](const DiskOp& op, std::size_t) {
        return op.kind == DiskOp::Kind::create && op.name.starts_with("take-") ? ENOSPC : 0;
    });
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(1'500);
    EXPECT_FALSE(rig.commit());
    EXPECT_FALSE(rig.finish().value_or(false)) << "500 frames are in the ring alone";
    const auto ring = rig.ring->memory().bytes();
    const auto recovered =
        recoverSeries(FaultDisk::fromImage(rig.disk.files()), {ring.begin(), ring.end()});
    EXPECT_EQ(recovered.defect, "");
    EXPECT_TRUE(recovered.audio == rig.expected) << recovered.audio.size();
}

TEST(TakeSeries, GapMetByTheFailedPartIsToldOnce) {
    SeriesRig rig(FaultDisk(), {.spills = true});
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(500);
    ASSERT_TRUE(rig.commit());
    failFile(rig, "take.wav", EIO);
    rig.lose(64);
    rig.deliver(300);
    ASSERT_TRUE(rig.commit());
    ASSERT_TRUE(rig.commit());
    EXPECT_TRUE(rig.finish().value_or(false));
    EXPECT_EQ(rig.gaps.size(), 1U);
    EXPECT_EQ(rig.series->gapCount(), 1U);
    EXPECT_EQ(rig.series->lostFrames(), 64U);
    expectAllOnce(rig);
}

TEST(TakeSeries, BothDisksFailingEndsTheTakeAndRecoveryHasAll) {
    SeriesRig rig(FaultDisk(), {.spills = true});
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(500);
    ASSERT_TRUE(rig.commit());
    for (const char* name : {"take.wav", "take-002.part.wav"}) failFile(rig, name, EIO);
    rig.deliver(300);
    EXPECT_FALSE(rig.commit());
    EXPECT_FALSE(rig.finish().value_or(false));
    const auto ring = rig.ring->memory().bytes();
    const auto recovered =
        recoverSeries(FaultDisk::fromImage(rig.disk.files()), {ring.begin(), ring.end()});
    EXPECT_EQ(recovered.defect, "");
    EXPECT_TRUE(recovered.audio == rig.expected);
}

TEST(TakeSeries, FileTooLongForTheFileSystemGoesOnInAnother) {
    SeriesRig rig(FaultDisk(), {});
    constexpr std::uint64_t kLongest = 4'096;
    rig.disk.addHook([](const DiskOp& op, std::size_t) {
        const bool tooLong =
            op.kind == DiskOp::Kind::write && op.offset + op.bytes.size() > kLongest;
        return tooLong && op.name.ends_with("wav") ? EFBIG : 0;
    });
    ASSERT_TRUE(rig.series->begin());
    for (int i = 0; i < 20; ++i) {
        rig.deliver(100);
        ASSERT_TRUE(rig.commit());
    }
    EXPECT_TRUE(rig.finish().value_or(false));
    EXPECT_GE(rig.partNames().size(), 2U);
    EXPECT_EQ(rig.reasons.front(), PartReason::diskLimit);
    expectAllOnce(rig);
}

TEST(TakeSeries, FileThatIsTooLongAtTheVeryEndGoesOnInAnother) {
    SeriesRig rig(FaultDisk(), {});
    rig.disk.addHook([](const DiskOp& op, std::size_t) {
        const bool tooLong = op.kind == DiskOp::Kind::write && op.offset + op.bytes.size() > 4'096;
        return tooLong && op.name.ends_with("wav") ? EFBIG : 0;
    });
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(100);
    ASSERT_TRUE(rig.commit());
    rig.deliver(850);
    EXPECT_TRUE(rig.finish().value_or(false));
    EXPECT_EQ(rig.reasons, std::vector<PartReason>{PartReason::diskLimit});
    EXPECT_EQ(rig.partFrames(), (Frames{100, 850}));
    expectAllOnce(rig);
}

TEST(TakeSeries, NextPartThatCannotBeMadeDoesNotEndTheTake) {
    SeriesRig rig(FaultDisk(), {.format = kMono24, .splitFrames = 101});
    rig.disk.addHook([](const DiskOp& op, std::size_t) {
        return op.kind == DiskOp::Kind::create && op.name.starts_with("take-") ? EACCES : 0;
    });
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(500);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(rig.commit());
    EXPECT_TRUE(rig.finish().value_or(false));
    EXPECT_EQ(rig.partFrames(), Frames{500});
    EXPECT_FALSE(rig.errors.empty());
    expectAllOnce(rig);
}

TEST(TakeSeries, TakenNameOfAPartGetsANumber) {
    FaultDisk disk;
    ASSERT_TRUE(disk.create("take-002.wav", false));
    SeriesRig rig(disk, {.splitFrames = 100});
    ASSERT_TRUE(rig.series->begin());
    rig.deliver(150);
    ASSERT_TRUE(rig.commit());
    ASSERT_TRUE(rig.commit());
    EXPECT_TRUE(rig.finish().value_or(false));
    EXPECT_TRUE(rig.disk.exists("take-002-2.wav"));
    EXPECT_TRUE(rig.disk.files().at("take-002.wav")->empty());
}

TEST(TakeSeries, ReserveLetsTheEndFitOnAFullDisk) {
    SeriesRig rig(FaultDisk(), {.reserveBytes = 16'384});
    ASSERT_TRUE(rig.series->begin());
    rig.disk.setCapacity(32'768);
    Result<> done;
    while (done) {
        rig.deliver(500);
        done = rig.commit();
    }
    EXPECT_TRUE(rig.series->addMarker("end", 10)) << "the journal writes into the reserve";
    EXPECT_TRUE(rig.finish().value_or(false)) << "all that the ring held fits into the reserve";
    expectAllOnce(rig);
}

}  // namespace
}  // namespace holdfast
