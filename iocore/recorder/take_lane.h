// TakeLane: a ring, the files behind it, and the writer thread between them.
//
// A recording has one; with a mirror it has two, each with its own ring, thread and folder: so a
// disk that fails or hangs takes nothing from the other. Where there is a spill folder or a mirror
// a second thread watches the first, and leaves it behind when its disk does not answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "iocore/base/result.h"
#include "iocore/capture/capture_feed.h"
#include "iocore/recorder/lane_shared.h"
#include "iocore/recorder/lane_writer.h"
#include "iocore/recorder/recorder_status.h"
#include "iocore/ring/spsc_ring.h"

namespace holdfast {

class TakeLane {
  public:
    static constexpr std::uint64_t kMaxRingBytes = 256u << 20;

    // Ring, journal and part file; on failure nothing is left behind. [control thread] [blocks]
    static Result<std::unique_ptr<TakeLane>> open(LaneOptions options, LaneObserver observer);
    ~TakeLane();
    // Waits for the end. REQUIRES that captureEnded() was called, or that it never ran.
    void join();

    // Undoes open(). REQUIRES that run() was not called. [control thread] [blocks]
    void discard();
    [[nodiscard]] SpscRing::Producer producer() { return shared_->ring->producer(); }
    // Starts the threads. `index`: this lane's ring in the feed.
    void run(CaptureFeed& feed, std::size_t index);
    // The source was stopped: what is in the ring is all there is. [any thread]
    void captureEnded();
    void wake() { shared_->wake.notify_one(); }  // [any thread]
    void addMarker(std::string text);            // [any thread]
    void split();                                // [any thread]
    // The newest frame that the device has delivered. [any thread]
    [[nodiscard]] std::uint64_t newestRingFrame() const { return shared_->ring->fill().published; }
    // Begins the recording that was only monitored so far, or its next part while it rests. When it
    // returns, the first frame is settled (unless the lane has ended); the files may take longer.
    // [control thread]
    void start(TakeStart start);
    // A sound is waited for, and the last one's file is finished. [any thread]
    [[nodiscard]] bool isResting() const;
    // Audio is being dropped, and the newest frame is the last before the pause. [any thread]
    [[nodiscard]] bool isPausing() const;
    // Of the first frames, those that are older than the start. [any thread]
    [[nodiscard]] std::uint64_t prerollFrames() const;
    void addTo(RecorderStatus& status) const;          // [any thread]
    [[nodiscard]] std::optional<LaneEnd> end() const;  // [any thread]
    [[nodiscard]] StartedEvent startedEvent() const;   // [writer thread]
    [[nodiscard]] const std::string& folderPath() const { return shared_->folderPath; }

  private:
    explicit TakeLane(std::shared_ptr<LaneShared> shared) : shared_(std::move(shared)) {}
    Result<> makeRing();
    [[nodiscard]] Result<> checkPreroll(std::uint64_t mostFrames) const;
    Result<> openTake();
    [[nodiscard]] const PcmFormat& format() const { return shared_->format(); }
    [[nodiscard]] std::uint64_t headFrames() const;
    [[nodiscard]] std::shared_ptr<LaneWriter> writer() const;

    void watch();
    [[nodiscard]] std::chrono::nanoseconds shortestHang() const;
    [[nodiscard]] bool mustReplace(std::chrono::nanoseconds waiting);
    [[nodiscard]] bool spillFolderAnswers();
    bool tellProblem(const Error& error);
    void replaceWriter();
    void endWith(LaneEnd end);

    std::shared_ptr<LaneShared> shared_;
    std::shared_ptr<LaneWriter> writer_;  // guarded by the shared mutex
    std::chrono::milliseconds ringLength_{0};
    // Of the watching thread.
    std::chrono::steady_clock::time_point nextTry_;
    std::future<Result<>> probe_;
    std::string lastProblem_;
    mutable double ringPeak_ = 0;  // guarded by the shared mutex
    std::thread watch_;
};

}  // namespace holdfast
