// Recorder: composes the path. device -> capture -> ring -> riff -> mmio -> journal -> disk
//
// Three threads: the device's own (capture), one writer, and the caller's (control). The control
// thread starts, stops and reads; it is never called back. Nothing it does, and nothing that its
// output does, can delay a commit.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/capture/capture_feed.h"
#include "iocore/capture/capture_source.h"
#include "iocore/disk/disk_file.h"
#include "iocore/recorder/recorder_state.h"
#include "iocore/recorder/recorder_status.h"
#include "iocore/recorder/take_writer.h"
#include "iocore/recovery/session_index.h"
#include "iocore/ring/spsc_ring.h"

namespace holdfast {

struct RecorderOptions {
    std::shared_ptr<DiskFolder> folder;
    std::string wavName;  // ends in .wav
    Existing existing = Existing::refuse;
    CaptureRequest capture;
    std::uint32_t commitIntervalMs = 250;
    std::uint32_t ringMs = 30'000;
    GapMode gapMode = GapMode::fill;
    std::optional<std::uint64_t> durationMs;
    std::uint64_t minFreeBytes = 64u << 20;
    // For tests. Empty: RingMemory::places().
    std::vector<std::string> ringFolders;
    std::string sessionFolder;  // empty: SessionIndex::defaultFolder()
    std::uint64_t maxDataBytes = kMaxDataBytes;
    GrowthPolicy growth;
};

class Recorder {
  public:
    static constexpr std::uint64_t kMaxRingBytes = 256u << 20;

    // Checks the names and the space, opens the device, makes ring, journal and part file, and
    // starts both threads. On failure nothing is left behind. Errors: Stage::usage (name taken),
    // device, disk, journal. [control thread] [blocks]
    static Result<std::unique_ptr<Recorder>> start(RecorderOptions options);
    // Stops as stop() does.
    ~Recorder();

    // Ends the take: the device first, so that its last frames are in. Returns at once; the
    // StoppedEvent tells the end. Idempotent. [control thread]
    void stop();
    void setPaused(bool paused);       // [control thread]
    void addMarker(std::string text);  // [control thread]

    // Waits until there is an event, wake() was called, the recording has ended, or the time is
    // over. [control thread] [blocks]
    void wait(std::chrono::milliseconds atMost);
    // Ends a wait() now or the next one: a signal came, a key was pressed. [any thread]
    void wake();
    std::vector<RecorderEvent> takeEvents();      // [any thread]
    [[nodiscard]] RecorderStatus status() const;  // [any thread]
    // Peak since the last call, linear; one for each channel. [one thread]
    std::vector<float> takePeaks();
    // True after the StoppedEvent. [any thread]
    [[nodiscard]] bool ended() const;

    [[nodiscard]] const PcmFormat& format() const { return source_->grant().format; }
    [[nodiscard]] const CaptureGrant& grant() const { return source_->grant(); }

  private:
    explicit Recorder(RecorderOptions options);
    Result<> openDevice();
    Result<> makeRing();
    Result<> openTake(const TakeNames& names);
    Result<> startThreads();
    [[nodiscard]] SessionIndex sessions() const;

    void writerLoop();
    void waitUntilDue();
    bool commitRound();
    void placeMarkers();
    bool spaceIsLow();
    void announceStart();
    void endTake();
    void publishStatus(std::chrono::nanoseconds commitTime);
    [[nodiscard]] bool sourceStopped() const;
    void moveTo(RecorderState next);
    void post(RecorderEvent::What what);

    RecorderOptions options_;
    TakeId takeId_;
    std::unique_ptr<CaptureSource> source_;
    std::unique_ptr<SpscRing> ring_;
    LevelTaps levels_;
    std::unique_ptr<CaptureFeed> feed_;
    std::unique_ptr<TakeWriter> take_;
    std::chrono::milliseconds pollInterval_{250};

    // Between writer and control thread; never touched by the capture thread.
    mutable std::mutex mutex_;
    std::condition_variable writerWake_;
    std::condition_variable controlWake_;
    bool captureEnded_ = false;  // the source was stopped: what is in the ring is all there is
    bool endedFlag_ = false;
    bool woken_ = false;
    struct Marker {
        std::string text;
        std::uint64_t frame = 0;  // in the file, where it was asked for
    };
    std::vector<Marker> markersAsked_;
    std::vector<RecorderEvent> events_;
    RecorderStatus status_;
    std::uint64_t ringWritten_ = 0;  // frames of the ring that status_.fileFrames covers
    mutable double ringPeak_ = 0;
    std::chrono::steady_clock::time_point lastCommit_;

    // Writer thread only.
    bool started_ = false;
    std::string lastError_;
    StopReason reason_ = StopReason::none;

    std::thread writer_;
};

}  // namespace holdfast
