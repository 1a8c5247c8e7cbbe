#include "app/capture_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "app/capture_exit.h"
#include "app/capture_report.h"
#include "app/target_name.h"
#include "iocore/base/duration.h"
#include "iocore/base/path_text.h"
#include "iocore/base/printable.h"

namespace holdfast {
namespace {

using Folder = std::shared_ptr<DiskFolder>;

using std::chrono::milliseconds;

// How late a key may be answered; events and signals wake the loop themselves.
constexpr milliseconds kKeyLook{50};
constexpr milliseconds kStatusInterval{100};
// Nobody watches: then only silence has to be noticed.
constexpr milliseconds kQuietInterval{1000};
constexpr std::chrono::seconds kLineInterval{60};
constexpr std::chrono::seconds kAudioPatience{3};
constexpr std::chrono::seconds kSameError{5};
// For callers that do not read their answers.
constexpr std::chrono::seconds kAnswerPatience{1};
constexpr std::chrono::seconds kDigestPatience{1};
constexpr milliseconds kHookLook{50};
constexpr std::uint32_t kWatchedFragmentMs = 50;
constexpr std::uint32_t kQuietFragmentMs = 125;

std::uint64_t nowNs() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

}  // namespace

CaptureSession::CaptureSession(CaptureOptions options, StopSignal& signals, ServiceNotice& notice,
                               Console& console, BestEffortOutput* events)
    : options_(std::move(options)),
      signals_(signals),
      console_(console),
      events_(events),
      unattended_(options_, notice, console, events) {}

CaptureExit CaptureSession::run() {
    if (auto started = start(); !started) {
        const Error& error = started.error();
        if (events_ != nullptr) events_->send(errorJson({nowNs(), 0}, error));
        console_.warn("holdfast-capture: " + errorReport(error));
        return exitOfStart(error);
    }
    keys_ = Keys::open();
    startedAt_ = nextStatus_ = Clock::now();
    nextLine_ = startedAt_ + kLineInterval;
    // Audio that comes faster than time says nothing about silence.
    if (!options_.capture.maxSpeed) silence_.emplace(startedAt_);
    signals_.onSignal([this] { recorder_->wake(); });
    if (control_) control_->onRequest([this] { recorder_->wake(); });
    unattended_.onNews([this] { recorder_->wake(); });
    while (!stopped_) {
        recorder_->wait(untilNextLook());
        unattended_.alive();
        takeEvents();
        unattended_.tellNews();
        if (stopped_) break;
        watchDigest();
        obeySignals();
        obeyControl();
        obeyClock();
        obeyKeys();
        noticeMissingAudio();
        if (Clock::now() >= nextStatus_) showStatus();
    }
    signals_.onSignal({});
    if (control_) control_->drain(kAnswerPatience);
    keys_.reset();
    waitForHooks();
    return static_cast<CaptureExit>(ending_.exitStatus);
}

void CaptureSession::waitForHooks() {
    unattended_.onNews({});
    unattended_.ended(recorder_->status(), recorder_->format());
    while (!unattended_.waitForHooks(kHookLook)) {
        unattended_.alive();
        if (signals_.look().stop) unattended_.leaveHooks();
    }
}

milliseconds CaptureSession::untilNextLook() const {
    if (keys_) return kKeyLook;
    auto left = std::chrono::ceil<milliseconds>(nextStatus_ - Clock::now());
    if (options_.startAt) {
        const auto untilStart = *options_.startAt - std::chrono::system_clock::now();
        left = std::min(left, std::chrono::ceil<milliseconds>(untilStart));
    }
    if (const auto watch = unattended_.watchInterval()) left = std::min(left, *watch);
    return std::clamp(left, milliseconds(0), kQuietInterval);
}

Result<> CaptureSession::start() {
    if (auto opened = openControl(); !opened) return opened;
    auto options = recorderOptions();
    if (options) {
        auto recorder = unattended_.prepare(*options).and_then(
            [&] { return Recorder::start(std::move(*options)); });
        if (recorder) {
            recorder_ = std::move(*recorder);
            return {};
        }
        options = fail(recorder.error());
        unattended_.refused();
    }
    // Refused: nothing stays that was not there before. Only empty folders can go this way.
    std::error_code ignored;
    for (auto made = foldersMade_.rbegin(); made != foldersMade_.rend(); ++made) {
        std::filesystem::remove(pathOfText(*made), ignored);
    }
    return fail(options.error());
}

Result<RecorderOptions> CaptureSession::recorderOptions() {
    auto target = resolveTarget(options_.file, systemSurroundings());
    if (!target) return fail(target.error());
    if (options_.makeFolders || target->madeByUs) {
        if (auto made = makeFolder(target->folder, foldersMade_); !made) return fail(made.error());
    }
    auto folder = openFolder(target->folder);
    if (!folder) {
        std::error_code ignored;
        if (std::filesystem::exists(pathOfText(target->folder), ignored))
            return fail(folder.error());
        return fail(Stage::usage, fmt::format("the folder {} is not there; --mkdir makes it",
                                              printable(target->folder)));
    }
    RecorderOptions options;
    options.folder = std::move(*folder);
    options.wavName = target->wavName;
    options.existing = options_.overwrite ? Existing::replace : Existing::refuse;
    options.capture = options_.capture;
    const bool watched = console_.hasMeter() || console_.hasStatusLine();
    options.capture.fragmentMs = watched ? kWatchedFragmentMs : kQuietFragmentMs;
    options.commitIntervalMs = options_.commitMs;
    options.ringMs = options_.ringMs;
    options.prerollMs = options_.prerollMs;
    if (options_.trigger) {
        options.trigger =
            RecorderOptions::Trigger{options_.trigger->linear(), options_.trigger->holdMs};
    }
    options.gapMode = options_.gapMode;
    options.onLost = options_.onLost;
    options.growth.fileType = options_.fileType;
    options.durationMs = options_.durationMs;
    options.minFreeBytes = options_.minFreeBytes;
    options.splitMs = options_.splitMs;
    options.splitBytes = options_.splitBytes;
    options.splitAtSizeLimit = true;
    options.bext = options_.bext;
    options.sha256 = options_.sha256;
    const auto openOther = [](const char* option, const std::string& path) -> Result<Folder> {
        if (path.empty()) return Folder{};
        auto other = openFolder(path);
        if (!other) return fail(Stage::usage, fmt::format("{}: {}", option, other.error().text));
        return Folder(std::move(*other));
    };
    auto spill = openOther("--spill", options_.spillFolder);
    if (!spill) return fail(spill.error());
    options.spillFolder = std::move(*spill);
    auto mirror = openOther("--mirror", options_.mirrorFolder);
    if (!mirror) return fail(mirror.error());
    options.mirrorFolder = std::move(*mirror);
    for (const auto& other : {options.spillFolder, options.mirrorFolder}) {
        if (other && other->path() == options.folder->path()) {
            return fail(Stage::usage, other->path() +
                                          ": is the recording's own folder; --spill and --mirror "
                                          "need another");
        }
    }
    return options;
}

void CaptureSession::takeEvents() {
    for (const RecorderEvent& event : recorder_->takeEvents()) tell(event);
}

void CaptureSession::tell(const RecorderEvent& event) {
    if (const auto* stopped = std::get_if<StoppedEvent>(&event.what)) {
        // From here on a second INT has nothing to leave behind.
        signals_.disarm();
        const RecorderStatus status = recorder_->status();
        const bool leftForRecovery =
            !stopped->complete && (stopped->frames > 0 || stopped->onlyInRing > 0);
        if (leftForRecovery) ending_.repairPath = status.path;
        ending_.exitStatus = exitOfEnd(*stopped, status.journalWorks);
        ending_.eventsDropped = events_ != nullptr ? events_->dropped() : 0;
    }
    if (events_ != nullptr) events_->send(eventJson(event, ending_));
    std::visit([this](const auto& what) { tell(what); }, event.what);
}

void CaptureSession::tell(const MonitoringEvent& event) {
    for (const std::string& line : monitoringReport(event)) console_.say(line);
    unattended_.waits();
    if (options_.trigger) {
        console_.say(fmt::format("a sound of {} dBFS or more begins it", options_.trigger->dbfs));
    }
    console_.say(keys_ ? "Keys: r or space start, q stop, ? help" : "start: signal USR1");
}

void CaptureSession::tell(const StartedEvent& event) {
    audioArrived_ = true;
    unattended_.started(event);
    for (const std::string& line : startReport(event)) console_.say(line);
    console_.detail(startDetails(event));
    if (keys_) console_.say("Keys: q stop, space pause, m marker, n new file, ? help");
}

void CaptureSession::tell(const GapEvent& event) {
    console_.warn(gapReport(event, recorder_->format()));
}

void CaptureSession::tell(const DeviceLostEvent& event) {
    console_.warn(deviceLostReport(event, recorder_->format()));
}

void CaptureSession::tell(const DeviceBackEvent& event) {
    // What nobody could hear was no silence.
    if (silence_ && event.deviceFormat) silence_.emplace(Clock::now());
    console_.warn(deviceBackReport(event, recorder_->format()));
}

void CaptureSession::tell(const MarkerEvent& event) {
    answerMarker(event);
    console_.say(fmt::format("{} at {}{}", event.text,
                             clockText(event.frame, recorder_->format().sampleRate),
                             event.durable ? "" : ", not on the disk yet"));
}

void CaptureSession::tell(const PausedEvent& event) {
    paused_ = event.paused;
    if (event.paused) answerPause();
    console_.say(fmt::format("{} at {}", event.paused ? "paused" : "resumed",
                             clockText(event.frame, recorder_->format().sampleRate)));
}

void CaptureSession::tell(const WaitingEvent& event) {
    console_.say(fmt::format("no sound at {}; waiting for the next",
                             clockText(event.frame, recorder_->format().sampleRate)));
}

void CaptureSession::tell(const FileClosedEvent& event) {
    unattended_.closed(event);
}

void CaptureSession::tell(const PartEvent& event) {
    unattended_.wentOn(event);
    const std::string line = partReport(event, recorder_->format());
    isSpill(event.reason) ? console_.warn(line) : console_.say(line);
}

void CaptureSession::tell(const LowSpaceEvent& event) {
    console_.warn(
        fmt::format("the disk is nearly full: {} MiB are free; finishing", event.freeBytes >> 20));
}

void CaptureSession::tell(const ErrorEvent& event) {
    // A second try often fails as the first did; the same failure later is news again.
    std::string text = errorReport(event.error);
    const bool repeated = text == lastError_ && Clock::now() - lastErrorAt_ < kSameError;
    lastErrorAt_ = Clock::now();
    if (repeated) return;
    console_.warn(text);
    lastError_ = std::move(text);
}

void CaptureSession::tell(const StoppedEvent& event) {
    const EndReport report = endReport(event, recorder_->format(), ending_.repairPath);
    console_.clearStatus();
    if (report.isGood) {
        console_.say(report.text);
    } else {
        console_.warn(report.text);
    }
    stopped_ = event;
    answerStop(event);
}

// The take is complete on its disk: from here on there is nothing to leave to recovery.
void CaptureSession::watchDigest() {
    if (!recorder_->onlyDigestsLeft()) return;
    if (!digestSince_) {
        signals_.disarm();
        digestSince_ = Clock::now();
    }
    if (digestTold_ || Clock::now() - *digestSince_ < kDigestPatience) return;
    digestTold_ = true;
    console_.say(
        "the recording has ended; it is read back for its SHA-256 (Ctrl-C leaves that "
        "out)");
}

void CaptureSession::leaveDigest() {
    if (std::exchange(digestLeft_, true)) return;
    console_.warn("the recording has ended; its SHA-256 is left out");
    recorder_->leaveDigests();
}

void CaptureSession::showStatus() {
    const auto now = Clock::now();
    const bool watched = events_ != nullptr || console_.hasStatusLine();
    nextStatus_ = now + (watched ? kStatusInterval : kQuietInterval);
    const RecorderStatus status = recorder_->status();
    updatePeaks(status);
    watchDisk(status);
    unattended_.show(status, recorder_->format(), peaks_);
    if (events_ != nullptr) events_->sendIfIdle(statusJson(status, peaks_));
    if (console_.hasStatusLine() || now >= nextLine_) {
        nextLine_ = now + kLineInterval;
        console_.showStatus(status, recorder_->format(), peaks_);
    }
}

// Between two deliveries of the device there is nothing to hear, which is no silence: the last
// peaks stand.
void CaptureSession::updatePeaks(const RecorderStatus& status) {
    const std::vector<float> peaks = recorder_->takePeaks();
    const bool delivered = status.deliveredFrames != lastDelivered_;
    lastDelivered_ = status.deliveredFrames;
    audioArrived_ = audioArrived_ || delivered;
    const bool stands = !paused_ && status.state != RecorderState::deviceLost;
    if (!delivered && stands && !peaks_.empty()) return;
    peaks_ = peaks;
    if (delivered) watchSilence(status);
}

void CaptureSession::watchSilence(const RecorderStatus& status) {
    if (!silence_ || peaks_.empty()) return;
    const auto heard = silence_->look(*std::ranges::max_element(peaks_), Clock::now());
    if (!heard) return;
    // Where silence is waited out, only an input that may be muted is news.
    const bool isZero = *heard == Silence::digitalZero;
    if (options_.trigger && isZero == std::exchange(zeroTold_, isZero)) return;
    if (events_ != nullptr) {
        events_->send(silenceJson({status.timeNs, status.fileFrames}, *heard));
    }
    console_.say(silenceReport(*heard));
}

void CaptureSession::watchDisk(const RecorderStatus& status) {
    const auto news = diskWait_.look(status);
    if (!news) return;
    const std::string text = diskWaitReport(*news, status);
    if (*news == DiskWaitWatch::News::answers) return console_.say(text);
    if (events_ != nullptr) {
        events_->send(
            errorJson({status.timeNs, status.fileFrames}, {Stage::disk, ETIMEDOUT, text}));
    }
    console_.warn(text);
}

void CaptureSession::noticeMissingAudio() {
    if (audioArrived_ || missingNoticed_ || Clock::now() - startedAt_ < kAudioPatience) return;
    missingNoticed_ = true;
    console_.warn("no audio arrives yet: is the device suspended, or in use elsewhere?");
}

}  // namespace holdfast
