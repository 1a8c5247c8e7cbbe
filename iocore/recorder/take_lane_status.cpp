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

std::optional<LaneEnd> TakeLane::end() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->end;
}

// Where the newest captured frame will stand. What comes after the end is not taken into the file.
// The caller holds the mutex.
std::uint64_t TakeLane::headFrames() const {
    const std::uint64_t fileFrames = shared_->status.fileFrames;
    if (shared_->end) return fileFrames;
    const std::uint64_t published = shared_->ring->fill().published;
    return fileFrames + published - std::min(shared_->ringWritten, published);
}

void TakeLane::addTo(RecorderStatus& now) const {
    const SpscRing::Fill fill = shared_->ring->fill();
    const std::lock_guard lock(shared_->mutex);
    const RecorderState state = now.state;
    const std::uint64_t timeNs = now.timeNs;
    now = shared_->status;
    now.state = state;
    now.timeNs = timeNs;
    now.capturedFrames = fill.published;
    now.headFrames = headFrames();
    if (fill.pendingCause != GapCause::paused) now.lostFrames += fill.pendingLost;
    const std::uint64_t used = fill.published - std::min(fill.durable, fill.published);
    now.ringFill = static_cast<double>(used) / static_cast<double>(fill.capacity);
    ringPeak_ = std::max(ringPeak_, now.ringFill);
    now.ringPeak = ringPeak_;
    now.stallBudgetMs =
        (fill.capacity - std::min(used, fill.capacity)) * 1000 / format().sampleRate;
    now.commitAgeMs = msOf(Clock::now() - shared_->lastCommit);
    now.diskWaitMs = shared_->end ? 0 : msOf(writer_->waiting());
    const std::uint64_t minFree = shared_->options.minFreeBytes;
    const std::uint64_t diskLeft = now.diskFreeBytes - std::min(now.diskFreeBytes, minFree);
    const bool splits = shared_->options.series.splitAtSizeLimit;
    const std::uint64_t left = splits ? diskLeft : std::min(diskLeft, now.bytesLeftInFile);
    now.secondsLeft = left / format().bytesPerSecond();
}

}  // namespace holdfast
