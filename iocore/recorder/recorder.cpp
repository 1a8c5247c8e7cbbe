#include "iocore/recorder/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace holdfast {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kStartPoll{20};  // until the first commit: it is due within 100 ms of audio
constexpr std::uint64_t kStartReserveBytes = 1u << 20;

std::uint64_t msOfFrames(std::uint64_t frames, const PcmFormat& format) {
    return frames * 1000 / format.sampleRate;
}

Result<> checkSpace(DiskFolder& folder, std::uint64_t minFreeBytes) {
    const auto free = folder.freeBytes();
    if (!free) return fail(free.error());
    if (*free >= minFreeBytes + kStartReserveBytes) return {};
    return fail(
        Stage::disk, ENOSPC,
        fmt::format("{}: only {} MiB are free, and {} MiB are to stay free; make room, choose "
                    "another folder, or lower --min-free",
                    folder.path(), *free >> 20, minFreeBytes >> 20));
}

StopReason reasonOf(CaptureEnd end) {
    switch (end) {
        case CaptureEnd::none:
            return StopReason::none;
        case CaptureEnd::endOfInput:
            return StopReason::endOfInput;
        case CaptureEnd::deviceLost:
            return StopReason::deviceLost;
        case CaptureEnd::failed:
            return StopReason::deviceError;
    }
    return StopReason::none;
}

}  // namespace

Recorder::Recorder(RecorderOptions options)
    : options_(std::move(options)), takeId_(TakeId::random()) {}

// The path, in its order. Whatever fails undoes what was made before it.
Result<std::unique_ptr<Recorder>> Recorder::start(RecorderOptions options) {
    std::unique_ptr<Recorder> recorder(new Recorder(std::move(options)));
    RecorderOptions& wished = recorder->options_;
    const TakeNames names = TakeNames::of(wished.wavName);
    auto started = checkNamesAreFree(*wished.folder, names, wished.existing)
                       .and_then([&] { return checkSpace(*wished.folder, wished.minFreeBytes); })
                       .and_then([&] { return recorder->openDevice(); })
                       .and_then([&] { return recorder->makeRing(); })
                       .and_then([&] { return recorder->openTake(names); })
                       .and_then([&] { return recorder->startThreads(); });
    if (started) return recorder;
    if (recorder->take_) {
        recorder->take_->discard();
        (void)recorder->sessions().remove(recorder->takeId_);
    }
    if (recorder->ring_) (void)recorder->ring_->memory().removeFile();
    return fail(started.error());
}

Result<> Recorder::openDevice() {
    auto source = openCaptureSource(options_.capture);
    if (!source) return fail(source.error());
    source_ = std::move(*source);
    return validate(format());
}

Result<> Recorder::makeRing() {
    const std::uint64_t wished = std::uint64_t{options_.ringMs} * format().sampleRate / 1000;
    const std::uint64_t most = kMaxRingBytes / format().bytesPerFrame();
    const std::uint64_t least = std::max<std::uint64_t>(2 * grant().fragmentFrames, 256);
    const std::uint64_t capacity = std::clamp(wished, least, std::max(least, most));
    const auto folders = options_.ringFolders.empty() ? RingMemory::places() : options_.ringFolders;

    auto memory = RingMemory::create(folders, takeId_, SpscRing::memoryBytes(format(), capacity));
    if (!memory) return fail(memory.error());
    auto ring = SpscRing::create(std::move(*memory), format(), capacity, takeId_);
    if (!ring) return fail(ring.error());
    ring_ = std::move(*ring);
    ring_->setUse(RingUse::recording);
    return {};
}

