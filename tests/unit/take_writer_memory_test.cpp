// TakeWriter when memory runs out, at any allocation, once and for ever.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <new>

#include "iocore/recorder/take_writer.h"
#include "iocore/recovery/recovery_writer.h"
#include "tests/support/allocation_guard.h"
#include "tests/support/strict_wav_checker.h"
#include "tests/support/take_rig.h"

namespace holdfast {
namespace {

using test::AllocationGuard;
using test::AllocationPause;
using test::FailingAllocation;
using test::Shortage;

// The rig delivers and checks without being counted.
struct ShortTake {
    TakeRig rig{FaultDisk(), {}};
    bool begun = false;
    bool finished = false;

    void run() {
        begun = rig.take->begin().has_value();
        if (!begun) return;
        finished = steps() && finish();
    }

  private:
    const std::string marker_ = "a marker that is longer than a short string";

    bool commit(std::uint64_t lost = 0) {
        {
            const AllocationPause pause;
            if (lost > 0) rig.lose(lost);
            rig.deliver(100);
        }
        return rig.commit().has_value();
    }
    bool steps() {
        if (!commit() || !commit(10)) return false;
        (void)rig.take->addMarker(marker_, 50);
        return commit();
    }
    bool finish() { return rig.finish().value_or(false); }
};

// Nothing is locked or half made: what is there opens, and repair has all that was captured.
void expectWhole(const ShortTake& take) {
    const TakeRig& rig = take.rig;
    std::string defect;
    const Bytes audio = audioOf(rig.disk, &defect);
    EXPECT_EQ(defect, "");
    EXPECT_GE(audio.size(), rig.take->safeFrames() * 4);
    EXPECT_TRUE(std::equal(audio.begin(), audio.end(), rig.expected.begin()));
    const CrashImage now{rig.disk.files(), 0, rig.take->safeFrames(), "as it was left"};
    EXPECT_EQ(defectOfTake(now, rig.options.format, rig.expected), "");
    EXPECT_EQ(defectOfRecovery(now, rig.options.format, rig.expected), "");
    // What is not durable in the file is still in the ring.
    const auto fill = rig.ring->fill();
    const auto inRing = (fill.published - fill.durable) * 4;
    const std::uint64_t gaps = rig.expected.size() - fill.published * 4;
    EXPECT_GE(audio.size() + inRing + gaps, rig.expected.size());
}

TEST(TakeWriterMemory, AnyAllocationMayFailAndNothingIsLost) {
    for (const Shortage shortage : {Shortage::once, Shortage::forEver}) {
        int runs = 0;
        int finished = 0;
        for (std::size_t n = 0;; ++n) {
            ShortTake take;
            std::size_t seen = 0;
            bool threw = false;
            {
                const FailingAllocation failing(n, shortage);
                try {
                    take.run();
                } catch (const std::bad_alloc&) {
                    threw = true;
                }
                seen = FailingAllocation::seen();
            }
            EXPECT_FALSE(threw) << "allocation " << n;
            if (seen <= n) break;
            SCOPED_TRACE(fmt::format("allocation {}", n));
            ++runs;
            if (!take.begun) {
                EXPECT_TRUE(take.rig.disk.files().empty());
                continue;
            }
            expectWhole(take);
            if (take.finished) {
                ++finished;
                EXPECT_TRUE(audioOf(take.rig.disk) == take.rig.expected);
            } else {
                EXPECT_EQ(shortage, Shortage::forEver) << "one failure alone ended the take";
            }
            if (HasFailure()) return;
        }
        fmt::print("{} allocations failed {}: {} takes finished all the same\n", runs,
                   shortage == Shortage::once ? "once" : "for ever", finished);
        EXPECT_GT(runs, 20);
    }
}

}  // namespace
}  // namespace holdfast
