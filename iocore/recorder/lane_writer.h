// LaneWriter: a lane's writer thread, and all that the thread owns.
//
// A thread that stands in a call to a disk that does not answer cannot be stopped. So it is left
// behind, with its file, and another one goes on in the spill folder; nothing that the first does
// when its disk answers again can touch the recording: its ring cursors are its own by then, its
// observers are silent, its folder fails until it ends the file that was left to it. The gate of
// its folder (disk_gate.h) makes that a clean cut.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "iocore/base/result.h"
#include "iocore/disk/disk_gate.h"
#include "iocore/recorder/lane_shared.h"
#include "iocore/recorder/preroll_window.h"
#include "iocore/recorder/take_series.h"

namespace holdfast {

class LaneWriter : public std::enable_shared_from_this<LaneWriter> {
  public:
    explicit LaneWriter(std::shared_ptr<LaneShared> lane);

    // Journal and part file of the first part; while monitoring the thread makes them itself, when
    // the start is asked for. [control thread] [blocks]
    Result<> begin();
    // Undoes begin(). REQUIRES that start() was not called. [control thread] [blocks]
    void discard();
    // Starts the thread; it keeps this object until its end. [control thread]
    void start();
    void join();

    // For how long the disk that it writes to has not answered. [any thread]
    [[nodiscard]] std::chrono::nanoseconds waiting() const { return gate().waiting(); }
    // False while it monitors, and once it writes to the spill folder. [any thread]
    [[nodiscard]] bool canBeReplaced() const { return mayBeLeft_ && !hasSpilled_; }
    // What becomes of a writer whose disk does not answer: nothing (it has answered meanwhile), or
    // another one that goes on, or the lane's end.
    struct Left {
        std::shared_ptr<LaneWriter> next;
        std::optional<LaneEnd> end;
    };
    // When its disk has not answered for that long: the writer that goes on in the spill folder,
    // or, when all audio is in the file already, the end; the file is left to this one. An error
    // when the folder cannot be used: then all is as before. [watching thread] [blocks]
    Result<Left> replace(std::chrono::nanoseconds atLeast);
    // In the same case: how the lane ends. Its files stay as they are, for recovery.
    // [watching thread]
    Left giveUp(std::chrono::nanoseconds atLeast);

    // As it is while a part is being begun or committed. [writer thread]
    [[nodiscard]] StartedEvent startedEvent() const;
    [[nodiscard]] TakeId presentId() const;

  private:
    enum class LeftFor { nothing, itsFile, recovery };

    enum class Awaited { nothing, start, end };
    void makeSeries(SpscRing::Consumer consumer);
    [[nodiscard]] bool monitor();
    [[nodiscard]] Awaited waitForStart();
    [[nodiscard]] Awaited waitForStart(PrerollWindow& window);
    [[nodiscard]] bool hearsStart(PrerollWindow& window);
    void followSound();
    [[nodiscard]] bool rest();
    [[nodiscard]] bool goOn(PrerollWindow& window);
    [[nodiscard]] std::uint64_t nsOfFrames(std::uint64_t frames) const;
    void settleStart(PrerollWindow& window);
    [[nodiscard]] bool beginLate(SpscRing::Consumer consumer);
    [[nodiscard]] LaneEnd endUnrecorded();
    [[nodiscard]] SeriesObserver seriesObserver();
    Result<std::unique_ptr<TakeSeries>> seriesWithout(LaneWriter& next);
    [[nodiscard]] DiskGate& gate() const { return hasSpilled_ ? *spillGate_ : *gate_; }
    enum class Session { goesOn, ends };  // whether the ring has anything more for a file
    void leaveFor(LeftFor what, Session session);
    [[nodiscard]] LaneEnd endOnSilentDisk() const;
    // Written while the thread was held; from then on it may touch nothing that others use.
    [[nodiscard]] bool isLeft() const { return leftFor_ != LeftFor::nothing; }
    [[nodiscard]] bool sourceStopped() const;

    void run();
    void writeAll();
    void endWith(LaneEnd end);
    void waitUntilDue();
    bool commitRound();
    void obeyWishes();
    void obeyMarkers();
    bool spaceIsLow();
    void announceStart();
    void takeFrom(LaneWriter& left);
    LaneEnd endTake();
    [[nodiscard]] LaneEnd endAtRest();
    [[nodiscard]] LaneEnd endAsItIs() const;
    void removeRing(const LaneEnd& end);
    void endElsewhere(std::function<bool()> work);
    void endWhatWasLeft();
    [[nodiscard]] std::uint32_t partsLeftOpen();
    void publish(std::chrono::nanoseconds commitTime);

    std::shared_ptr<LaneShared> lane_;
    std::shared_ptr<DiskGate> gate_ = std::make_shared<DiskGate>();
    // After an ordinary spill the first gate is that of the thread that ends the failed part.
    std::shared_ptr<DiskGate> spillGate_ = std::make_shared<DiskGate>();
    std::atomic<bool> hasSpilled_{false};
    std::atomic<bool> mayBeLeft_{false};  // there is a take
    std::chrono::milliseconds pollInterval_{250};

    // Of the thread, or of who holds it.
    std::unique_ptr<TakeSeries> take_;
    bool started_ = false;
    bool lostInRing_ = false;
    std::optional<BurstScan> scan_;  // sound-activated
    std::string lastError_;
    StopReason reason_ = StopReason::none;
    LeftFor leftFor_ = LeftFor::nothing;

    // What the writer before left on its disk: how many files, and how many could not be ended
    // since then.
    std::uint32_t partsLeft_ = 0;
    std::string pathLeft_;
    std::future<std::uint32_t> leftOpen_;
    std::promise<std::uint32_t> open_;

    std::thread thread_;
};

}  // namespace holdfast
