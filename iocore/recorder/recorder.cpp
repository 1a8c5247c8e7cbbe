#include "iocore/recorder/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "iocore/base/clock_reading.h"
#include "iocore/base/path_text.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kStartReserveBytes = 1u << 20;
constexpr std::uint64_t kLeastEndReserveBytes = 512u << 10;
constexpr std::uint64_t kMostEndReserveBytes = 4u << 20;

std::uint64_t msOfFrames(std::uint64_t frames, const PcmFormat& format) {
    return frames * 1000 / format.sampleRate;
}

// What a full disk must still take: what the ring holds while a disk keeps its pace, and the chunks
// behind it. Never the length of the recording.
std::uint64_t endReserveBytes(const PcmFormat& format) {
    return std::clamp<std::uint64_t>(format.bytesPerSecond(), kLeastEndReserveBytes,
                                     kMostEndReserveBytes);
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

bool endedByDisk(const LaneEnd& end) {
    return end.reason == StopReason::diskError || end.reason == StopReason::lowSpace ||
           end.reason == StopReason::sizeLimit;
}

// By what is this lane's alone: the other one may go on.
bool endedAlone(const LaneEnd& end) {
    return endedByDisk(end) || (end.reason == StopReason::gap && end.lostInRing);
}

// The mirror holds what the recording does, or, where that ended early, all there was.
bool isAsComplete(const LaneEnd& copy, const LaneEnd& main) {
    if (!copy.complete || copy.unfinishedParts > 0 || endedAlone(copy)) return false;
    if (endedAlone(main)) return true;
    return copy.reason == main.reason && copy.lostFrames <= main.lostFrames;
}

// With the recording, not before it.
bool endedWhole(const TakeLane& lane) {
    const auto end = lane.end();
    return end && end->complete && end->unfinishedParts == 0 && !endedAlone(*end);
}

Error ofMirror(Error error) {
    error.text = "the mirror: " + error.text;
    return error;
}

}  // namespace

Recorder::Recorder(RecorderOptions options) : options_(std::move(options)) {
    if (options_.prerollMs) state_ = RecorderState::monitoring;
}

// The path, in its order. Whatever fails undoes what was made before it.
Result<std::unique_ptr<Recorder>> Recorder::start(RecorderOptions options) {
    std::unique_ptr<Recorder> recorder(new Recorder(std::move(options)));
    RecorderOptions& wished = recorder->options_;
    const TakeNames names = recorder->firstNames();
    auto started = checkNamesAreFree(*wished.folder, names, wished.existing)
                       .and_then([&] { return recorder->checkDigestNames(); })
                       .and_then([&] { return checkSpace(*wished.folder, wished.minFreeBytes); })
                       .and_then([&] { return recorder->openDevice(); })
                       .and_then([&] { return recorder->checkEndSpace(); })
                       .and_then([&] { return recorder->openMain(); })
                       .and_then([&] { return recorder->openMirror(names); })
                       .and_then([&] { return recorder->startThreads(); });
    if (started) {
        recorder->tellMonitoring();
        return recorder;
    }
    for (const auto& lane : {recorder->main_.get(), recorder->mirror_.get()}) {
        if (lane != nullptr) lane->discard();
    }
    return fail(started.error());
}

TakeNames Recorder::firstNames() const {
    const std::uint32_t past = options_.restart ? options_.restart->past.parts : 0;
    return TakeNames::ofPart(options_.wavName, past + 1);
}

Result<> Recorder::openDevice() {
    auto source = options_.openDevice(options_.capture);
    if (!source) return fail(source.error());
    source_ = std::move(*source);
    // A loss is a gap.
    if (options_.onLost != OnLost::stop && options_.gapMode != GapMode::stop) outliveDevice();
    return validate(format());
}

// What begin() keeps must not be what --min-free asks to stay free.
Result<> Recorder::checkEndSpace() {
    return checkSpace(*options_.folder, options_.minFreeBytes + endReserveBytes(format()));
}

