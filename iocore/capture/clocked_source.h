// ClockedSource: the capture thread of every source that computes or reads its frames instead of
// waiting for a sound device.
//
// In real time it keeps absolute deadlines of the monotonic clock, so that it neither drifts nor,
// when the machine was busy, loses a frame: what is late is delivered at once. With a request for
// full speed it follows the ring instead of the clock. Faults happen here, on the same timeline.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/capture/capture_source.h"
#include "iocore/capture/frame_counter.h"

namespace holdfast {

// Where the frames come from.
class FrameGenerator {
  public:
    virtual ~FrameGenerator() = default;
    // Fills `to`, whole interleaved frames of the granted format, from `firstFrame` on. Returns the
    // frames filled: fewer than asked only at the end of the input. Errors: Stage::device.
    // [capture thread] [blocks]
    virtual Result<std::uint64_t> fill(std::uint64_t firstFrame, std::span<std::byte> to) = 0;
};

// A test's fault, due before `atFrame` of the device's timeline is delivered.
struct ClockedFault {
    enum class Kind {
        gap,     // the device loses `amount` frames
        unplug,  // the device is gone; with comesBack for `amount` ms
        stall,   // nothing is delivered for `amount` ms, then what accumulated; nothing is lost
    };
    Kind kind = Kind::gap;
    std::uint64_t atFrame = 0;
    std::uint64_t amount = 0;
    bool comesBack = false;
    bool operator==(const ClockedFault&) const = default;
};

class ClockedSource final : public CaptureSource {
  public:
    // `faults` in order of frames; `counter` is told the frames delivered. `firstFrame` of the
    // device's timeline is delivered first.
    ClockedSource(CaptureGrant grant, std::unique_ptr<FrameGenerator> generator,
                  std::vector<ClockedFault> faults, FrameCounter counter,
                  std::uint64_t firstFrame = 0);
    ~ClockedSource() override;

    [[nodiscard]] const CaptureGrant& grant() const override { return grant_; }
    Result<> start(CaptureFeed& feed) override;
    void stop() override;

  private:
    using Clock = std::chrono::steady_clock;

    void run(CaptureFeed& feed);
    // Each returns false when there is nothing more to do: the source was stopped or has ended.
    bool meetFaults(CaptureFeed& feed);
    bool deliverUntil(CaptureFeed& feed, std::uint64_t endFrame);
    bool deliverInto(CaptureFeed& feed, std::span<std::byte> space);
    bool sleepUntil(Clock::time_point deadline);

    [[nodiscard]] std::uint64_t nextStop() const;

    CaptureGrant grant_;
    std::unique_ptr<FrameGenerator> generator_;
    std::vector<ClockedFault> faults_;
    FrameCounter counter_;

    std::size_t nextFault_ = 0;
    std::uint64_t firstFrame_;
    std::uint64_t position_;       // next frame of the device's timeline
    std::uint64_t delivered_ = 0;  // of it, frames handed to the feed

    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable stopped_;
    std::atomic<bool> stopping_{false};
};

// The granted delivery length: the wished one in real time, a block that amortises the hand-over at
// full speed. Frames, at least 1.
std::uint32_t clockedFragmentFrames(const CaptureRequest& request, const PcmFormat& format);

}  // namespace holdfast
