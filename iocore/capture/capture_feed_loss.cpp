// What the feed knows of time: machines that sleep, devices that are lost and come back.
#include <cassert>
#include <utility>

#include "iocore/capture/capture_feed.h"

namespace holdfast {

void CaptureFeed::watchClock(bool realTime, std::function<ClockReading()> read) {
    readClock_ = std::move(read);
    timeline_.emplace(format_.sampleRate, realTime);
    timeline_->begin(readClock_());
}

void CaptureFeed::outliveDevices(std::function<void(Error)> onLost) {
    assert(timeline_);
    onLost_ = std::move(onLost);
}

// Before what arrives goes into the ring: whatever is missing lies in front of it.
void CaptureFeed::arrive(std::uint64_t frames) {
    if (!timeline_) return;
    enterMissing(frames);
    if (!isLost()) return;
    lastLoss_ = timeline_->lastLoss();
    // Release pairs with the acquire in isLost().
    isLost_.store(false, std::memory_order_release);
}

void CaptureFeed::enterMissing(std::uint64_t arriving) {
    const DeviceTimeline::Missing missing = timeline_->arrive(readClock_(), arriving);
    enter(missing.lost, GapCause::deviceLost);
    enter(missing.asleep, GapCause::suspended);
}

void CaptureFeed::loseDevice() {
    timeline_->lose();
    // Release, as in arrive().
    isLost_.store(true, std::memory_order_release);
}

std::uint64_t CaptureFeed::lostFrames() const {
    return timeline_->lostUntil(readClock_());
}

void CaptureFeed::enterLoss() {
    enter(timeline_->tell(lostFrames()), GapCause::deviceLost);
}

void CaptureFeed::enterLoss(std::uint64_t lostFrames) {
    enter(timeline_->tell(lostFrames), GapCause::deviceLost);
    timeline_->closeLoss();
}

void CaptureFeed::endLoss() {
    if (isLost()) enterMissing(0);
}

}  // namespace holdfast
