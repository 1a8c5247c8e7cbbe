// Kills and power cuts while a recording goes on from one file to the next.
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/support/moments.h"
#include "tests/support/series_rig.h"

namespace holdfast {
namespace {

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
    EXPECT_GT(expectPowerCutsToKeepWhatWasSafe(rig), 200U);
}

}  // namespace
}  // namespace holdfast
