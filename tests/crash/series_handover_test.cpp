// Kills and power cuts while a recording goes on from one file to the next.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "tests/support/crash_images.h"
#include "tests/support/series_rig.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

// The disk and the ring before an operation: what a kill there leaves.
struct Moment {
    FileMap files;
    Bytes ring;
    std::size_t captured = 0;  // bytes
    std::string label;
};

void recordMoments(SeriesRig& rig, std::vector<Moment>& moments) {
    rig.disk.addHook([&](const DiskOp& op, std::size_t index) {
        if (op.kind == DiskOp::Kind::read) return 0;
        const auto ring = rig.ring->memory().bytes();
        moments.push_back({rig.disk.files(),
                           {ring.begin(), ring.end()},
                           rig.expected.size(),
                           describe(op, index)});
        return 0;
    });
}

void expectEveryMomentToHaveAll(const SeriesRig& rig, const std::vector<Moment>& moments) {
    EXPECT_GT(moments.size(), 50U);
    for (const Moment& moment : moments) {
        const auto recovered = recoverSeries(FaultDisk::fromImage(moment.files), moment.ring);
        EXPECT_EQ(recovered.defect, "") << moment.label;
        EXPECT_TRUE(recovered.left.empty()) << moment.label << ": " << recovered.left.front();
        const auto captured = static_cast<std::ptrdiff_t>(moment.captured);
        EXPECT_TRUE(std::equal(recovered.audio.begin(), recovered.audio.end(), rig.expected.begin(),
                               rig.expected.begin() + captured))
            << moment.label << ": " << recovered.audio.size() << " of " << captured << " bytes";
        if (testing::Test::HasFailure()) return;
    }
}

void record(SeriesRig& rig) {
    ASSERT_TRUE(rig.series->begin());
    for (int round = 0; round < 9; ++round) {
        rig.deliver(131);
        if (round == 4) rig.lose(40);
        if (round % 3 == 2) rig.series->split();
        ASSERT_TRUE(rig.commit());
    }
    rig.deliver(17);
    ASSERT_TRUE(rig.finish().value_or(false));
}

TEST(SeriesHandover, KillAtAnyOperationOfASplitLosesAndRepeatsNothing) {
    SeriesRig rig(FaultDisk(), {});
    std::vector<Moment> moments;
    recordMoments(rig, moments);
    record(rig);
    if (HasFatalFailure()) return;
    ASSERT_EQ(rig.partNames().size(), 4U);
    expectEveryMomentToHaveAll(rig, moments);
}

// Audio waits in the ring behind each end of a part.
TEST(SeriesHandover, KillAtAnyOperationOfATimedSplitLosesAndRepeatsNothing) {
    SeriesRig rig(FaultDisk(), {.splitFrames = 200});
    std::vector<Moment> moments;
    recordMoments(rig, moments);
    record(rig);
    if (HasFatalFailure()) return;
    ASSERT_GE(rig.partNames().size(), 6U);
    expectEveryMomentToHaveAll(rig, moments);
}

// The first part's disk fails from its `first`-th operation on: all of it, or its syncs alone, so
// that audio behind the last commit lies in the file.
void spill(std::size_t first, bool syncsAlone) {
    SeriesRig rig(FaultDisk(), {.spills = true});
    std::vector<Moment> moments;
    std::size_t operations = 0;
    rig.disk.addHook([&](const DiskOp& op, std::size_t) {
        const bool writes = op.kind == DiskOp::Kind::write;
        if (!writes && op.kind != DiskOp::Kind::sync) return 0;
        if (!op.name.starts_with("take.wav") || ++operations <= first) return 0;
        return syncsAlone && writes ? 0 : EIO;
    });
    recordMoments(rig, moments);
    record(rig);
    if (testing::Test::HasFatalFailure()) return;
    ASSERT_GE(rig.partNames().size(), 2U);
    expectEveryMomentToHaveAll(rig, moments);
}

TEST(SeriesHandover, KillAtAnyOperationOfASpillLosesAndRepeatsNothing) {
    for (const bool syncsAlone : {false, true}) {
        for (std::size_t first = 20; first < 32; ++first) {
            SCOPED_TRACE(testing::Message() << first << (syncsAlone ? " syncs" : ""));
            spill(first, syncsAlone);
            if (HasFailure()) return;
        }
    }
}

TEST(SeriesHandover, PowerCutInASplitKeepsWhatWasSafe) {
    SeriesRig rig(FaultDisk(), {});
    record(rig);
    if (HasFatalFailure()) return;
    const auto counts = forEachPowerImage(
        rig.disk, {.exhaustive = 6, .randomSubsets = 8}, [&](const CrashImage& image) {
            for (const auto& [name, bytes] : image.files) {
                if (!name.ends_with(".wav") || name.ends_with(".part.wav")) continue;
                const auto verdict = wavcheck::checkWav(*bytes);
                EXPECT_TRUE(verdict.ok) << image.label << ": " << name << ": " << verdict.defect;
            }
            const auto recovered = recoverSeries(FaultDisk::fromImage(image), {});
            EXPECT_EQ(recovered.defect, "") << image.label;
            const std::size_t safe = image.acknowledged * rig.options.format.bytesPerFrame();
            ASSERT_GE(recovered.audio.size(), safe) << image.label;
            EXPECT_TRUE(std::equal(rig.expected.begin(),
                                   rig.expected.begin() + static_cast<std::ptrdiff_t>(safe),
                                   recovered.audio.begin()))
                << image.label;
        });
    EXPECT_GT(counts.distinct, 200U);
}

}  // namespace
}  // namespace holdfast
