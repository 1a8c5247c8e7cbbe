#include "iocore/recorder/lane_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace holdfast {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kStartPoll{20};  // until the first commit: it is due within 100 ms of audio

std::uint64_t msOfFrames(std::uint64_t frames, const PcmFormat& format) {
    return frames * 1000 / format.sampleRate;
}

// Often enough that a commit never has more than its bytes, nor the ring half of its own.
milliseconds pollIntervalOf(const LaneShared& lane) {
    const PcmFormat& format = lane.format();
    const std::uint64_t commitFillMs = TakeWriter::kMaxCommitBytes * 1000 / format.bytesPerSecond();
    const std::uint64_t halfRingMs = msOfFrames(lane.ring->fill().capacity / 2, format);
    const std::uint64_t intervalMs = lane.options.series.first.commitIntervalMs;
    return milliseconds(
        std::max<std::uint64_t>(1, std::min({intervalMs, commitFillMs, halfRingMs})));
}

}  // namespace

LaneWriter::LaneWriter(std::shared_ptr<LaneShared> lane)
    : lane_(std::move(lane)), pollInterval_(pollIntervalOf(*lane_)) {
    if (lane_->options.trigger) scan_.emplace(lane_->format(), *lane_->options.trigger);
}

SeriesObserver LaneWriter::seriesObserver() {
    SeriesObserver observer;
    observer.take.gap = [this](const GapRecord& record) {
        if (isLeft() || record.gap.cause == GapCause::paused) return;  // told as paused, resumed
        lostInRing_ = lostInRing_ || record.gap.cause == GapCause::ringFull;
        lane_->observer.event(
            GapEvent{record.fileFrame, record.gap.frames, record.filledFrames, record.gap.cause});
    };
    observer.take.error = [this](const Error& error) {
        if (isLeft()) return;
        lastError_ = error.message();
        lane_->observer.event(ErrorEvent{take_ ? take_->writtenFrames() : 0, error});
    };
    observer.begun = [this](const TakeId& id, const std::string& journal) {
        lane_->addHint(id, journal);
    };
    observer.ended = [this](const TakeId& id, bool complete) {
        if (complete) return lane_->removeHint(id);
        // It waits for recovery, and the ring says where it ends.
        const std::lock_guard lock(lane_->mutex);
        ++lane_->partsLeft;
    };
    // Also of a file that was left and is ended later, as long as the lane lives.
    observer.finished = [this](const FinishedPart& part) {
        const std::lock_guard lock(lane_->mutex);
        if (!lane_->end && lane_->observer.finished) lane_->observer.finished(part);
    };
    observer.wentOn = [this](PartReason reason, std::uint64_t frame) {
        if (isLeft()) return;
        if (isSpill(reason)) hasSpilled_ = true;
        lane_->observer.event(
            PartEvent{frame, reason, take_->finalPath(), take_->parts(), presentId()});
    };
    return observer;
}

// The order of the two: replace() looks at the flag again when it holds the gate.
void LaneWriter::endElsewhere(std::function<bool()> work) {
    hasSpilled_ = true;
    {
        const std::lock_guard lock(lane_->mutex);
        ++lane_->partsLeft;
    }
    std::thread([self = shared_from_this(), end = std::move(work)] {
        try {
            self->lane_->partIsEnded(end());
        } catch (const std::exception&) {
            // The file stays as it is, with its journal.
        }
    }).detach();
}

void LaneWriter::start() {
    thread_ = std::thread([self = shared_from_this()] { self->run(); });
}

void LaneWriter::join() {
    if (thread_.joinable()) thread_.join();
}

void LaneWriter::run() {
    writeAll();
    if (isLeft()) endWhatWasLeft();
}

void LaneWriter::writeAll() {
    LaneEnd end;
    try {
        const bool records = monitor();
        if (isLeft()) return;
        if (!records) return endWith(endUnrecorded());
        bool more = true;
        while (more) {
            waitUntilDue();
            more = commitRound();
        }
        if (isLeft()) return;
        end = endTake();
    } catch (const std::exception& problem) {
        // Out of memory, most likely. What is committed stands, the rest is in ring and journal.
        end = endAsItIs();
        end.text = fmt::format("{}; the recording ends here", problem.what());
    }
    endWith(std::move(end));
}

void LaneWriter::endWith(LaneEnd end) {
    (void)lane_->hints.drain(LaneShared::kHintPatience);
    if (isLeft()) return;
    // What comes now is no longer taken; the ring stays as it is where recovery needs it.
    lane_->feed->close(lane_->index);
    {
        const std::lock_guard lock(lane_->mutex);
        lane_->end = std::move(end);
    }
    lane_->observer.ended();
    lane_->changed.notify_all();
}

