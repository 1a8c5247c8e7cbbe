// Every operation of a recovery fails, once and for ever: the input is never poorer than before, an
// error is told, and the next run comes to the end that it would have had at once.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <map>

#include "iocore/recovery/recovery_writer.h"
#include "tests/support/take_builder.h"

namespace holdfast {
namespace {

BuiltTake crashedTake() {
    return buildTake({.tailFrames = 131,
                      .ringFrames = 1'500,
                      .markers = {{5, "five"}},
                      .dataEndBytes = std::nullopt,
                      .behindAudio = {}});
}

RepairOptions optionsOf(const BuiltTake& take) {
    RepairOptions options;
    options.scan = take.options();
    options.removeRing = [](const std::string&) -> Result<> { return {}; };
    return options;
}

// A way to work on the take; true when it says that all is done.
struct Work {
    std::string name;
    std::function<bool(FaultDisk&, const BuiltTake&)> run;
    bool readsOnly;  // the WAV stays as it is
};

bool isDone(const Result<RepairResult>& repaired) {
    return repaired && repaired->outcome != RepairOutcome::leftAlone;
}

bool copy(FaultDisk& disk, const BuiltTake& take) {
    return isDone(repairCopy(disk, take.wavName, optionsOf(take)));
}

bool inPlace(FaultDisk& disk, const BuiltTake& take) {
    return isDone(repairInPlace(disk, take.wavName, optionsOf(take)));
}

bool undo(FaultDisk& disk, const BuiltTake& take) {
    return undoInPlace(disk, take.wavName).has_value();
}

struct Fault {
    std::string name;
    int code;  // as FaultHook
    Repeat repeat;
};

std::vector<Fault> faults() {
    std::vector<Fault> all;
    for (const auto& [name, code] :
         {std::pair("EIO", EIO), std::pair("ENOSPC", ENOSPC), std::pair("short write", -EIO)}) {
        all.push_back({std::string(name) + " once", code, Repeat::once});
        all.push_back({std::string(name) + " for ever", code, Repeat::forEver});
    }
    return all;
}

// The disk on which operation n of the work failed, and what the work said. Nothing: the work has
// fewer operations.
struct Run {
    FileMap files;
    bool saysDone = false;
    bool met = false;
};
std::optional<Run> runWithFault(const FileMap& before, const Work& work, const BuiltTake& take,
                                std::pair<const Fault&, std::size_t> at) {
    FaultDisk disk = FaultDisk::fromImage(before);
    const auto& [fault, nth] = at;
    std::size_t seen = 0;
    Run run;
    disk.addHook([&](const DiskOp& op, std::size_t) {
        const bool reads = op.kind == DiskOp::Kind::read;
        if (reads && fault.code != EIO) return 0;
        const std::size_t index = seen++;
        const bool here = index == nth || (index > nth && fault.repeat == Repeat::forEver);
        if (!here || (fault.code < 0 && op.kind != DiskOp::Kind::write)) return 0;
        run.met = true;
        return fault.code;
    });
    run.saysDone = work.run(disk, take);
    if (seen <= nth) return std::nullopt;
    run.files = disk.files();
    return run;
}

struct Counts {
    int runs = 0;
    int madeGood = 0;
    int saidSo = 0;
};

void expectSame(const FileMap& found, const FileMap& wanted) {
    for (const auto& [name, bytes] : wanted) {
        ASSERT_TRUE(found.contains(name)) << name;
        EXPECT_TRUE(*found.at(name) == *bytes) << name;
    }
    for (const auto& [name, bytes] : found) EXPECT_TRUE(wanted.contains(name)) << name;
}

// Only WAVs: journals and undo logs may hold the records of both runs.
FileMap wavsOf(const FileMap& files) {
    FileMap wavs;
    for (const auto& [name, bytes] : files) {
        if (name.ends_with(".wav")) wavs[name] = bytes;
    }
    return wavs;
}

void failEach(const Work& work, const BuiltTake& take, const FileMap& before) {
    FaultDisk clean = FaultDisk::fromImage(before);
    ASSERT_TRUE(work.run(clean, take));
    const FileMap wanted = wavsOf(clean.files());
    for (const Fault& fault : faults()) {
        Counts counts;
        for (std::size_t n = 0;; ++n) {
            const auto run = runWithFault(before, work, take, {fault, n});
            if (!run) break;
            if (!run->met) continue;
            SCOPED_TRACE(fmt::format("{}, {}, operation {}", work.name, fault.name, n));
            ++counts.runs;
            if (work.readsOnly) {
                EXPECT_TRUE(*run->files.at(take.wavName) == *before.at(take.wavName));
            }
            if (run->saysDone) {
                ++counts.madeGood;
                expectSame(wavsOf(run->files), wanted);
            } else {
                ++counts.saidSo;
            }
            FaultDisk again = FaultDisk::fromImage(run->files);
            EXPECT_TRUE(work.run(again, take)) << "the next run does not come to an end";
            expectSame(wavsOf(again.files()), wanted);
            if (testing::Test::HasFailure()) return;
        }
        fmt::print("{:8} {:22} {:4} runs: {:3} made good, {:3} ended with an error\n", work.name,
                   fault.name, counts.runs, counts.madeGood, counts.saidSo);
        EXPECT_GT(counts.runs, 2);
    }
}

TEST(RecoveryFaults, CopyNeverTouchesItsInputAndTheNextRunCompletes) {
    const BuiltTake take = crashedTake();
    failEach({"copy", copy, true}, take, take.files);
}

TEST(RecoveryFaults, InPlaceIsCompletedByTheNextRun) {
    const BuiltTake take = crashedTake();
    failEach({"in place", inPlace, false}, take, take.files);
}

TEST(RecoveryFaults, TakingBackIsCompletedByTheNextRun) {
    const BuiltTake take = crashedTake();
    FaultDisk repaired = take.disk();
    ASSERT_TRUE(inPlace(repaired, take));
    failEach({"undo", undo, false}, take, repaired.files());
}

}  // namespace
}  // namespace holdfast
