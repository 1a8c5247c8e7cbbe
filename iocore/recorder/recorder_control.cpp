// The control thread's side of the recorder, and what any thread may ask.
#include <algorithm>
#include <utility>

#include "iocore/recorder/recorder.h"

namespace holdfast {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

std::uint64_t monotonicNs() {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch())
            .count());
}

std::uint64_t msOfFrames(std::uint64_t frames, const PcmFormat& format) {
    return frames * 1000 / format.sampleRate;
}

}  // namespace

void Recorder::stop() {
    if (sourceStopped()) return;
    if (source_) source_->stop();
    const std::lock_guard lock(mutex_);
    captureEnded_ = true;
    writerWake_.notify_one();
}

void Recorder::setPaused(bool paused) {
    {
        const std::lock_guard lock(mutex_);
        const RecorderState next = paused ? RecorderState::paused : RecorderState::recording;
        if (!mayFollow(status_.state, next) || status_.state == RecorderState::starting) return;
        status_.state = next;
    }
    feed_->setPaused(paused);
    post(PausedEvent{status().headFrames, paused});
}

void Recorder::addMarker(std::string text) {
    const std::uint64_t frame = status().headFrames;
    const std::lock_guard lock(mutex_);
    markersAsked_.push_back({std::move(text), frame});
    writerWake_.notify_one();
}

void Recorder::wait(milliseconds atMost) {
    std::unique_lock lock(mutex_);
    controlWake_.wait_for(lock, atMost, [&] { return !events_.empty() || endedFlag_ || woken_; });
    woken_ = false;
}

void Recorder::wake() {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    controlWake_.notify_all();
}

std::vector<RecorderEvent> Recorder::takeEvents() {
    const std::lock_guard lock(mutex_);
    return std::exchange(events_, {});
}

bool Recorder::sourceStopped() const {
    const std::lock_guard lock(mutex_);
    return captureEnded_;
}

bool Recorder::ended() const {
    const std::lock_guard lock(mutex_);
    return endedFlag_;
}

std::vector<float> Recorder::takePeaks() {
    std::vector<float> peaks(format().channels);
    for (std::uint32_t channel = 0; channel < format().channels; ++channel) {
        peaks[channel] = levels_.takePeak(channel);
    }
    return peaks;
}

RecorderStatus Recorder::status() const {
    const SpscRing::Fill fill = ring_->fill();
    const std::lock_guard lock(mutex_);
    RecorderStatus now = status_;
    now.timeNs = monotonicNs();
    now.capturedFrames = fill.published;
    now.headFrames = now.fileFrames;
    // What comes after the end was decided is not taken into the file.
    if (mayFollow(now.state, RecorderState::finalising)) {
        now.headFrames += fill.published - std::min(ringWritten_, fill.published);
    }
    if (fill.pendingCause != GapCause::paused) now.lostFrames += fill.pendingLost;
    const std::uint64_t used = fill.published - std::min(fill.durable, fill.published);
    now.ringFill = static_cast<double>(used) / static_cast<double>(fill.capacity);
    ringPeak_ = std::max(ringPeak_, now.ringFill);
    now.ringPeak = ringPeak_;
    now.stallBudgetMs = msOfFrames(fill.capacity - std::min(used, fill.capacity), format());
    now.commitAgeMs = static_cast<std::uint64_t>(
        std::chrono::duration_cast<milliseconds>(Clock::now() - lastCommit_).count());
    now.clippedSamples = levels_.clippedSamples();
    const std::uint64_t diskLeft =
        now.diskFreeBytes - std::min(now.diskFreeBytes, options_.minFreeBytes);
    const std::uint64_t written = now.fileFrames * format().bytesPerFrame();
    const bool wavOnly = options_.growth.fileType == FileType::wav;
    const std::uint64_t most =
        std::min(options_.maxDataBytes, wavOnly ? options_.growth.riffDataLimit : kMaxDataBytes);
    const std::uint64_t formatLeft = most - std::min(written, most);
    now.secondsLeft = std::min(diskLeft, formatLeft) / format().bytesPerSecond();
    return now;
}

void Recorder::post(RecorderEvent::What what) {
    const std::lock_guard lock(mutex_);
    events_.push_back({monotonicNs(), std::move(what)});
    controlWake_.notify_all();
}

}  // namespace holdfast
