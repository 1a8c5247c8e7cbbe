// How a lane's writer begins: with its files at once, or by waiting for the start.
#include <algorithm>
#include <utility>

#include "iocore/disk/watched_folder.h"
#include "iocore/recorder/lane_writer.h"

namespace holdfast {

Result<> LaneWriter::begin() {
    makeSeries(lane_->ring->consumer());
    auto begun = take_->begin();
    mayBeLeft_ = begun.has_value();
    (void)lane_->hints.drain(LaneShared::kHintPatience);
    return begun;
}

void LaneWriter::makeSeries(SpscRing::Consumer consumer) {
    SeriesOptions options = lane_->options.series;
    if (options.spillFolder) {
        options.spillFolder = std::make_shared<WatchedFolder>(options.spillFolder, spillGate_);
        options.elsewhere = [this](std::function<bool()> work) { endElsewhere(std::move(work)); };
    }
    take_ = std::make_unique<TakeSeries>(
        std::make_shared<WatchedFolder>(lane_->options.folder, gate_), *lane_->ring,
        std::move(consumer), std::move(options), seriesObserver());
}

void LaneWriter::discard() {
    if (!take_) return;
    take_->discard();
    lane_->removeHint(presentId());
    (void)lane_->hints.drain(LaneShared::kHintPatience);
}

// Until the start is asked for, where it has to be waited for. False: there is none, or no file
// could be made then.
bool LaneWriter::monitor() {
    if (take_) return true;
    PrerollWindow window(lane_->ring->consumer(), lane_->wishedPreroll());
    while (true) {
        switch (waitForStart(window)) {
            case Awaited::nothing:
                window.slide();
                break;
            case Awaited::end:
                return false;
            case Awaited::start:
                settleStart(window);
                return beginLate(window.release());
        }
    }
}

LaneWriter::Awaited LaneWriter::waitForStart() {
    const std::uint64_t kept = lane_->wishedPreroll();
    const auto ended = [&] {
        return lane_->captureEnded || lane_->feed->ended() != CaptureEnd::none;
    };
    // Of two rings one may be a delivery behind: it begins at the same frame.
    const auto mayStart = [&] {
        return lane_->startAsked &&
               (ended() || lane_->ring->fill().published >= lane_->startAsked->ringFrame);
    };
    const auto mustSlide = [&] {
        const SpscRing::Fill fill = lane_->ring->fill();
        return fill.published - fill.durable >= kept + (fill.capacity - kept) / 2;
    };
    std::unique_lock lock(lane_->mutex);
    lane_->wake.wait_for(lock, pollInterval_, [&] { return mayStart() || ended() || mustSlide(); });
    if (mayStart()) return Awaited::start;
    return ended() ? Awaited::end : Awaited::nothing;
}

// From here on positions are those of the recording.
void LaneWriter::settleStart(PrerollWindow& window) {
    const std::lock_guard lock(lane_->mutex);
    TakeStart start = *std::exchange(lane_->startAsked, std::nullopt);
    if (scan_) scan_->beginAt(start.ringFrame);
    const std::uint64_t length = window.slideTo(start.ringFrame);
    const std::uint64_t first = window.firstFrame();
    TakeOptions& take = lane_->options.series.first;
    take.names = std::move(start.names);
    take.startedEarlierNs = length * 1'000'000'000 / lane_->format().sampleRate;
    if (take.bext && start.localTime) {
        take.bext->startedAt = earlier(*start.localTime, take.startedEarlierNs);
    }
    lane_->firstRingFrame = lane_->ringWritten = first;
    const bool filled = take.gapMode == GapMode::fill;
    lane_->prerollFrames = filled ? length : start.ringFrame - std::min(first, start.ringFrame);
    lane_->lastCommit = std::chrono::steady_clock::now();
    lane_->monitoring = false;
    lane_->changed.notify_all();
}

bool LaneWriter::beginLate(SpscRing::Consumer consumer) {
    makeSeries(std::move(consumer));
    mayBeLeft_ = true;
    const auto begun = take_->beginLate();
    if (begun || isLeft()) return begun.has_value();
    lastError_ = begun.error().message();
    reason_ = StopReason::diskError;
    lane_->observer.event(ErrorEvent{0, begun.error()});
    return false;
}

LaneEnd LaneWriter::endUnrecorded() {
    LaneEnd end;
    end.reason = reason_;
    end.onlyMonitored = true;
    end.text = lastError_;
    {
        const std::lock_guard lock(lane_->mutex);
        lane_->isFinished = true;
        lane_->monitoring = false;
    }
    if (auto removed = lane_->removeSpentRing(); !removed) {
        lane_->observer.event(ErrorEvent{0, removed.error()});
    }
    return end;
}

}  // namespace holdfast
