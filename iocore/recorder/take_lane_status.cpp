// What other threads ask of a lane, and tell it.
#include <algorithm>
#include <utility>

#include "iocore/recorder/take_lane.h"

namespace holdfast {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

std::uint64_t msOf(std::chrono::nanoseconds time) {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(time).count());
}

}  // namespace

std::shared_ptr<LaneWriter> TakeLane::writer() const {
    const std::lock_guard lock(shared_->mutex);
    return writer_;
}

StartedEvent TakeLane::startedEvent() const {
    return writer()->startedEvent();
}

void TakeLane::captureEnded() {
    const std::lock_guard lock(shared_->mutex);
    shared_->captureEnded = true;
    shared_->wake.notify_one();
}

void TakeLane::addMarker(std::string text) {
    const std::lock_guard lock(shared_->mutex);
    shared_->markersAsked.push_back({std::move(text), headFrames()});
    shared_->wake.notify_one();
}

void TakeLane::split() {
    const std::lock_guard lock(shared_->mutex);
    shared_->splitAsked = true;
    shared_->wake.notify_one();
}

void TakeLane::start(TakeStart start) {
    std::unique_lock lock(shared_->mutex);
    const auto waits = [this] { return shared_->monitoring || shared_->resting; };
    if (!waits()) return;
    shared_->startAsked = std::move(start);
    shared_->wake.notify_one();
    shared_->changed.wait(lock, [&] { return !waits() || shared_->end; });
}

bool TakeLane::isResting() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->resting && !shared_->end;
}

std::optional<LaneEnd> TakeLane::end() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->end;
}

// Where the newest captured frame will stand. What comes after the end is not taken into the file.
// The caller holds the mutex.
std::uint64_t TakeLane::headFrames() const {
    if (shared_->monitoring) return 0;
    const std::uint64_t fileFrames = shared_->status.fileFrames;
    if (shared_->end || shared_->resting) return fileFrames;
    const std::uint64_t published = shared_->ring->fill().published;
    return fileFrames + published - std::min(shared_->ringWritten, published);
}

bool TakeLane::isPausing() const {
    const SpscRing::Fill fill = shared_->ring->fill();
    return fill.pendingLost > 0 && fill.pendingCause == GapCause::paused;
}

std::uint64_t TakeLane::prerollFrames() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->prerollFrames;
}

void TakeLane::addTo(RecorderStatus& now) const {
    const SpscRing::Fill fill = shared_->ring->fill();
    const std::lock_guard lock(shared_->mutex);
    const RecorderState state = now.state;
    const std::uint64_t timeNs = now.timeNs;
    now = shared_->status;
    now.state = state;
    now.timeNs = timeNs;
    now.deliveredFrames = fill.published;
    const std::uint64_t kept = fill.published - std::min(fill.durable, fill.published);
    if (shared_->monitoring || shared_->resting) {
        now.prerollFrames = std::min(kept, shared_->wishedPreroll());
    }
    if (!shared_->monitoring) {
        now.capturedFrames = fill.published - shared_->firstRingFrame;
    }
    now.headFrames = headFrames();
    if (!shared_->monitoring && fill.pendingCause != GapCause::paused)
        now.lostFrames += fill.pendingLost;
    now.ringFill = static_cast<double>(kept) / static_cast<double>(fill.capacity);
    ringPeak_ = std::max(ringPeak_, now.ringFill);
    now.ringPeak = ringPeak_;
    now.stallBudgetMs =
        (fill.capacity - std::min(kept, fill.capacity)) * 1000 / format().sampleRate;
    now.commitAgeMs = msOf(Clock::now() - shared_->lastCommit);
    now.diskWaitMs = shared_->end ? 0 : msOf(writer_->waiting());
    const std::uint64_t minFree = shared_->options.minFreeBytes;
    const std::uint64_t diskLeft = now.diskFreeBytes - std::min(now.diskFreeBytes, minFree);
    const bool splits = shared_->options.series.splitAtSizeLimit;
    const std::uint64_t left = splits ? diskLeft : std::min(diskLeft, now.bytesLeftInFile);
    now.secondsLeft = left / format().bytesPerSecond();
}

}  // namespace holdfast
