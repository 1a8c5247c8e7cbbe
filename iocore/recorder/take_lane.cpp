#include "iocore/recorder/take_lane.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace holdfast {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kStartPoll{20};  // until the first commit: it is due within 100 ms of audio

std::uint64_t msOfFrames(std::uint64_t frames, const PcmFormat& format) {
    return frames * 1000 / format.sampleRate;
}

}  // namespace

TakeLane::TakeLane(LaneOptions options, LaneObserver observer)
    : options_(std::move(options)),
      observer_(std::move(observer)),
      folderPath_(options_.folder->path()) {}

Result<std::unique_ptr<TakeLane>> TakeLane::open(LaneOptions options, LaneObserver observer) {
    std::unique_ptr<TakeLane> lane(new TakeLane(std::move(options), std::move(observer)));
    auto opened = lane->makeRing().and_then([&] { return lane->openTake(); });
    if (opened) return lane;
    lane->discard();
    return fail(opened.error());
}

Result<> TakeLane::makeRing() {
    const std::uint64_t wished = std::uint64_t{options_.ringMs} * format().sampleRate / 1000;
    const std::uint64_t most = kMaxRingBytes / format().bytesPerFrame();
    const std::uint64_t least = options_.leastRingFrames;
    const std::uint64_t capacity = std::clamp(wished, least, std::max(least, most));
    const auto folders = options_.ringFolders.empty() ? RingMemory::places() : options_.ringFolders;
    const TakeId& id = options_.series.first.sessionId;

    auto memory = RingMemory::create(folders, id, SpscRing::memoryBytes(format(), capacity));
    if (!memory) return fail(memory.error());
    auto ring = SpscRing::create(std::move(*memory), format(), capacity, id);
    if (!ring) return fail(ring.error());
    ring_ = std::move(*ring);
    ring_->setUse(RingUse::recording);
    options_.series.first.ringPath = ring_->memory().path();
    return {};
}

SeriesObserver TakeLane::seriesObserver() {
    SeriesObserver observer;
    observer.take.gap = [this](const GapRecord& record) {
        if (record.gap.cause == GapCause::paused) return;  // told as paused and resumed
        observer_.event(
            GapEvent{record.fileFrame, record.gap.frames, record.filledFrames, record.gap.cause});
    };
    observer.take.error = [this](const Error& error) {
        lastError_ = error.message();
        observer_.event(ErrorEvent{take_->writtenFrames(), error});
    };
    // Only a hint for `holdfast-recover list`: a failure costs nothing else.
    observer.begun = [this](const TakeId& id, const std::string& journal) {
        (void)sessions().add(id, journal);
    };
    observer.ended = [this](const TakeId& id, bool complete) {
        if (complete) (void)sessions().remove(id);
    };
    observer.wentOn = [this](PartReason reason, std::uint64_t frame) {
        observer_.event(PartEvent{frame, reason, take_->finalPath(), take_->parts()});
    };
    return observer;
}

Result<> TakeLane::openTake() {
    take_ =
        std::make_unique<TakeSeries>(options_.folder, *ring_, options_.series, seriesObserver());
    return take_->begin();
}

void TakeLane::discard() {
    if (take_) {
        take_->discard();
        (void)sessions().remove(options_.series.first.sessionId);
    }
    if (ring_) (void)ring_->memory().removeFile();
}

SessionIndex TakeLane::sessions() const {
    return options_.sessionFolder.empty() ? SessionIndex() : SessionIndex(options_.sessionFolder);
}

void TakeLane::run(CaptureFeed& feed, std::size_t index) {
    feed_ = &feed;
    index_ = index;
    lastCommit_ = Clock::now();
    if (const auto free = options_.folder->freeBytes()) status_.diskFreeBytes = *free;

    // Often enough that a commit never has more than its bytes, nor the ring half of its own.
    const std::uint64_t commitFillMs =
        TakeWriter::kMaxCommitBytes * 1000 / format().bytesPerSecond();
    const std::uint64_t halfRingMs = msOfFrames(ring_->fill().capacity / 2, format());
    const std::uint64_t intervalMs = options_.series.first.commitIntervalMs;
    pollInterval_ =
        milliseconds(std::max<std::uint64_t>(1, std::min({intervalMs, commitFillMs, halfRingMs})));
    thread_ = std::thread([this] { loop(); });
}

TakeLane::~TakeLane() {
    join();
}

void TakeLane::join() {
    if (thread_.joinable()) thread_.join();
}

void TakeLane::loop() {
    bool more = true;
    while (more) {
        waitUntilDue();
        more = commitRound();
    }
    const LaneEnd end = endTake();
    // What comes now is no longer taken; the ring stays as it is where recovery needs it.
    feed_->close(index_);
    {
        const std::lock_guard lock(mutex_);
        end_ = end;
    }
    observer_.ended();
}

