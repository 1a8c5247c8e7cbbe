// TakeLane: a ring, the files behind it, and the writer thread between them.
//
// A recording has one; with a mirror it has two, each with its own ring, thread and folder: so a
// disk that fails or hangs takes nothing from the other.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/capture/capture_feed.h"
#include "iocore/recorder/recorder_state.h"
#include "iocore/recorder/recorder_status.h"
#include "iocore/recorder/take_series.h"
#include "iocore/recovery/session_index.h"
#include "iocore/ring/spsc_ring.h"

namespace holdfast {

struct LaneOptions {
    std::shared_ptr<DiskFolder> folder;
    SeriesOptions series;
    std::uint32_t ringMs = 30'000;
    std::uint64_t leastRingFrames = 256;
    std::vector<std::string> ringFolders;  // empty: RingMemory::places()
    std::string sessionFolder;             // empty: SessionIndex::defaultFolder()
    std::uint64_t minFreeBytes = 0;
};

// Told from the writer thread.
struct LaneObserver {
    std::function<void(RecorderEvent::What)> event;  // gaps, markers, parts, errors, low space
    std::function<void()> started;                   // the first commit is there, and the name
    std::function<void()> ended;
};

// How a lane ended.
struct LaneEnd {
    StopReason reason = StopReason::none;  // none: as the source
    bool finished = false;                 // journal and ring are gone
    bool complete = false;                 // finished, and under its name
    std::uint64_t frames = 0;
    std::uint64_t gaps = 0;
    std::uint64_t lostFrames = 0;
    std::uint64_t onlyInRing = 0;
    std::uint32_t parts = 1;
    std::uint32_t unfinishedParts = 0;  // before the last one
    std::string path;                   // empty when it holds no audio
    std::string text;
};

class TakeLane {
  public:
    static constexpr std::uint64_t kMaxRingBytes = 256u << 20;

    // Ring, journal and part file; on failure nothing is left behind. [control thread] [blocks]
    static Result<std::unique_ptr<TakeLane>> open(LaneOptions options, LaneObserver observer);
    ~TakeLane();
    // Waits for the thread's end. REQUIRES that captureEnded() was called, or that it never ran.
    void join();

    // Undoes open(). REQUIRES that run() was not called. [control thread] [blocks]
    void discard();
    [[nodiscard]] SpscRing::Producer producer() { return ring_->producer(); }
    // Starts the thread. `index`: this lane's ring in the feed.
    void run(CaptureFeed& feed, std::size_t index);
    // The source was stopped: what is in the ring is all there is. [any thread]
    void captureEnded();
    void wake() { wake_.notify_one(); }                // [any thread]
    void addMarker(std::string text);                  // [any thread]
    void split();                                      // [any thread]
    void addTo(RecorderStatus& status) const;          // [any thread]
    [[nodiscard]] std::optional<LaneEnd> end() const;  // [any thread]
    [[nodiscard]] StartedEvent startedEvent() const;   // [writer thread]
    [[nodiscard]] SpscRing& ring() { return *ring_; }
    [[nodiscard]] const std::string& folderPath() const { return folderPath_; }

  private:
    TakeLane(LaneOptions options, LaneObserver observer);
    Result<> makeRing();
    Result<> openTake();
    [[nodiscard]] SeriesObserver seriesObserver();
    [[nodiscard]] SessionIndex sessions() const;
    [[nodiscard]] const PcmFormat& format() const { return options_.series.first.format; }
    [[nodiscard]] bool sourceStopped() const;
    [[nodiscard]] std::uint64_t headFrames() const;

    void loop();
    void waitUntilDue();
    bool commitRound();
    void obeyWishes();
    bool spaceIsLow();
    void announceStart();
    LaneEnd endTake();
    void publish(std::chrono::nanoseconds commitTime);

    LaneOptions options_;
    LaneObserver observer_;
    std::string folderPath_;
    std::unique_ptr<SpscRing> ring_;
    std::unique_ptr<TakeSeries> take_;
    CaptureFeed* feed_ = nullptr;
    std::size_t index_ = 0;
    std::chrono::milliseconds pollInterval_{250};

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool captureEnded_ = false;
    bool splitAsked_ = false;
    struct Marker {
        std::string text;
        std::uint64_t frame = 0;  // in the recording, where it was asked for
    };
    std::vector<Marker> markersAsked_;
    RecorderStatus status_;          // the fields that a lane knows
    std::uint64_t ringWritten_ = 0;  // frames of the ring that status_.fileFrames covers
    mutable double ringPeak_ = 0;
    std::chrono::steady_clock::time_point lastCommit_;
    std::optional<LaneEnd> end_;

    // Writer thread only.
    bool started_ = false;
    std::string lastError_;
    StopReason reason_ = StopReason::none;

    std::thread thread_;
};

}  // namespace holdfast
