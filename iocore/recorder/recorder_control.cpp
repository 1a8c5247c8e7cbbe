// The control thread's side of the recorder, and what any thread may ask.
#include <algorithm>
#include <utility>

#include "iocore/recorder/recorder.h"

namespace holdfast {

using std::chrono::milliseconds;

std::uint64_t Recorder::monotonicNs() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

void Recorder::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(sourceStopped_, true)) return;
    }
    if (source_) source_->stop();
    moveTo(RecorderState::finalising);
    for (TakeLane* lane : {main_.get(), mirror_.get()}) {
        if (lane != nullptr) lane->captureEnded();
    }
}

void Recorder::tellMonitoring() {
    if (!options_.prerollMs) return;
    post(MonitoringEvent{*options_.prerollMs * format().sampleRate / 1000, grant().id, grant().name,
                         format()});
}

void Recorder::begin(const std::string& wavName) {
    TakeStart start;
    const bool rests = main_->isResting();
    {
        const std::lock_guard lock(mutex_);
        const bool isFirst = state_ == RecorderState::monitoring;
        if (!isFirst && !rests) return;
        if (isFirst) state_ = RecorderState::starting;
        if (isFirst && !wavName.empty()) options_.wavName = wavName;
    }
    start.ringFrame = main_->newestRingFrame();
    start.names = TakeNames::of(options_.wavName);
    start.localTime = localWallClock();
    if (mirror_) mirror_->start(start);
    main_->start(std::move(start));
}

bool Recorder::isMonitoring() const {
    return stateNow() == RecorderState::monitoring;
}

// The lane's mutex is never taken under ours: it tells us of things under its own.
RecorderState Recorder::stateNow() const {
    const bool rests = main_->isResting();
    const std::lock_guard lock(mutex_);
    return rests && state_ == RecorderState::recording ? RecorderState::monitoring : state_;
}

bool Recorder::isPaused() const {
    const std::lock_guard lock(mutex_);
    return state_ == RecorderState::paused;
}

bool Recorder::setPaused(bool paused) {
    {
        const std::lock_guard lock(mutex_);
        const RecorderState next = paused ? RecorderState::paused : RecorderState::recording;
        if (state_ == next) return true;
        if (!mayFollow(state_, next) || state_ == RecorderState::starting) return false;
        state_ = next;
        pauseToTell_ = paused || pauseToTell_;
    }
    if (paused) {
        feed_->setPaused(true);
        return true;
    }
    const std::uint64_t frame = status().headFrames;
    tellPause(Pause::over);
    feed_->setPaused(false);
    post(PausedEvent{frame, false});
    return true;
}

// The place of a pause is where the capture thread has left off, at most a delivery after it was
// asked for.
void Recorder::tellPause(Pause pause) {
    const TakeLane& lane = mirrorLeads() ? *mirror_ : *main_;
    if (pause == Pause::begun && !lane.isPausing()) return;
    {
        const std::lock_guard lock(mutex_);
        if (!std::exchange(pauseToTell_, false)) return;
    }
    post(PausedEvent{status().headFrames, true});
}

// The main files have ended, and what goes on is shown.
bool Recorder::mirrorLeads() const {
    return mirror_ && main_->end() && !mirror_->end();
}

void Recorder::addMarker(std::string text) {
    if (isMonitoring()) return;
    if (mirror_) mirror_->addMarker(text);
    main_->addMarker(std::move(text));
}

void Recorder::split() {
    if (isMonitoring()) return;
    if (mirror_) mirror_->split();
    main_->split();
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
    tellPause(Pause::begun);
    const std::lock_guard lock(mutex_);
    return std::exchange(events_, {});
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
    RecorderStatus now;
    now.state = stateNow();
    now.timeNs = monotonicNs();
    (mirrorLeads() ? *mirror_ : *main_).addTo(now);
    if (mirror_) {
        RecorderStatus copy;
        mirror_->addTo(copy);
        now.mirrorSafeFrames = copy.safeFrames;
        now.diskWaitMs = std::max(now.diskWaitMs, copy.diskWaitMs);
    }
    const bool goesOn = now.state == RecorderState::recording ||
                        now.state == RecorderState::paused ||
                        now.state == RecorderState::monitoring;
    if (goesOn && feed_->isLost()) now.state = RecorderState::deviceLost;
    now.clippedSamples = levels_.clippedSamples();
    return now;
}

// A fast device has finished files before the start is told.
void Recorder::post(RecorderEvent::What what) {
    const std::lock_guard lock(mutex_);
    const bool isOfFiles =
        std::holds_alternative<PartEvent>(what) || std::holds_alternative<FileClosedEvent>(what);
    auto& list = isOfFiles && !startTold_ ? heldBack_ : events_;
    list.push_back({monotonicNs(), std::move(what)});
    controlWake_.notify_all();
}

}  // namespace holdfast
