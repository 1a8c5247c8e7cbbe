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

#include "iocore/base/gap.h"
#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/capture/channel_pick.h"
#include "iocore/capture/level_taps.h"
#include "iocore/ring/spsc_ring.h"

namespace holdfast {

// Why the capture thread delivers no more.
enum class CaptureEnd : int { none = 0, endOfInput, deviceLost, failed };

class CaptureFeed {
  public:
    // `wakeWriter` is called after each publish of a device that is not paced by a clock
    // (--speed max), never for a real device; empty = none.
    CaptureFeed(SpscRing::Producer producer, const PcmFormat& format, LevelTaps& levels,
                std::function<void()> wakeWriter);
    // Another ring for the same audio. Before the source starts. [control thread]
    void addRing(SpscRing::Producer producer);
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
};

}  // namespace holdfast
