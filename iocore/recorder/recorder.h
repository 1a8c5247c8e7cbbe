// Recorder: composes the path. device -> capture -> ring -> riff -> mmio -> journal -> disk
//
// Three threads: the device's own (capture), one writer (two with a mirror: take_lane.h), and the
// caller's (control). The control thread starts, stops and reads; it is never called back. Nothing
// it does, and nothing that its output does, can delay a commit.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/capture/capture_feed.h"
#include "iocore/capture/capture_source.h"
#include "iocore/capture/persistent_source.h"
#include "iocore/disk/disk_file.h"
#include "iocore/recorder/recorder_state.h"
#include "iocore/recorder/recorder_status.h"
#include "iocore/recorder/take_digests.h"
#include "iocore/recorder/take_lane.h"
#include "iocore/riff/bext_format.h"

namespace holdfast {

// A recording whose recorder was killed goes on, as its next part.
struct Restart {
    PastParts past;
    // Wall clock, of the last frame that there is: from there to now nobody recorded. None: nothing
    // is missing, because nothing was being recorded.
    std::optional<std::uint64_t> endedNs;
};

struct RecorderOptions {
    std::shared_ptr<DiskFolder> folder;
    std::string wavName;  // ends in .wav; of the first part
    std::optional<Restart> restart;
    Existing existing = Existing::refuse;
    CaptureRequest capture;
    std::uint32_t commitIntervalMs = 250;
    std::uint32_t ringMs = 30'000;  // behind the pre-roll
    // Set: start() only monitors, begin() begins the take, with so much of what came before it.
    std::optional<std::uint64_t> prerollMs;
    // With it: a sound begins the take as well, and ends it; the next one begins its next part.
    struct Trigger {
        double level = 1;  // linear, of a sample
        std::uint64_t holdMs = 0;
    };
    std::optional<Trigger> trigger;
    GapMode gapMode = GapMode::fill;
    OnLost onLost = OnLost::stop;  // with GapMode::stop a lost device always stops
    std::optional<std::uint64_t> durationMs;
    std::uint64_t minFreeBytes = 64u << 20;
    std::optional<std::uint64_t> splitMs;
    std::uint64_t splitBytes = 0;  // of a file; 0: never
    bool splitAtSizeLimit = false;
    std::shared_ptr<DiskFolder> spillFolder;   // goes on there when the folder fails
    std::shared_ptr<DiskFolder> mirrorFolder;  // a second copy at once
    // A disk that does not answer at the end is waited for so long, when the other copy is whole.
    std::chrono::milliseconds diskPatience{10'000};
    std::optional<BextFields> bext;  // a `bext` chunk in each file
    bool sha256 = false;             // NAME.wav.sha256 beside each finished file
    // For tests.
    CaptureOpener openDevice = openCaptureSource;
    // Empty: RingMemory::places().
    std::vector<std::string> ringFolders;
    std::string sessionFolder;  // empty: SessionIndex::defaultFolder()
    std::uint64_t maxDataBytes = kMaxDataBytes;
    GrowthPolicy growth;
};

class Recorder {
  public:
    // Checks the names and the space, opens the device, makes ring, journal and part file, and
    // starts the threads. With a pre-roll the files are left to begin(). On failure nothing is left
    // behind. Errors: Stage::usage (name taken), device, disk, journal. [control thread] [blocks]
    static Result<std::unique_ptr<Recorder>> start(RecorderOptions options);
    // Stops as stop() does.
    ~Recorder();

    // Ends the take: the device first, so that its last frames are in. Returns at once; the
    // StoppedEvent tells the end. Idempotent. [control thread]
    void stop();
    // The start is still waited for, or the next sound. [any thread]
    [[nodiscard]] bool isMonitoring() const;
    // Begins the take that was only monitored so far (or, between two sounds, its next part), at
    // the newest frame and with the pre-roll before it; no effect in any other state. `wavName`: of
    // the take, where it is not to be the one given at the start. [control thread]
    void begin(const std::string& wavName = {});
    // Told in a PausedEvent; one of a pause comes with the device's next delivery. False when there
    // is no recording that could be paused or go on. [control thread]
    bool setPaused(bool paused);
    // Also while the status shows a lost device. [any thread]
    [[nodiscard]] bool isPaused() const;
    void addMarker(std::string text);  // [control thread]
    // Goes on in a new file from about here. [control thread]
    void split();

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
    // The recording is complete on its disk, and only digests are still to be made. [any thread]
    [[nodiscard]] bool onlyDigestsLeft() const;
    // Leaves out the digests that are not made yet. REQUIRES onlyDigestsLeft(). [control thread]
    void leaveDigests();

    [[nodiscard]] const PcmFormat& format() const { return source_->grant().format; }
    [[nodiscard]] const CaptureGrant& grant() const { return source_->grant(); }

  private:
    explicit Recorder(RecorderOptions options);
    [[nodiscard]] TakeNames firstNames() const;
    Result<> openDevice();
    Result<> checkEndSpace();
    [[nodiscard]] LaneOptions laneOptions() const;
    Result<> openMain();
    Result<> openMirror(const TakeNames& names);
    Result<> startThreads();

    [[nodiscard]] std::uint64_t framesSinceRestart() const;
    static std::uint64_t monotonicNs();
    void outliveDevice();
    void tellLost(const Error& why);
    [[nodiscard]] DeviceBackEvent backEvent(const CaptureGrant& device,
                                            std::uint64_t missing) const;
    void onMirrorEvent(RecorderEvent::What what);
    void onStarted();
    void tellHeldBack();
    void onEnded();
    void tellMonitoring();
    [[nodiscard]] Result<> checkDigestNames() const;
    void makeDigestThreads();
    void finishDigests(StoppedEvent& event);
    [[nodiscard]] StoppedEvent stoppedEvent(const LaneEnd& main,
                                            const std::optional<LaneEnd>& copy) const;
    [[nodiscard]] StopReason reasonOfSource() const;
    [[nodiscard]] bool mirrorLeads() const;
    [[nodiscard]] RecorderState stateNow() const;
    enum class Pause { begun, over };
    void tellPause(Pause pause);
    void moveTo(RecorderState next);
    void post(RecorderEvent::What what);

    RecorderOptions options_;
    std::unique_ptr<CaptureSource> source_;
    bool outlives_ = false;  // the source outlives its device
    LevelTaps levels_;
    std::optional<BextInfo> bext_;
    std::unique_ptr<TakeDigests> digests_;
    std::unique_ptr<TakeDigests> mirrorDigests_;
    std::unique_ptr<TakeLane> main_;
    std::unique_ptr<TakeLane> mirror_;
    // Writes the lanes' rings.
    std::unique_ptr<CaptureFeed> feed_;

    // Between the writers and the control thread; never touched by the capture thread.
    mutable std::mutex mutex_;
    std::condition_variable controlWake_;
    RecorderState state_ = RecorderState::starting;
    bool sourceStopped_ = false;
    bool bothEnded_ = false;
    bool onlyDigestsLeft_ = false;
    bool endedFlag_ = false;
    bool woken_ = false;
    bool pauseToTell_ = false;
    bool startTold_ = false;
    std::vector<RecorderEvent> heldBack_;  // of files, before the start is told
    // How the device was lost the last time, and where.
    std::string lostText_;
    std::uint64_t lostFrame_ = 0;
    std::vector<RecorderEvent> events_;
};

}  // namespace holdfast