LaneOptions Recorder::laneOptions() const {
    LaneOptions lane;
    lane.ringMs = options_.ringMs;
    lane.prerollMs = options_.prerollMs;
    lane.leastRingFrames = std::max<std::uint64_t>(2 * grant().fragmentFrames, 256);
    lane.ringFolders = options_.ringFolders;
    lane.sessionFolder = options_.sessionFolder;
    lane.minFreeBytes = options_.minFreeBytes;
    lane.patience = options_.diskPatience;
    TakeOptions& take = lane.series.first;
    take.names = TakeNames::of(options_.wavName);
    if (options_.restart) lane.series.past = options_.restart->past;
    take.existing = options_.existing;
    take.sessionId = TakeId::random();
    take.format = format();
    take.gapMode = options_.gapMode;
    take.commitIntervalMs = options_.commitIntervalMs;
    take.maxDataBytes = options_.maxDataBytes;
    take.growth = options_.growth;
    const auto framesOf = [this](std::uint64_t ms) { return ms * format().sampleRate / 1000; };
    if (options_.trigger) {
        lane.trigger = SoundTrigger{options_.trigger->level, framesOf(options_.trigger->holdMs)};
    }
    if (options_.durationMs) take.maxFrames = framesOf(*options_.durationMs);
    take.reserveBytes = endReserveBytes(format());
    take.deviceId = grant().id;
    take.deviceName = grant().name;
    take.bext = bext_;
    if (options_.splitMs) lane.series.splitFrames = framesOf(*options_.splitMs);
    if (options_.splitBytes > 0) {
        const std::uint64_t bext = bext_ ? encodeBext(*bext_, format(), 0).size() + 8 + 1 : 0;
        lane.series.splitBytes = options_.splitBytes - kHeaderBlockBytes - bext;
    }
    lane.series.splitAtSizeLimit = options_.splitAtSizeLimit;
    return lane;
}

Result<> Recorder::openMain() {
    // The device is open and starts as soon as the files are there.
    if (options_.bext) bext_ = BextInfo{*options_.bext, localWallClock()};
    if (options_.sha256) makeDigestThreads();
    LaneOptions options = laneOptions();
    options.folder = options_.folder;
    options.series.spillFolder = options_.spillFolder;
    LaneObserver observer;
    observer.event = [this](RecorderEvent::What what) { post(std::move(what)); };
    observer.started = [this] { onStarted(); };
    observer.rests = [this](std::uint64_t frame) { post(WaitingEvent{frame}); };
    observer.ended = [this] { onEnded(); };
    if (options_.mirrorFolder) {
        observer.isDispensable = [this] { return mirror_ && endedWhole(*mirror_); };
    }
    observer.finished = [this](const FinishedPart& part) {
        if (digests_) digests_->add(part.path);
        post(FileClosedEvent{part.endFrame, part.path, part.id, part.part});
    };
    auto lane = TakeLane::open(std::move(options), std::move(observer));
    if (!lane) return fail(lane.error());
    main_ = std::move(*lane);
    return {};
}

Result<> Recorder::openMirror(const TakeNames& names) {
    if (!options_.mirrorFolder) return {};
    LaneOptions options = laneOptions();
    options.folder = options_.mirrorFolder;
    LaneObserver observer;
    observer.event = [this](RecorderEvent::What what) { onMirrorEvent(std::move(what)); };
    observer.started = [] {};
    observer.ended = [this] { onEnded(); };
    observer.isDispensable = [this] { return endedWhole(*main_); };
    if (mirrorDigests_) {
        observer.finished = [this](const FinishedPart& part) { mirrorDigests_->add(part.path); };
    }
    auto lane = checkNamesAreFree(*options.folder, names, options_.existing).and_then([&] {
        return TakeLane::open(std::move(options), std::move(observer));
    });
    if (!lane) return fail(ofMirror(lane.error()));
    mirror_ = std::move(*lane);
    return {};
}

Result<> Recorder::startThreads() {
    std::function<void()> wake;
    if (!grant().paced) {
        wake = [this] {
            main_->wake();
            if (mirror_) mirror_->wake();
        };
    }
    feed_ = std::make_unique<CaptureFeed>(main_->producer(), format(), levels_, std::move(wake));
    if (mirror_) feed_->addRing(mirror_->producer());
    if (outlives_ || grant().paced) feed_->watchClock(grant().paced);
    if (const auto missing = framesSinceRestart(); missing > 0) {
        feed_->gap(missing, GapCause::restarted);
    }
    if (auto started = source_->start(*feed_); !started) return started;
    main_->run(*feed_, 0);
    if (mirror_) mirror_->run(*feed_, 1);
    return {};
}

// A restart is never nothing, whatever was done to the clock on the wall.
std::uint64_t Recorder::framesSinceRestart() const {
    if (!options_.restart || !options_.restart->endedNs) return 0;
    const auto now =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                       std::chrono::system_clock::now().time_since_epoch())
                                       .count());
    const std::uint64_t missing = now - std::min(now, *options_.restart->endedNs);
    return std::max<std::uint64_t>(
        1, framesIn(std::chrono::nanoseconds(missing), format().sampleRate));
}

Recorder::~Recorder() {
    stop();
    // Each thread may look at the other lane, and both use the feed.
    if (main_) main_->join();
    if (mirror_) mirror_->join();
    digests_.reset();
    mirrorDigests_.reset();
}