Result<> Recorder::openTake(const TakeNames& names) {
    TakeOptions options;
    options.names = names;
    options.existing = options_.existing;
    options.takeId = takeId_;
    options.format = format();
    options.gapMode = options_.gapMode;
    options.commitIntervalMs = options_.commitIntervalMs;
    options.maxDataBytes = options_.maxDataBytes;
    options.growth = options_.growth;
    if (options_.durationMs) {
        options.maxFrames = *options_.durationMs * format().sampleRate / 1000;
    }
    options.ringPath = ring_->memory().path();
    options.deviceId = grant().id;
    options.deviceName = grant().name;

    TakeObserver observer;
    observer.gap = [this](const GapRecord& record) {
        if (record.gap.cause == GapCause::paused) return;  // told as paused and resumed
        post(GapEvent{record.fileFrame, record.gap.frames, record.filledFrames, record.gap.cause});
    };
    observer.error = [this](const Error& error) {
        lastError_ = error.message();
        post(ErrorEvent{take_->writtenFrames(), error});
    };
    take_ = std::make_unique<TakeWriter>(*options_.folder, ring_->consumer(), std::move(options),
                                         std::move(observer));
    if (auto begun = take_->begin(); !begun) return begun;
    // Only a hint for `holdfast-recover list`: a failure costs nothing else.
    (void)sessions().add(takeId_, options_.folder->path() + "/" + names.journal);
    return {};
}

SessionIndex Recorder::sessions() const {
    return options_.sessionFolder.empty() ? SessionIndex() : SessionIndex(options_.sessionFolder);
}

Result<> Recorder::startThreads() {
    std::function<void()> wake;
    if (!grant().paced) wake = [this] { writerWake_.notify_one(); };
    feed_ = std::make_unique<CaptureFeed>(ring_->producer(), format(), levels_, std::move(wake));
    lastCommit_ = Clock::now();
    if (const auto free = options_.folder->freeBytes()) status_.diskFreeBytes = *free;

    // Often enough that a commit never has more than its bytes, nor the ring half of its own.
    const std::uint64_t bytesPerSecond = format().bytesPerSecond();
    const std::uint64_t commitFillMs = TakeWriter::kMaxCommitBytes * 1000 / bytesPerSecond;
    const std::uint64_t halfRingMs = msOfFrames(ring_->fill().capacity / 2, format());
    const std::uint64_t pollMs = std::max<std::uint64_t>(
        1, std::min({std::uint64_t{options_.commitIntervalMs}, commitFillMs, halfRingMs}));
    pollInterval_ = milliseconds(pollMs);

    if (auto started = source_->start(*feed_); !started) return started;
    writer_ = std::thread([this] { writerLoop(); });
    return {};
}

Recorder::~Recorder() {
    stop();
    if (writer_.joinable()) writer_.join();
}

void Recorder::writerLoop() {
    bool more = true;
    while (more) {
        waitUntilDue();
        more = commitRound();
    }
    endTake();
}

// Until the next commit is due, or there is a reason to be early.
void Recorder::waitUntilDue() {
    const std::uint64_t frameBytes = format().bytesPerFrame();
    const auto plenty = [&] {
        const SpscRing::Fill fill = ring_->fill();
        const std::uint64_t waiting = fill.published - fill.written;
        return waiting * frameBytes >= TakeWriter::kMaxCommitBytes || waiting >= fill.capacity / 2;
    };
    const auto wait = started_ ? pollInterval_ : std::min(pollInterval_, kStartPoll);
    std::unique_lock lock(mutex_);
    writerWake_.wait_for(lock, wait, [&] {
        return captureEnded_ || !markersAsked_.empty() || feed_->ended() != CaptureEnd::none ||
               plenty();
    });
}

