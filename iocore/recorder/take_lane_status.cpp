// What other threads ask of a lane, and tell it.
#include <algorithm>
#include <utility>

#include "iocore/recorder/take_lane.h"

namespace holdfast {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

}  // namespace

void TakeLane::captureEnded() {
    const std::lock_guard lock(mutex_);
    captureEnded_ = true;
    wake_.notify_one();
}

void TakeLane::addMarker(std::string text) {
    const std::lock_guard lock(mutex_);
    markersAsked_.push_back({std::move(text), headFrames()});
    wake_.notify_one();
}

void TakeLane::split() {
    const std::lock_guard lock(mutex_);
    splitAsked_ = true;
    wake_.notify_one();
}

bool TakeLane::sourceStopped() const {
    const std::lock_guard lock(mutex_);
    return captureEnded_;
}

std::optional<LaneEnd> TakeLane::end() const {
    const std::lock_guard lock(mutex_);
    return end_;
}

// Where the newest captured frame will stand. What comes after the end is not taken into the file.
// The caller holds the mutex.
std::uint64_t TakeLane::headFrames() const {
    if (end_) return status_.fileFrames;
    const std::uint64_t published = ring_->fill().published;
    return status_.fileFrames + published - std::min(ringWritten_, published);
}

void TakeLane::publish(std::chrono::nanoseconds commitTime) {
    const std::lock_guard lock(mutex_);
    status_.fileFrames = take_->writtenFrames();
    ringWritten_ = ring_->fill().written;
    status_.safeFrames = take_->safeFrames();
    status_.lostFrames = take_->lostFrames();
    status_.gaps = take_->gapCount();
    if (take_->commits() != status_.commits) {
        status_.commits = take_->commits();
        status_.commitMsLast = static_cast<std::uint64_t>(
            std::chrono::duration_cast<milliseconds>(commitTime).count());
        lastCommit_ = Clock::now();
    }
    status_.journalWorks = take_->journalWorks();
    status_.path = take_->presentPath();
    status_.parts = take_->parts();
    status_.bytesLeftInFile = take_->bytesLeftInPart();
}

void TakeLane::addTo(RecorderStatus& now) const {
    const SpscRing::Fill fill = ring_->fill();
    const std::lock_guard lock(mutex_);
    const RecorderState state = now.state;
    const std::uint64_t timeNs = now.timeNs;
    now = status_;
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
    now.commitAgeMs = static_cast<std::uint64_t>(
        std::chrono::duration_cast<milliseconds>(Clock::now() - lastCommit_).count());
    const std::uint64_t diskLeft =
        now.diskFreeBytes - std::min(now.diskFreeBytes, options_.minFreeBytes);
    const bool splits = options_.series.splitAtSizeLimit;
    const std::uint64_t left = splits ? diskLeft : std::min(diskLeft, now.bytesLeftInFile);
    now.secondsLeft = left / format().bytesPerSecond();
}

}  // namespace holdfast
