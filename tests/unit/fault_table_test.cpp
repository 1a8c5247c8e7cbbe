// Every operation of a recording fails, once and for ever, in every way a disk can: what was safe
// stays, what was delivered is in the files or comes back, and somebody is told.
//
// One take has a start, commits, a gap, a marker, a pause, a promotion, a split, a spill and its
// finish; operation N of it fails, for every N until a run meets no fault. The table that is
// printed says what became of the runs.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <future>
#include <map>
#include <numeric>

#include "tests/support/series_rig.h"

namespace holdfast {
namespace {

enum class OnFailure { endsThere, spills };

struct Fault {
    std::string name;
    int code;  // as FaultHook: negative is a short write
    Repeat repeat;
    OnFailure then;
};

std::vector<Fault> faults() {
    std::vector<Fault> all;
    for (const auto& [name, code] :
         {std::pair("EIO", EIO), std::pair("ENOSPC", ENOSPC), std::pair("short write", -EIO)}) {
        const std::string text(name);
        all.push_back({text + " once", code, Repeat::once, OnFailure::endsThere});
        all.push_back({text + " once, --spill", code, Repeat::once, OnFailure::spills});
        all.push_back({text + " for ever", code, Repeat::forEver, OnFailure::endsThere});
        all.push_back({text + " for ever, --spill", code, Repeat::forEver, OnFailure::spills});
    }
    return all;
}

// The operations of both disks, counted together; one of them, or all from there on, fail. A spill
// disk is met by faults that come once only.
class Injector {
  public:
    Injector(const Fault& fault, std::size_t nth) : fault_(fault), nth_(nth) {}

    void watch(FaultDisk& disk, bool isSpill) {
        disk.addHook([this, isSpill](const DiskOp& op, std::size_t) {
            // A full disk can still be read.
            const bool reads = op.kind == DiskOp::Kind::read;
            if (reads && fault_.code != EIO) return 0;
            const std::size_t at = seen_++;
            const bool here = at == nth_ || (at > nth_ && fault_.repeat == Repeat::forEver);
            if (!here || (isSpill && fault_.repeat == Repeat::forEver)) return 0;
            if (fault_.code < 0 && op.kind != DiskOp::Kind::write) return 0;
            met_ = true;
            return fault_.code;
        });
    }
    [[nodiscard]] bool met() const { return met_; }
    [[nodiscard]] std::size_t seen() const { return seen_; }

  private:
    const Fault& fault_;
    std::size_t nth_;
    std::size_t seen_ = 0;
    bool met_ = false;
};

constexpr std::uint64_t kFrameBytes = 4;

SeriesRigOptions rigOptions(OnFailure then) {
    SeriesRigOptions options;
    options.spills = then == OnFailure::spills;
    if (options.spills) options.spillDisk = FaultDisk();
    options.growth = {FileType::autoPromote, 700 * kFrameBytes};  // crossed in its own step
    return options;
}

// The recording, as the lane would run it: after a commit that failed comes the finish.
class Recording {
  public:
    explicit Recording(OnFailure then) : rig(FaultDisk(), rigOptions(then)) {}

    void run(const std::function<void(const std::string&)>& entering) {
        entering("start");
        begun = rig.series->begin().has_value();
        if (!begun) return rig.series->discard();
        const bool goesOn = runSteps(entering);
        commitFailed = !goesOn;
        entering("finish");
        rig.deliver(17);
        const auto done = rig.finish();
        finished = done.value_or(false);
        if (!done) rig.errors.push_back(done.error());
    }

    SeriesRig rig;
    bool begun = false;
    bool commitFailed = false;
    bool finished = false;

