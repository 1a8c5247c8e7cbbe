// A sound-activated lane: each sound, from its pre-roll to HOLD behind its end, is a part.
#include <algorithm>
#include <utility>

#include "iocore/recorder/lane_writer.h"

namespace holdfast {

std::uint64_t LaneWriter::nsOfFrames(std::uint64_t frames) const {
    const std::uint64_t rate = lane_->format().sampleRate;
    return frames / rate * 1'000'000'000 + frames % rate * 1'000'000'000 / rate;
}

// What is captured is looked at before an end of the source counts: it may hold one more sound.
LaneWriter::Awaited LaneWriter::waitForStart(PrerollWindow& window) {
    const Awaited awaited = waitForStart();
    if (!scan_ || awaited == Awaited::start) return awaited;
    return hearsStart(window) ? Awaited::start : awaited;
}

bool LaneWriter::hearsStart(PrerollWindow& window) {
    const auto heard = scan_->findStart(window.consumer());
    if (!heard) return false;
    TakeStart start;
    start.ringFrame = *heard;
    start.names = lane_->options.series.first.names;
    const std::uint64_t published = lane_->ring->fill().published;
    start.localTime = earlier(localWallClock(), nsOfFrames(published - *heard));
    const std::lock_guard lock(lane_->mutex);
    if (!lane_->startAsked) lane_->startAsked = std::move(start);
    return true;
}

void LaneWriter::followSound() {
    scan_->follow(take_->consumer());
    take_->limitTo(scan_->limit());
}

// The sound is over, and its file ends. False when the recording does, too.
bool LaneWriter::rest() {
    obeyMarkers();
    if (isLeft()) return false;
    const bool rests = take_->rest();
    if (isLeft()) return false;
    if (!rests) {
        reason_ = StopReason::diskError;
        return false;
    }
    mayBeLeft_ = false;
    publish({});
    {
        const std::lock_guard lock(lane_->mutex);
        lane_->resting = true;
    }
    if (lane_->observer.rests) lane_->observer.rests(take_->committedFrames());
    PrerollWindow window(take_->releaseConsumer(), lane_->wishedPreroll());
    while (true) {
        switch (waitForStart(window)) {
            case Awaited::nothing:
                window.slide();
                break;
            case Awaited::end:
                return false;
            case Awaited::start:
                return goOn(window);
        }
    }
}

bool LaneWriter::goOn(PrerollWindow& window) {
    std::uint64_t startFrame = 0;
    {
        const std::lock_guard lock(lane_->mutex);
        startFrame = std::exchange(lane_->startAsked, std::nullopt)->ringFrame;
    }
    scan_->beginAt(startFrame);
    const std::uint64_t length = window.slideTo(startFrame);
    const std::uint64_t first = window.firstFrame();
    const std::uint64_t published = lane_->ring->fill().published;
    TakeSeries::Resumption resumption;
    resumption.pastGapFrames = window.pastGapFrames();
    resumption.startedEarlierNs = nsOfFrames(length + published - std::min(startFrame, published));
    mayBeLeft_ = true;
    take_->limitTo(scan_->limit());
    const auto began = take_->goOn(window.release(), resumption);
    if (isLeft()) return false;
    {
        const std::lock_guard lock(lane_->mutex);
        lane_->resting = false;
        lane_->ringWritten = first;
        lane_->changed.notify_all();
    }
    if (began) return true;
    lastError_ = began.error().message();
    reason_ = StopReason::diskError;
    lane_->observer.event(ErrorEvent{take_->committedFrames(), began.error()});
    return false;
}

}  // namespace holdfast
