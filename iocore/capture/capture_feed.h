// CaptureFeed: the capture thread's only door. A device's audio goes in here, gets its peak and
// clip taken, and lands in the ring; nothing in it locks, allocates, waits for a disk or logs.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "iocore/base/gap.h"
#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/ring/spsc_ring.h"

namespace holdfast {

// Why the capture thread delivers no more.
enum class CaptureEnd : int { none = 0, endOfInput, deviceLost, failed };

// Peak per channel since the last read, linear 0..1 (above 1 for floats), and clipped samples
// (full scale, either sign). Written by the capture thread, exchanged to zero by the reader, so
// that no peak is lost.
class LevelTaps {
  public:
    void add(const PcmFormat& format, std::span<const std::byte> interleaved);  // [real-time]
    // Peak of channel c since the last call. [any thread]
    float takePeak(std::uint32_t channel);
    [[nodiscard]] std::uint64_t clippedSamples() const;

  private:
    std::array<std::atomic<float>, kMaxChannels> peaks_{};
    std::atomic<std::uint64_t> clipped_{0};
};

class CaptureFeed {
  public:
    // `wakeWriter` is called after each publish of a device that is not paced by a clock
    // (--speed max), never for a real device; empty = none.
    CaptureFeed(SpscRing::Producer producer, const PcmFormat& format, LevelTaps& levels,
                std::function<void()> wakeWriter);

    // Interleaved whole frames in format(). What does not fit becomes a ring-full gap.
    // [capture thread] [real-time]
    void deliver(std::span<const std::byte> interleaved);
    // The device lost `frames` here. [capture thread] [real-time]
    void gap(std::uint64_t frames, GapCause cause);
    // Space that reserve-and-fill devices write into: at most `frames`, maybe fewer (wrap, full).
    // Follow with commit(). [capture thread] [real-time]
    std::span<std::byte> reserve(std::uint64_t frames);
    void commit(std::uint64_t frames);
    // For devices that may wait: blocks until `frames` fit or `stopping` is true.
    // [capture thread] [blocks]
    bool waitForSpace(std::uint64_t frames, const std::atomic<bool>& stopping);
    // The last call. `error` is kept for the control thread. [capture thread]
    void end(CaptureEnd why, Error error);

    // While paused, audio is dropped and becomes an interval with cause `paused`. [control thread]
    void setPaused(bool paused);

    [[nodiscard]] const PcmFormat& format() const { return format_; }
    // [any thread]
    [[nodiscard]] CaptureEnd ended() const { return ended_.load(std::memory_order_acquire); }
    // Valid once ended() is not none (the acquire above pairs with the release in end()).
    [[nodiscard]] const Error& endError() const { return endError_; }

  private:
    bool dropWhilePaused(std::uint64_t frames);

    SpscRing::Producer producer_;
    PcmFormat format_;
    LevelTaps& levels_;
    std::function<void()> wakeWriter_;
    std::span<std::byte> reserved_;
    std::uint64_t pausedFrames_ = 0;
    std::atomic<bool> paused_{false};
    std::atomic<CaptureEnd> ended_{CaptureEnd::none};
    Error endError_;
};

}  // namespace holdfast
