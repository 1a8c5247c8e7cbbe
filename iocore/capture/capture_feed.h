// CaptureFeed: the capture thread's only door. A device's audio goes in here, gets its peak and
// clip taken, and lands in the ring; nothing in it locks, allocates, waits for a disk or logs.
//
// With a mirror there are two rings, each with its own writer: audio goes into both, and neither
// knows of the other.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "iocore/base/clock_reading.h"
#include "iocore/base/gap.h"
#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/capture/channel_pick.h"
#include "iocore/capture/device_timeline.h"
#include "iocore/capture/level_taps.h"
#include "iocore/ring/spsc_ring.h"

namespace holdfast {

// Why the capture thread delivers no more.
enum class CaptureEnd : int {
    none = 0,
    endOfInput,
    deviceLost,
    failed,
    timeIsOver,  // the recording would have its length by now, had the lost device been there
};

class CaptureFeed {
  public:
    // `wakeWriter` is called after each publish of a device that is not paced by a clock
    // (--speed max), never for a real device; empty = none.
    CaptureFeed(SpscRing::Producer producer, const PcmFormat& format, LevelTaps& levels,
                std::function<void()> wakeWriter);
    // Another ring for the same audio. Before the source starts. [control thread]
    void addRing(SpscRing::Producer producer);
    // Reads the clocks at each delivery from now on: with a device in real time the sleep of the
    // machine becomes a gap, and so does what outliveDevices() asks for. `read`: for tests. Before
    // the source starts. [control thread]
    void watchClock(bool realTime, std::function<ClockReading()> read = readClock);
    // For a source that outlives its devices (persistent_source.h): a lost device is no end any
    // more, but calls `onLost`, on the thread that called end(). REQUIRES watchClock(). Before the
    // source starts. [control thread]
    void outliveDevices(std::function<void(Error)> onLost);
    // From here on the device brings more channels than the rings hold: those of the pick are
    // kept. Before the source starts. [control thread]
    void pickChannels(ChannelPick pick);

    // Interleaved whole frames in format(). What does not fit becomes a ring-full gap.
    // [capture thread] [real-time]
    void deliver(std::span<const std::byte> interleaved);
    // The device lost `frames` here. [capture thread] [real-time]
    void gap(std::uint64_t frames, GapCause cause);
    // Space that reserve-and-fill devices write into: at most `frames`, maybe fewer (wrap, full).
    // Follow with commit(). [capture thread] [real-time]
    std::span<std::byte> reserve(std::uint64_t frames);
    void commit(std::uint64_t frames);
    // For devices that may wait: blocks until `frames` fit (more than the ring holds: until it is
    // empty) and returns true, or until `stopping` is true and returns false.
    // [capture thread] [blocks]
    bool waitForSpace(std::uint64_t frames, const std::atomic<bool>& stopping);
    // The last call. `error` is kept for the control thread. [capture thread]
    void end(CaptureEnd why, Error error);

    // The device is gone and nothing delivers any more: the loss lasts until the next delivery.
    // These five REQUIRE that no device runs. [supervising thread]
    void loseDevice();
    // Frames that are missing until now; enters them as a gap that goes on growing.
    [[nodiscard]] std::uint64_t lostFrames() const;
    void enterLoss();
    // The next device has counted them itself: the clock has no more to say.
    void enterLoss(std::uint64_t lostFrames);
    // No device comes any more: enters what is missing until now. Nothing without a loss, which
    // stays one.
    void endLoss();
    // True from loseDevice() until the next delivery. [any thread]
    [[nodiscard]] bool isLost() const {
        // Acquire pairs with the release in arrive(), for lastLoss().
        return isLost_.load(std::memory_order_acquire);
    }
    // Frames that the last loss cost. REQUIRES that isLost() was true and is not. [any thread]
    [[nodiscard]] std::uint64_t lastLoss() const { return lastLoss_; }
    // Frames of the device's time until now: delivered or missing. [while no device runs]
    [[nodiscard]] std::uint64_t timelineFrames() const { return timelineFrames_; }

    // Closes an open gap, so that the writer sees it although no audio follows. Only after the
    // source's stop() returned, by the ring's writer. False while the ring's gap table is full:
    // again after the writer has made room. end() tries it too. [writer thread] [real-time]
    bool finish(std::size_t ring = 0);
    // This ring's writer has ended: it gets no more, and stays as it is for recovery.
    // [writer thread] [real-time]
    void close(std::size_t ring);

    // While paused, audio is metered, dropped, and becomes an interval with cause `paused`; what
    // the device loses meanwhile belongs to that interval too. [control thread] [real-time]
    void setPaused(bool paused);

    // Of what the device brings.
    [[nodiscard]] const PcmFormat& format() const {
        return pick_ ? pick_->deviceFormat() : format_;
    }
    // [any thread]
    [[nodiscard]] CaptureEnd ended() const { return ended_.load(std::memory_order_acquire); }
    // Valid once ended() is not none (the acquire above pairs with the release in end()).
    [[nodiscard]] const Error& endError() const { return endError_; }

  private:
    struct Ring {
        explicit Ring(SpscRing::Producer end)
            : producer(std::move(end)), frames(producer.freeFrames()) {}
        [[nodiscard]] bool isOpen() const;
        SpscRing::Producer producer;
        std::uint64_t frames;
        std::atomic<bool> closed{false};
    };
    bool dropWhilePaused(std::uint64_t frames);
    void arrive(std::uint64_t frames);
    void enterMissing(std::uint64_t arriving);
    void enter(std::uint64_t frames, GapCause cause);
    void take(std::span<const std::byte> interleaved);
    void deliverPicked(std::span<const std::byte> interleaved);
    std::span<std::byte> reservePicked(std::uint64_t frames);

    std::vector<std::unique_ptr<Ring>> rings_;
    Ring* reservedFrom_ = nullptr;
    PcmFormat format_;  // of the rings
    std::optional<ChannelPick> pick_;
    LevelTaps& levels_;
    std::function<void()> wakeWriter_;
    std::span<std::byte> reserved_;
    std::atomic<bool> paused_{false};
    std::atomic<CaptureEnd> ended_{CaptureEnd::none};
    Error endError_;

    // For losses and sleep; set before the source starts.
    std::optional<DeviceTimeline> timeline_;
    std::function<ClockReading()> readClock_;
    std::function<void(Error)> onLost_;
    std::uint64_t timelineFrames_ = 0;
    std::uint64_t lastLoss_ = 0;
    std::atomic<bool> isLost_{false};
};

}  // namespace holdfast
