// How a lane's writer ends: with its recording, or left behind on a disk that does not answer.
#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "iocore/disk/watched_folder.h"
#include "iocore/recorder/lane_writer.h"

namespace holdfast {
namespace {

// At the end of a recording, for a disk that may answer just now.
constexpr std::chrono::seconds kLastChance{2};

}  // namespace

LaneEnd LaneWriter::endTake() {
    if (take_->isResting()) return endAtRest();
    // A gap still open in the ring: its entry needs room that only the next commits make.
    std::uint64_t before = take_->commits() + 1;
    while (sourceStopped() && !lane_->feed->finish(lane_->index) && take_->commits() != before) {
        before = take_->commits();
        if (!take_->commit() || isLeft()) break;
    }
    if (isLeft()) return {};
    obeyWishes();
    if (isLeft()) return {};
    const auto finished = take_->finish();
    if (isLeft()) return {};
    // Named by its last commit, or by one that failed afterwards.
    if (!started_ && take_->named()) announceStart();
    if (!finished) lastError_ = finished.error().message();
    LaneEnd end = endAsItIs();
    end.finished = finished.value_or(false);
    if (end.finished) end.onlyInRing = 0;
    end.complete = end.finished && take_->named();
    if (end.finished) end.reason = reason_;
    if (take_->wantsToStop() != StopReason::none && end.complete) end.reason = take_->wantsToStop();
    removeRing(end);
    end.unfinishedParts += partsLeftOpen();
    publish({});
    return end;
}

LaneEnd LaneWriter::endAsItIs() const {
    LaneEnd end;
    end.reason = StopReason::diskError;
    end.lostInRing = lostInRing_;
    end.frames = take_->committedFrames();
    end.gaps = take_->gapCount();
    end.lostFrames = take_->lostFrames();
    end.parts = take_->parts();
    end.unfinishedParts = take_->unfinishedParts();
    if (end.frames > 0) end.path = take_->lastPath();
    end.text = lastError_;
    const SpscRing::Fill fill = lane_->ring->fill();
    end.onlyInRing = fill.published - fill.durable;
    return end;
}

// The last sound's file is finished, and what came behind it is of no take.
LaneEnd LaneWriter::endAtRest() {
    LaneEnd end = endAsItIs();
    end.reason = reason_;
    end.onlyInRing = 0;
    end.finished = end.complete = true;
    removeRing(end);
    publish({});
    return end;
}

void LaneWriter::removeRing(const LaneEnd& end) {
    if (!end.finished) return;
    {
        const std::lock_guard lock(lane_->mutex);
        lane_->isFinished = true;
    }
    if (auto removed = lane_->removeSpentRing(); !removed) {
        lane_->observer.event(ErrorEvent{end.frames, removed.error()});
    }
}

std::uint32_t LaneWriter::partsLeftOpen() {
    if (!leftOpen_.valid()) return 0;
    const bool answered = leftOpen_.wait_for(kLastChance) == std::future_status::ready;
    const std::uint32_t open = answered ? leftOpen_.get() : partsLeft_;
    if (open == 0) return 0;
    lastError_ = fmt::format(
        "{}: its disk {}; it is safe to its last commit, and holdfast-recover repair --in-place "
        "finishes it",
        pathLeft_, answered ? "answered, but it could not be finished" : "still does not answer");
    lane_->observer.event(ErrorEvent{take_->writtenFrames(), {Stage::disk, ETIMEDOUT, lastError_}});
    return open;
}

// The thread is held in a call to its disk: all that it owns is ours until it is let go.
Result<LaneWriter::Left> LaneWriter::replace(std::chrono::nanoseconds atLeast) {
    if (!canBeReplaced() || !gate_->hold(atLeast)) return Left{};
    if (!canBeReplaced()) {  // what is held is not this writer any more
        gate_->letGo();
        return Left{};
    }
    Left left;
    if (take_->hasAll(sourceStopped())) {
        left.end = endOnSilentDisk();
        left.end->onlyInRing = 0;
        leaveFor(LeftFor::itsFile, Session::ends);
        return left;
    }
    auto next = std::make_shared<LaneWriter>(lane_);
    auto series = seriesWithout(*next);
    if (!series) {
        gate_->letGo();
        return fail(series.error());
    }
    next->take_ = std::move(*series);
    next->takeFrom(*this);
    leaveFor(LeftFor::itsFile, Session::goesOn);
    left.next = std::move(next);
    return left;
}

// No exception may leave the other thread held.
Result<std::unique_ptr<TakeSeries>> LaneWriter::seriesWithout(LaneWriter& next) {
    try {
        return take_->goOnWithout(
            std::make_shared<WatchedFolder>(lane_->options.series.spillFolder, next.spillGate_),
            next.seriesObserver());
    } catch (const std::exception& problem) {
        return fail(Stage::disk, problem.what());
    }
}

LaneEnd LaneWriter::endOnSilentDisk() const {
    LaneEnd end = endAsItIs();
    end.text = take_->pathLeft() + ": the disk does not answer";
    return end;
}

void LaneWriter::leaveFor(LeftFor what, Session session) {
    {
        const std::lock_guard lock(lane_->mutex);
        ++lane_->partsLeft;
        lane_->isFinished = session == Session::ends;
    }
    leftFor_ = what;
    thread_.detach();
    gate().turnAway();
}

// What is told of the change comes from the new writer: the old one's words end here.
void LaneWriter::takeFrom(LaneWriter& left) {
    hasSpilled_ = true;
    started_ = left.started_;
    lostInRing_ = left.lostInRing_;
    scan_ = left.scan_;
    lastError_ = left.lastError_;
    pathLeft_ = left.take_->pathLeft();
    partsLeft_ = left.take_->partsLeft();
    leftOpen_ = left.open_.get_future();
    std::optional<LaneShared::Marker> marker;
    {
        const std::lock_guard lock(lane_->mutex);
        marker = std::exchange(lane_->markerInHand, std::nullopt);
    }
    if (marker) lane_->observer.event(MarkerEvent{marker->frame, marker->text, false});
    lane_->observer.event(PartEvent{take_->committedFrames(), PartReason::diskHang,
                                    take_->finalPath(), take_->parts(), presentId()});
}

LaneWriter::Left LaneWriter::giveUp(std::chrono::nanoseconds atLeast) {
    Left left;
    if (!gate().hold(atLeast)) return left;
    left.end = endOnSilentDisk();
    leaveFor(LeftFor::recovery, Session::goesOn);
    return left;
}

// On the thread that was left, when its disk answers again.
void LaneWriter::endWhatWasLeft() {
    if (leftFor_ != LeftFor::itsFile) return;
    gate_->open();
    std::uint32_t open = 1;
    try {
        open = take_->endAtHandOver();
    } catch (const std::exception&) {
        // The file stays as it is, with its journal.
    }
    open_.set_value(open);
    lane_->partIsEnded(open == 0);
}

}  // namespace holdfast