  private:
    bool commit() {
        rig.deliver(131);
        return rig.commit().has_value();
    }
    bool runSteps(const std::function<void(const std::string&)>& entering) {
        entering("commits");
        if (!commit() || !commit()) return false;
        entering("gap");
        rig.lose(40);
        if (!commit()) return false;
        entering("marker");
        (void)rig.series->addMarker("here", 300);
        if (!commit()) return false;
        entering("pause");
        rig.lose(5'000, GapCause::paused);
        if (!commit()) return false;
        entering("promotion");
        if (!commit()) return false;
        entering("split");
        rig.series->split();
        if (!commit() || !commit()) return false;
        if (!rig.options.spills) return true;
        entering("spill");
        (void)rig.series->spill(PartReason::lowSpace);
        return commit();
    }
};

// What became of a recording that met a fault.
enum class Outcome {
    refused,   // before anything was promised; nothing stays but what `scan` names
    madeGood,  // all frames in finished files, as if nothing had been
    spilled,   // the same, the rest of them in the spill folder
    ended,     // it ended early, all delivered frames in finished files
    left,      // journal and ring hold what recovery needs, and it has all
};
constexpr int kOutcomes = 5;

bool isLeftover(const std::string& name) {
    return name.ends_with(".journal") || name.ends_with(".part.wav");
}

// Each part holds its own frames, the next begins where it ends, and the last ends at `least` or
// behind it. On a disk that takes nothing more the audio of the commit that failed may stay: then
// it is in both.
void expectContiguous(const SeriesRig& rig, const PartAudio& parts, std::size_t least) {
    const bool leavesDeadDisk = rig.options.spillDisk && rig.series->unfinishedParts() > 0;
    std::size_t end = 0;
    for (const auto& [number, audio] : parts) {
        const std::size_t begin = rig.begins.at(number - 1) * kFrameBytes;
        ASSERT_TRUE(leavesDeadDisk ? begin <= end : begin == end) << "part " << number;
        end = begin + audio.size();
        ASSERT_LE(end, rig.expected.size()) << "part " << number;
        const auto from = rig.expected.begin() + static_cast<std::ptrdiff_t>(begin);
        EXPECT_TRUE(std::equal(audio.begin(), audio.end(), from)) << "part " << number;
    }
    EXPECT_GE(end, least) << "bytes of audio";
}

// As the files are, for any player.
void expectSafeFramesIn(const SeriesRig& rig) {
    std::string defect;
    (void)rig.audio(&defect);
    EXPECT_EQ(defect, "");
    // A part that never got its name is not for players, and what comes behind it is not safe.
    PartAudio parts = rig.partAudio();
    std::size_t next = 1;
    const auto isEmpty = [&](std::size_t number) {
        return number < rig.begins.size() && rig.begins[number - 1] == rig.begins[number];
    };
    while (parts.contains(next) || isEmpty(next)) ++next;
    parts.erase(parts.upper_bound(next), parts.end());
    expectContiguous(rig, parts, rig.series->safeFrames() * kFrameBytes);
}

void expectAllAfterRepair(const SeriesRig& rig) {
    std::vector<FaultDisk> disks = {FaultDisk::fromImage(rig.disk.files())};
    if (rig.options.spillDisk) {
        disks.push_back(FaultDisk::fromImage(rig.options.spillDisk->files()));
    }
    const auto ring = rig.ring->memory().bytes();
    const auto recovered = recoverSeries(std::move(disks), {ring.begin(), ring.end()});
    EXPECT_EQ(recovered.defect, "");
    expectContiguous(rig, recovered.parts, rig.expected.size());
}

Outcome judge(const Recording& take) {
    const SeriesRig& rig = take.rig;
    if (!take.begun) {
        EXPECT_EQ(rig.series->safeFrames(), 0U);
        for (const auto& [name, bytes] : rig.files()) EXPECT_TRUE(isLeftover(name)) << name;
        return Outcome::refused;
    }
    EXPECT_FALSE(rig.errors.empty()) << "nobody was told";
    expectSafeFramesIn(rig);
    expectAllAfterRepair(rig);
    const FileMap files = rig.files();
    const bool someLeft =
        std::ranges::any_of(files, [](const auto& file) { return isLeftover(file.first); });
    if (!take.finished || rig.series->unfinishedParts() > 0) {
        EXPECT_TRUE(someLeft) << "nothing says that a part is unfinished";
        return Outcome::left;
    }
    EXPECT_TRUE(rig.audio() == rig.expected) << "called finished, and has not all";
    if (take.commitFailed) return Outcome::ended;
    const auto& reasons = rig.reasons;
    const bool spilled = std::ranges::find(reasons, PartReason::diskFailure) != reasons.end();
    return spilled ? Outcome::spilled : Outcome::madeGood;
}

using Row = std::array<int, kOutcomes>;
using Table = std::map<std::string, std::map<std::string, Row>>;  // fault, step

void runAll(const Fault& fault, Table& table) {
    for (std::size_t n = 0;; ++n) {
        Recording take(fault.then);
        Injector injector(fault, n);
        injector.watch(take.rig.disk, false);
        if (take.rig.options.spillDisk) injector.watch(*take.rig.options.spillDisk, true);
        std::string step;
        take.run([&](const std::string& name) {
            if (injector.seen() <= n) step = name;
        });
        if (injector.seen() <= n) return;
        if (!injector.met()) continue;  // an operation that this fault does not touch
        SCOPED_TRACE(fmt::format("{}, operation {} ({})", fault.name, n, step));
        const Outcome outcome = judge(take);
        // One fault alone costs nothing, not even a repair.
        if (fault.repeat == Repeat::once) {
            EXPECT_NE(outcome, Outcome::left);
            EXPECT_NE(outcome, Outcome::ended);
        }
        if (testing::Test::HasFailure()) return;
        ++table[fault.name][step].at(static_cast<std::size_t>(outcome));
    }
}

void add(Row& to, const Row& row) {
    for (std::size_t i = 0; i < to.size(); ++i) to.at(i) += row.at(i);
}

// By fault, and by step over all faults.
void print(const Table& table) {
    constexpr const char* kLine = "{:30} {:>5} {:>8} {:>10} {:>8} {:>6} {:>5}\n";
    fmt::print(kLine, "", "runs", "refused", "made good", "spilled", "ended", "left");
    const auto line = [&](const std::string& title, const Row& row) {
        fmt::print(kLine, title, std::accumulate(row.begin(), row.end(), 0), row[0], row[1], row[2],
                   row[3], row[4]);
    };
    std::map<std::string, Row> bySteps;
    for (const auto& [fault, steps] : table) {
        Row all{};
        for (const auto& [step, row] : steps) {
            add(all, row);
            add(bySteps[step], row);
        }
        line(fault, all);
    }
    for (const auto& [step, row] : bySteps) line("in " + step, row);
}

TEST(FaultTable, EveryOperationMayFailAndNoDeliveredFrameIsLost) {
    Table table;
    for (const Fault& fault : faults()) {
        runAll(fault, table);
        if (HasFailure()) return;
    }
    print(table);
    // The steps are all among the places that were hit, or the table proves less than it says.
    EXPECT_EQ(table.at("EIO once, --spill").size(), 9U);
    EXPECT_EQ(table.at("EIO once").size(), 8U);
}

// A disk that hangs: what is delivered meanwhile is safe nowhere yet, and all is there in the end.
TEST(FaultTable, EveryOperationMayHangAndNoDeliveredFrameIsLost) {
    std::size_t hung = 0;
    for (std::size_t n = 0;; ++n) {
        Recording take(OnFailure::endsThere);
        std::promise<void> hangs;
        std::promise<void> released;
        std::size_t seen = 0;
        take.rig.disk.addHook([&](const DiskOp&, std::size_t) {
            if (seen++ != n) return 0;
            hangs.set_value();
            released.get_future().wait();
            return 0;
        });
        std::string step;
        auto done = std::async(std::launch::async, [&] {
            take.run([&](const std::string& name) { step = name; });
            if (seen <= n) hangs.set_value();
        });
        hangs.get_future().wait();
        if (seen <= n) break;
        ++hung;
        const std::uint64_t safe = take.rig.series->safeFrames();
        if (step != "finish") take.rig.deliver(100);  // the device does not wait
        EXPECT_EQ(take.rig.series->safeFrames(), safe);
        released.set_value();
        done.wait();
        SCOPED_TRACE(fmt::format("operation {} ({})", n, step));
        EXPECT_TRUE(take.begun && take.finished);
        EXPECT_TRUE(take.rig.errors.empty());
        expectSafeFramesIn(take.rig);
        expectAllAfterRepair(take.rig);
        if (HasFailure()) return;
    }
    fmt::print("{} operations hung, each was made good\n", hung);
}

}  // namespace
}  // namespace holdfast