// Until the next commit is due, or there is a reason to be early.
void LaneWriter::waitUntilDue() {
    const std::uint64_t frameBytes = lane_->format().bytesPerFrame();
    const auto plenty = [&] {
        const SpscRing::Fill fill = lane_->ring->fill();
        const std::uint64_t waiting = fill.published - fill.written;
        return waiting * frameBytes >= TakeWriter::kMaxCommitBytes || waiting >= fill.capacity / 2;
    };
    const auto wait = started_ ? pollInterval_ : std::min(pollInterval_, kStartPoll);
    std::unique_lock lock(lane_->mutex);
    lane_->wake.wait_for(lock, wait, [&] {
        return lane_->captureEnded || lane_->splitAsked || !lane_->markersAsked.empty() ||
               lane_->feed->ended() != CaptureEnd::none || plenty();
    });
}

// One commit. False when the lane must end, or this thread was left.
bool LaneWriter::commitRound() {
    const bool ending = lane_->feed->ended() != CaptureEnd::none || sourceStopped();
    const auto begin = Clock::now();
    if (scan_) followSound();
    const auto committed = take_->commit();
    if (isLeft()) return false;
    const auto took = Clock::now() - begin;
    if (!committed) {
        reason_ = StopReason::diskError;
        return false;
    }
    if (!started_ && take_->named()) announceStart();
    obeyWishes();
    if (isLeft()) return false;
    publish(took);
    if (take_->wantsToStop() != StopReason::none) {
        reason_ = take_->wantsToStop();
        return false;
    }
    if (spaceIsLow()) {
        reason_ = StopReason::lowSpace;
        return false;
    }
    if (scan_ && scan_->isOver()) return !take_->isAtLimit() || rest();
    return !ending && !isLeft();
}

void LaneWriter::obeyWishes() {
    obeyMarkers();
    if (isLeft()) return;
    bool split = false;
    {
        const std::lock_guard lock(lane_->mutex);
        split = std::exchange(lane_->splitAsked, false);
    }
    if (split) take_->split();
}

void LaneWriter::obeyMarkers() {
    while (true) {
        LaneShared::Marker marker;
        {
            const std::lock_guard lock(lane_->mutex);
            lane_->markerInHand.reset();
            if (lane_->markersAsked.empty()) return;
            marker = std::move(lane_->markersAsked.front());
            lane_->markersAsked.pop_front();
            lane_->markerInHand = marker;
        }
        const bool durable = take_->addMarker(marker.text, marker.frame);
        if (isLeft()) return;
        lane_->observer.event(MarkerEvent{marker.frame, marker.text, durable});
    }
}

void LaneWriter::announceStart() {
    started_ = true;
    lane_->observer.started();
}

TakeId LaneWriter::presentId() const {
    return lane_->options.series.first.sessionId.forPart(take_->parts());
}

StartedEvent LaneWriter::startedEvent() const {
    const RingMemory& memory = lane_->ring->memory();
    StartedEvent event;
    event.frame = take_->safeFrames();
    event.path = take_->presentPath();
    event.takeId = presentId();
    event.part = take_->parts();
    event.continues = lane_->options.series.past.lastPath;
    event.commitMs = lane_->options.series.first.commitIntervalMs;
    event.journal = take_->journalPath();
    event.ring = memory.path();
    event.ringPersistent = memory.persistent();
    event.ringWhyNot = memory.whyNot();
    event.stallBudgetMs = msOfFrames(lane_->ring->fill().capacity, lane_->format());
    return event;
}

bool LaneWriter::spaceIsLow() {
    const auto free = take_->folder().freeBytes();
    if (!free) return false;  // a folder that cannot be asked is no reason to end a take
    {
        const std::lock_guard lock(lane_->mutex);
        lane_->status.diskFreeBytes = *free;
    }
    const std::uint64_t least = lane_->options.minFreeBytes;
    if (*free >= least) return false;
    if (take_->spill(PartReason::lowSpace) || isLeft()) return false;
    lastError_ = fmt::format("{}: {} MiB free, --min-free is {} MiB", take_->folder().path(),
                             *free >> 20, least >> 20);
    lane_->observer.event(LowSpaceEvent{take_->writtenFrames(), *free});
    return true;
}

bool LaneWriter::sourceStopped() const {
    const std::lock_guard lock(lane_->mutex);
    return lane_->captureEnded;
}

void LaneWriter::publish(std::chrono::nanoseconds commitTime) {
    const std::lock_guard lock(lane_->mutex);
    RecorderStatus& status = lane_->status;
    status.fileFrames = take_->writtenFrames();
    lane_->ringWritten = lane_->ring->fill().written;
    status.safeFrames = take_->safeFrames();
    status.lostFrames = take_->lostFrames();
    status.gaps = take_->gapCount();
    if (take_->commits() != status.commits) {
        status.commits = take_->commits();
        status.commitMsLast = static_cast<std::uint64_t>(
            std::chrono::duration_cast<milliseconds>(commitTime).count());
        lane_->lastCommit = Clock::now();
    }
    status.journalWorks = take_->journalWorks();
    status.path = take_->presentPath();
    status.parts = take_->parts();
    status.bytesLeftInFile = take_->bytesLeftInPart();
}

}  // namespace holdfast
