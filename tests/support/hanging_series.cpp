#include "tests/support/hanging_series.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

constexpr std::uint64_t kFrames = 100;

SeriesRigOptions rigOptions() {
    SeriesRigOptions options;
    options.spills = true;
    options.gate = std::make_shared<DiskGate>();
    return options;
}

}  // namespace

HangingSeries::HangingSeries(std::size_t nth, int answer, LastPart last)
    : rig(FaultDisk(), rigOptions()), operationsLeft_(nth), answer_(answer), last_(last) {
    // The spill folder is on the same disk, and used by the test's own thread, which never hangs.
    rig.disk.addHook([this](const DiskOp& op, std::size_t) {
        return std::this_thread::get_id() == thread_.get_id() ? hang(op) : 0;
    });
}

HangingSeries::~HangingSeries() {
    if (thread_.joinable()) (void)answer();
}

int HangingSeries::hang(const DiskOp& op) {
    std::unique_lock lock(mutex_);
    if (hangs_ || operationsLeft_-- > 0) return 0;
    hangs_ = true;
    what = describe(op, rig.disk.logSize());
    changed_.notify_all();
    changed_.wait(lock, [this] { return answered_; });
    return answer_;
}

// What a writer's thread does, in short: it looks after each step whether it was left.
void HangingSeries::script() {
    const std::vector<std::function<void()>> steps = {
        [&] { rig.deliver(kFrames), (void)rig.commit(); },
        [&] {
            rig.deliver(kFrames);
            rig.lose(30);
            ++gapsMade;
            rig.deliver(kFrames);
            (void)rig.commit();
        },
        [&] { ++markersMade, rig.series->addMarker("here", 2 * kFrames); },
        // Behind the end of the file that the split ends: the next one's.
        [&] { ++markersMade, rig.series->addMarker("later", 5 * kFrames); },
        [&] { rig.deliver(kFrames), rig.series->split(), (void)rig.commit(); },
        [&] { rig.deliver(kFrames), (void)rig.commit(); },
        [&] {
            if (last_ == LastPart::isEmpty) rig.series->split(), (void)rig.commit();
        },
        [&] {
            if (last_ == LastPart::hasAudio) rig.deliver(kFrames);
            (void)rig.finish();
        },
    };
    for (const auto& step : steps) {
        if (isLeft()) break;
        step();
    }
    if (isLeft()) {
        rig.options.gate->open();
        complete_ = rig.series->endAtHandOver() == 0;
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
}

bool HangingSeries::runUntilItHangs() {
    EXPECT_TRUE(rig.series->begin());
    std::unique_lock lock(mutex_);
    thread_ = std::thread([this] {
        { const std::lock_guard started(mutex_); }  // thread_ is set
        script();
    });
    changed_.wait(lock, [this] { return hangs_ || ended_; });
    return hangs_;
}

Result<> HangingSeries::goOn() {
    const auto& gate = rig.options.gate;
    if (!gate->hold(std::chrono::nanoseconds(0))) return fail(Stage::disk, "nothing hangs");
    SeriesObserver observer;
    observer.take.gap = [this](const GapRecord& gap) { gapsOfOther.push_back(gap); };
    observer.take.error = [this](const Error& error) { errorsOfOther.push_back(error); };
    auto next = rig.series->goOnWithout(rig.disk.handle(), std::move(observer));
    if (!next) {
        gate->letGo();
        return fail(next.error());
    }
    other = std::move(*next);
    gate->turnAway();
    return {};
}

Result<> HangingSeries::more() {
    rig.deliver(kFrames);
    if (auto committed = other->commit(); !committed) return committed;
    rig.deliver(kFrames);
    return {};
}

Result<> HangingSeries::finish() {
    const auto finished = other->finish();
    if (!finished) return fail(finished.error());
    return *finished ? Result<>{} : fail(Stage::disk, "not finished");
}

bool HangingSeries::answer() {
    {
        const std::lock_guard lock(mutex_);
        answered_ = true;
        changed_.notify_all();
    }
    thread_.join();
    return complete_;
}

}  // namespace holdfast