// Until the next commit is due, or there is a reason to be early.
void TakeLane::waitUntilDue() {
    const std::uint64_t frameBytes = format().bytesPerFrame();
    const auto plenty = [&] {
        const SpscRing::Fill fill = ring_->fill();
        const std::uint64_t waiting = fill.published - fill.written;
        return waiting * frameBytes >= TakeWriter::kMaxCommitBytes || waiting >= fill.capacity / 2;
    };
    const auto wait = started_ ? pollInterval_ : std::min(pollInterval_, kStartPoll);
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, wait, [&] {
        return captureEnded_ || splitAsked_ || !markersAsked_.empty() ||
               feed_->ended() != CaptureEnd::none || plenty();
    });
}

// One commit. False when the lane must end.
bool TakeLane::commitRound() {
    const bool ending = feed_->ended() != CaptureEnd::none || sourceStopped();
    const auto begin = Clock::now();
    const auto committed = take_->commit();
    const auto took = Clock::now() - begin;
    if (!committed) {
        reason_ = StopReason::diskError;
        return false;
    }
    if (!started_ && take_->named()) announceStart();
    obeyWishes();
    publish(took);
    if (take_->wantsToStop() != StopReason::none) {
        reason_ = take_->wantsToStop();
        return false;
    }
    if (spaceIsLow()) {
        reason_ = StopReason::lowSpace;
        return false;
    }
    return !ending;
}

void TakeLane::obeyWishes() {
    std::vector<Marker> markers;
    bool split = false;
    {
        const std::lock_guard lock(mutex_);
        markers.swap(markersAsked_);
        split = std::exchange(splitAsked_, false);
    }
    for (const Marker& marker : markers) {
        const bool durable = take_->addMarker(marker.text, marker.frame);
        observer_.event(MarkerEvent{marker.frame, marker.text, durable});
    }
    if (split) take_->split();
}

void TakeLane::announceStart() {
    started_ = true;
    observer_.started();
}

StartedEvent TakeLane::startedEvent() const {
    const RingMemory& memory = ring_->memory();
    StartedEvent event;
    event.frame = take_->safeFrames();
    event.path = take_->presentPath();
    event.commitMs = options_.series.first.commitIntervalMs;
    event.journal = take_->journalPath();
    event.ring = memory.path();
    event.ringPersistent = memory.persistent();
    event.ringWhyNot = memory.whyNot();
    event.stallBudgetMs = msOfFrames(ring_->fill().capacity, format());
    return event;
}

bool TakeLane::spaceIsLow() {
    const auto free = take_->folder().freeBytes();
    if (!free) return false;  // a folder that cannot be asked is no reason to end a take
    {
        const std::lock_guard lock(mutex_);
        status_.diskFreeBytes = *free;
    }
    if (*free >= options_.minFreeBytes) return false;
    if (take_->spill(PartReason::lowSpace)) return false;
    lastError_ = fmt::format("{}: {} MiB free, --min-free is {} MiB", take_->folder().path(),
                             *free >> 20, options_.minFreeBytes >> 20);
    observer_.event(LowSpaceEvent{take_->writtenFrames(), *free});
    return true;
}

LaneEnd TakeLane::endTake() {
    // A gap still open in the ring: its entry needs room that only the next commits make.
    std::uint64_t before = take_->commits() + 1;
    while (sourceStopped() && !feed_->finish(index_) && take_->commits() != before) {
        before = take_->commits();
        if (!take_->commit()) break;
    }
    obeyWishes();
    const auto finished = take_->finish();
    // Named by its last commit, or by one that failed afterwards.
    if (!started_ && take_->named()) announceStart();
    LaneEnd end;
    end.finished = finished.value_or(false);
    end.complete = end.finished && take_->named();
    if (!finished) lastError_ = finished.error().message();
    end.reason = end.finished ? reason_ : StopReason::diskError;
    if (take_->wantsToStop() != StopReason::none && end.complete) end.reason = take_->wantsToStop();
    end.frames = take_->committedFrames();
    end.gaps = take_->gapCount();
    end.lostFrames = take_->lostFrames();
    end.parts = take_->parts();
    end.unfinishedParts = take_->unfinishedParts();
    if (end.frames > 0) end.path = take_->lastPath();
    end.text = lastError_;
    if (end.finished) {
        if (auto removed = ring_->memory().removeFile(); !removed) {
            observer_.event(ErrorEvent{end.frames, removed.error()});
        }
    } else {
        const SpscRing::Fill fill = ring_->fill();
        end.onlyInRing = fill.published - fill.durable;
    }
    publish({});
    return end;
}

}  // namespace holdfast