// The mirror hears what the main files hear; only what is its own is told.
void Recorder::onMirrorEvent(RecorderEvent::What what) {
    if (auto* error = std::get_if<ErrorEvent>(&what)) {
        post(ErrorEvent{error->frame, ofMirror(std::move(error->error))});
    } else if (const auto* gap = std::get_if<GapEvent>(&what)) {
        const bool leads = main_->end().has_value();
        if (leads) return post(*gap);
        if (gap->cause != GapCause::ringFull) return;
        const std::string text =
            fmt::format("its disk is too slow: {} frames are missing in it", gap->frames);
        post(ErrorEvent{gap->frame, ofMirror({Stage::disk, 0, text})});
    } else if (const auto* low = std::get_if<LowSpaceEvent>(&what)) {
        const std::string text = fmt::format("{} MiB are free; it ends here", low->freeBytes >> 20);
        post(ErrorEvent{low->frame, ofMirror({Stage::disk, ENOSPC, text})});
    }
}

void Recorder::onStarted() {
    StartedEvent event = main_->startedEvent();
    event.deviceId = grant().id;
    event.deviceName = grant().name;
    event.deviceFormat = grant().deviceFormat;
    event.fileFormat = format();
    event.converted = grant().converted;
    event.channelMap = grant().channelMap;
    event.fragmentMs = static_cast<std::uint32_t>(msOfFrames(grant().fragmentFrames, format()));
    if (options_.prerollMs) event.prerollFrames = main_->prerollFrames();
    if (mirror_) event.mirror = joinPath(mirror_->folderPath(), firstNames().final);
    if (options_.trigger) moveTo(RecorderState::starting);  // a sound asks nobody
    moveTo(RecorderState::recording);
    post(std::move(event));
    const std::lock_guard lock(mutex_);
    startTold_ = true;
    tellHeldBack();
}

// Under the mutex.
void Recorder::tellHeldBack() {
    for (RecorderEvent& event : std::exchange(heldBack_, {})) events_.push_back(std::move(event));
}

StopReason Recorder::reasonOfSource() const {
    switch (feed_->ended()) {
        case CaptureEnd::none:
            return StopReason::asked;
        case CaptureEnd::endOfInput:
            return StopReason::endOfInput;
        case CaptureEnd::deviceLost:
            return StopReason::deviceLost;
        case CaptureEnd::failed:
            return StopReason::deviceError;
        case CaptureEnd::timeIsOver:
            return StopReason::duration;
    }
    return StopReason::asked;
}

// A writer has ended; the recording has when both have. A mirror goes on alone.
void Recorder::onEnded() {
    const auto main = main_->end();
    const auto copy = mirror_ ? mirror_->end() : std::nullopt;
    if (main && mirror_ && !copy && endedAlone(*main)) {
        post(ErrorEvent{main->frames,
                        {Stage::disk, 0, "the recording goes on in the mirror alone"}});
    }
    {
        const std::lock_guard lock(mutex_);
        if (!main || (mirror_ && !copy) || std::exchange(bothEnded_, true)) return;
        if (mayFollow(state_, RecorderState::finalising)) state_ = RecorderState::finalising;
    }
    StoppedEvent event = stoppedEvent(*main, copy);
    if (digests_) finishDigests(event);
    const std::lock_guard lock(mutex_);
    const RecorderState last = event.complete ? RecorderState::finished : RecorderState::failed;
    if (mayFollow(state_, last)) state_ = last;
    endedFlag_ = true;
    tellHeldBack();
    events_.push_back({monotonicNs(), std::move(event)});
    controlWake_.notify_all();
}

StoppedEvent Recorder::stoppedEvent(const LaneEnd& main, const std::optional<LaneEnd>& copy) const {
    StoppedEvent event;
    event.reason = main.reason == StopReason::none ? reasonOfSource() : main.reason;
    event.frames = main.frames;
    event.gaps = main.gaps;
    event.lostFrames = main.lostFrames;
    event.onlyInRing = main.onlyInRing;
    event.complete = main.complete;
    event.onlyMonitored = main.onlyMonitored;
    event.path = main.path;
    event.parts = main.parts;
    event.unfinishedParts = main.unfinishedParts;
    event.text = main.text;
    if (event.text.empty() && feed_->ended() != CaptureEnd::none) {
        event.text = feed_->endError().text;
    }
    if (feed_->isLost()) {
        const std::lock_guard lock(mutex_);
        event.missingDevice = lostText_;
    }
    if (copy) {
        event.mirrorPath = copy->path;
        event.mirrorComplete = isAsComplete(*copy, main);
        event.mirrorFrames = copy->frames;
    }
    return event;
}

void Recorder::moveTo(RecorderState next) {
    const std::lock_guard lock(mutex_);
    if (mayFollow(state_, next)) state_ = next;
}

}  // namespace holdfast
