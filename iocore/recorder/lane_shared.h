// LaneShared: what a lane's threads share, and what outlives a thread that its disk does not let
// go.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "iocore/capture/capture_feed.h"
#include "iocore/recorder/burst_scan.h"
#include "iocore/recorder/recorder_state.h"
#include "iocore/recorder/recorder_status.h"
#include "iocore/recorder/side_work.h"
#include "iocore/recorder/take_series.h"
#include "iocore/recovery/session_index.h"
#include "iocore/ring/spsc_ring.h"

namespace holdfast {

struct LaneOptions {
    std::shared_ptr<DiskFolder> folder;
    SeriesOptions series;  // spillFolder: where to go on, also when `folder` does not answer
    std::uint32_t ringMs = 30'000;
    // Set: no file is made before the start is asked for, and so much before it is kept.
    std::optional<std::uint64_t> prerollMs;
    std::optional<SoundTrigger> trigger;  // with prerollMs: a sound is a start, and has an end
    std::uint64_t leastRingFrames = 256;
    std::vector<std::string> ringFolders;  // empty: RingMemory::places()
    std::string sessionFolder;             // empty: SessionIndex::defaultFolder()
    std::uint64_t minFreeBytes = 0;
    // A disk that does not answer is given up after so long, once nothing depends on it any more.
    std::chrono::milliseconds patience{10'000};
};

// Told from the writer thread, and from the thread that watches it. Never after the lane's end.
struct LaneObserver {
    std::function<void(RecorderEvent::What)> event;  // gaps, markers, parts, errors, low space
    std::function<void()> started;                   // the first commit is there, and the name
    // A sound has ended in this frame of the recording, and the next one is waited for.
    std::function<void(std::uint64_t frame)> rests;
    std::function<void()> ended;
    // A file of the recording is finished and verified; may be empty. Under the lane's mutex.
    std::function<void(const FinishedPart&)> finished;
    // Whether the recording is whole without this lane; empty: never.
    std::function<bool()> isDispensable;
};

// How a lane ended.
struct LaneEnd {
    StopReason reason = StopReason::none;  // none: as the source
    bool finished = false;                 // journal and ring are gone
    bool complete = false;                 // finished, and under its name
    bool onlyMonitored = false;            // the start was not asked for, or no file could be made
    bool lostInRing = false;               // audio is missing because this lane's ring was full
    std::uint64_t frames = 0;
    std::uint64_t gaps = 0;
    std::uint64_t lostFrames = 0;
    std::uint64_t onlyInRing = 0;
    std::uint32_t parts = 1;
    std::uint32_t unfinishedParts = 0;  // before the last one
    std::string path;                   // empty when it holds no audio
    std::string text;
};

// The start of a recording that was only monitored so far.
struct TakeStart {
    std::uint64_t ringFrame = 0;  // the newest one then
    TakeNames names;
    std::optional<LocalTime> localTime;  // of the start, for `bext`
};

struct LaneShared {
    static constexpr std::chrono::milliseconds kHintPatience{2000};

    LaneOptions options;
    LaneObserver observer;
    std::string folderPath;
    std::shared_ptr<SpscRing> ring;
    CaptureFeed* feed = nullptr;  // the recorder's; not for a writer that was left
    std::size_t index = 0;        // of this lane's ring in the feed

    mutable std::mutex mutex;
    std::condition_variable wake;     // of the writer
    std::condition_variable changed;  // of who waits for the lane's end, or for its start
    bool captureEnded = false;
    bool splitAsked = false;
    bool monitoring = false;              // nothing is recorded yet
    bool resting = false;                 // nothing is recorded between two sounds
    std::optional<TakeStart> startAsked;  // while monitoring or resting
    std::uint64_t firstRingFrame = 0;     // of the recording
    std::uint64_t prerollFrames = 0;      // how many of the first are older than the start
    struct Marker {
        std::string text;
        std::uint64_t frame = 0;  // in the recording, where it was asked for
    };
    std::deque<Marker> markersAsked;
    std::optional<Marker> markerInHand;  // given to the disk, not told of yet
    RecorderStatus status;               // the fields that a lane knows
    std::uint64_t ringWritten = 0;       // frames of the ring that status.fileFrames covers
    std::chrono::steady_clock::time_point lastCommit;
    std::optional<LaneEnd> end;

    // Files of the session that are left to other threads, and whether the last one is finished.
    // The ring stays while it tells recovery where one of them ends.
    unsigned partsLeft = 0;
    bool isFinished = false;
    SideWork hints;  // the session index may lie on the disk that hangs

    // A file that was left has been ended. [any thread]
    void partIsEnded(bool complete);
    // Removes the ring when nobody needs it any more. [any thread]
    Result<> removeSpentRing();
    [[nodiscard]] std::uint64_t wishedPreroll() const {
        return options.prerollMs.value_or(0) * format().sampleRate / 1000;
    }
    [[nodiscard]] const PcmFormat& format() const { return options.series.first.format; }
    // A hint more or less for `holdfast-recover list`: a failure costs nothing else.
    void addHint(const TakeId& id, const std::string& journal);
    void removeHint(const TakeId& id);

  private:
    [[nodiscard]] SessionIndex sessions() const {
        return options.sessionFolder.empty() ? SessionIndex() : SessionIndex(options.sessionFolder);
    }
};

}  // namespace holdfast