// One commit. False when the take must end.
bool Recorder::commitRound() {
    const bool ending = feed_->ended() != CaptureEnd::none || sourceStopped();
    const auto begin = Clock::now();
    const auto committed = take_->commit();
    const auto took = Clock::now() - begin;
    if (!committed) {
        reason_ = StopReason::diskError;
        return false;
    }
    if (!started_ && take_->named()) announceStart();
    placeMarkers();
    publishStatus(took);
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

void Recorder::placeMarkers() {
    std::vector<Marker> markers;
    {
        const std::lock_guard lock(mutex_);
        markers.swap(markersAsked_);
    }
    for (const Marker& marker : markers) {
        post(MarkerEvent{marker.frame, marker.text, take_->addMarker(marker.text, marker.frame)});
    }
}

void Recorder::announceStart() {
    started_ = true;
    const RingMemory& memory = ring_->memory();
    StartedEvent event;
    event.frame = take_->safeFrames();
    event.path = options_.folder->path() + "/" + take_->names().final;
    event.deviceId = grant().id;
    event.deviceName = grant().name;
    event.deviceFormat = grant().deviceFormat;
    event.fileFormat = format();
    event.converted = grant().converted;
    event.commitMs = options_.commitIntervalMs;
    event.fragmentMs = static_cast<std::uint32_t>(msOfFrames(grant().fragmentFrames, format()));
    event.journal = options_.folder->path() + "/" + take_->names().journal;
    // The name was taken meanwhile: the hint follows the take.
    if (take_->names().final != options_.wavName) (void)sessions().add(takeId_, event.journal);
    event.ring = memory.path();
    event.ringPersistent = memory.persistent();
    event.ringWhyNot = memory.whyNot();
    event.stallBudgetMs = msOfFrames(ring_->fill().capacity, format());
    moveTo(RecorderState::recording);
    post(std::move(event));
}

bool Recorder::spaceIsLow() {
    const auto free = options_.folder->freeBytes();
    if (!free) return false;  // a folder that cannot be asked is no reason to end a take
    {
        const std::lock_guard lock(mutex_);
        status_.diskFreeBytes = *free;
    }
    if (*free >= options_.minFreeBytes) return false;
    lastError_ = fmt::format("{}: {} MiB free, --min-free is {} MiB", options_.folder->path(),
                             *free >> 20, options_.minFreeBytes >> 20);
    post(LowSpaceEvent{take_->writtenFrames(), *free});
    return true;
}

void Recorder::endTake() {
    moveTo(RecorderState::finalising);
    const CaptureEnd captureEnd = feed_->ended();
    if (reason_ == StopReason::none) reason_ = reasonOf(captureEnd);
    if (reason_ == StopReason::none) reason_ = StopReason::asked;
    if (captureEnd != CaptureEnd::none && lastError_.empty()) {
        lastError_ = feed_->endError().text;
    }
    // A gap still open in the ring: its entry needs room that only the next commits make.
    std::uint64_t before = take_->commits() + 1;
    while (sourceStopped() && !feed_->finish() && take_->commits() != before) {
        before = take_->commits();
        if (!take_->commit()) break;
    }
    placeMarkers();
    const auto finished = take_->finish();
    // Named by its last commit, or by one that failed afterwards.
    if (!started_ && take_->named()) announceStart();
    StoppedEvent event;
    event.complete = finished.value_or(false) && take_->named();
    if (!finished) lastError_ = finished.error().message();
    if (!finished.value_or(false)) reason_ = StopReason::diskError;
    if (take_->wantsToStop() != StopReason::none && event.complete) reason_ = take_->wantsToStop();
    event.reason = reason_;
    event.frames = take_->committedFrames();
    event.gaps = take_->gapCount();
    event.lostFrames = take_->lostFrames();
    if (event.frames > 0) event.path = options_.folder->path() + "/" + take_->presentName();
    event.text = lastError_;
    if (finished.value_or(false)) {
        (void)sessions().remove(takeId_);
        if (auto removed = ring_->memory().removeFile(); !removed) {
            post(ErrorEvent{event.frames, removed.error()});
        }
    } else {
        const SpscRing::Fill fill = ring_->fill();
        event.onlyInRing = fill.published - fill.durable;
    }
    publishStatus({});
    moveTo(event.complete ? RecorderState::finished : RecorderState::failed);
    post(std::move(event));
    const std::lock_guard lock(mutex_);
    endedFlag_ = true;
    controlWake_.notify_all();
}

void Recorder::publishStatus(std::chrono::nanoseconds commitTime) {
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
    status_.path = options_.folder->path() + "/" + take_->presentName();
}

void Recorder::moveTo(RecorderState next) {
    const std::lock_guard lock(mutex_);
    if (mayFollow(status_.state, next)) status_.state = next;
}

}  // namespace holdfast
