#include "ui/recorder_deck.h"

#include <algorithm>
#include <utility>

namespace holdfast {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kTick{33};
constexpr seconds kRetry{2};
constexpr seconds kListInterval{2};

template <typename Value>
bool isReady(const std::future<Value>& future) {
    return future.valid() && future.wait_for(seconds(0)) == std::future_status::ready;
}

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

}  // namespace

RecorderDeck::RecorderDeck(DeckOptions options, QObject* parent)
    : QObject(parent), options_(std::move(options)), device_(options_.recorder.capture.device) {
    connect(&timer_, &QTimer::timeout, this, &RecorderDeck::tick);
    timer_.setTimerType(Qt::PreciseTimer);
    timer_.start(kTick);
    open();
}

RecorderDeck::~RecorderDeck() {
    timer_.stop();
    // The futures' ends wait for the threads.
}

void RecorderDeck::open() {
    if (opening_.valid()) return;
    RecorderOptions wished = options_.recorder;
    wished.capture.device = opened_ = device_;
    wished.wavName = options_.nextName();
    if (!wished.prerollMs) wished.prerollMs = 0;
    moveTo(Phase::opening);
    opening_ =
        std::async(std::launch::async,
                   [folder = options_.folder,
                    wished = std::move(wished)]() mutable -> Result<std::unique_ptr<Recorder>> {
                       auto opened = openFolder(folder);
                       if (!opened) return fail(opened.error());
                       wished.folder = std::move(*opened);
                       return Recorder::start(std::move(wished));
                   });
}

void RecorderDeck::lookAtOpening() {
    if (!isReady(opening_)) {
        const bool mayTry = !opening_.valid() && !recorder_ && Clock::now() >= nextTry_;
        if (mayTry) open();
        return;
    }
    auto recorder = opening_.get();
    if (recorder) {
        recorder_ = std::move(*recorder);
        problem_.clear();
        silence_.emplace(Clock::now());
        status_ = recorder_->status();
        moveTo(phaseOf(status_.state));
        return;
    }
    nextTry_ = Clock::now() + kRetry;
    const QString text = textOf(recorder.error().text);
    const bool isNews = std::exchange(problem_, text) != text;
    moveTo(Phase::noDevice);
    if (isNews) Q_EMIT phaseChanged();
}

void RecorderDeck::lookAtDevices() {
    if (isReady(listing_)) {
        auto devices = listing_.get();
        const auto ids = [](const std::vector<DeviceInfo>& list) {
            std::vector<std::string> all;
            for (const DeviceInfo& device : list) all.push_back(device.id);
            return all;
        };
        std::vector<DeviceInfo> found;
        if (devices) found = std::move(*devices);
        const bool isNews = ids(found) != ids(devices_);
        devices_ = std::move(found);
        if (isNews) Q_EMIT devicesChanged();
    }
    if (listing_.valid() || Clock::now() < nextList_) return;
    nextList_ = Clock::now() + kListInterval;
    listing_ = std::async(std::launch::async, options_.listDevices);
}

void RecorderDeck::tick() {
    std::erase_if(closing_, [](const std::future<void>& closing) { return isReady(closing); });
    lookAtDevices();
    lookAtOpening();
    std::vector<float> peaks;
    if (recorder_) {
        status_ = recorder_->status();
        peaks = recorder_->takePeaks();
        listen(peaks);
        takeEvents();
    }
    if (recorder_) {
        moveTo(phaseOf(status_.state));
        if (phase_ == Phase::monitoring && opened_ != device_) close();
    }
    Q_EMIT ticked(peaks);
}

// Only what was delivered says something: between two deliveries there is nothing to hear.
void RecorderDeck::listen(const std::vector<float>& peaks) {
    if (std::exchange(heardFrames_, status_.deliveredFrames) == status_.deliveredFrames) return;
    if (!silence_ || peaks.empty()) return;
    const auto heard = silence_->look(*std::ranges::max_element(peaks), Clock::now());
    if (heard) Q_EMIT silenceChanged(*heard);
}

void RecorderDeck::takeEvents() {
    // An event may lead to the recorder's end.
    const std::shared_ptr<Recorder> recorder = recorder_;
    for (const RecorderEvent& event : recorder->takeEvents()) take(event.what);
}

void RecorderDeck::take(const RecorderEvent::What& what) {
    if (const auto* started = std::get_if<StartedEvent>(&what)) {
        Q_EMIT recordingStarted(textOf(started->path));
    } else if (const auto* gap = std::get_if<GapEvent>(&what)) {
        const double rate = recorder_->format().sampleRate;
        Q_EMIT gapFound(static_cast<double>(gap->frames) / rate, textOf(gapCauseName(gap->cause)));
    } else if (const auto* marker = std::get_if<MarkerEvent>(&what)) {
        Q_EMIT markerSet(textOf(marker->text), marker->durable);
    } else if (const auto* error = std::get_if<ErrorEvent>(&what)) {
        Q_EMIT troubled(textOf(error->error.text));
    } else if (const auto* lost = std::get_if<DeviceLostEvent>(&what)) {
        Q_EMIT troubled(textOf(lost->text));
    } else if (const auto* stopped = std::get_if<StoppedEvent>(&what)) {
        const bool wasRecording = !stopped->onlyMonitored;
        if (!wasRecording && !stopped->text.empty()) problem_ = textOf(stopped->text);
        close();
        if (wasRecording) Q_EMIT recordingStopped(*stopped);
    }
}

// Its end may take as long as a disk likes.
void RecorderDeck::close() {
    if (!recorder_) return;
    closing_.push_back(
        std::async(std::launch::async,
                   [recorder = std::exchange(recorder_, nullptr)]() mutable { recorder.reset(); }));
    open();
}

void RecorderDeck::chooseDevice(const std::string& id) {
    device_ = id;
    nextTry_ = {};
    if (phase_ == Phase::monitoring) close();
}

void RecorderDeck::record() {
    if (phase_ != Phase::monitoring) return;
    markers_ = 0;
    recorder_->begin(options_.nextName());
    status_ = recorder_->status();
    moveTo(phaseOf(status_.state));
}

void RecorderDeck::stop() {
    if (!isRecording()) return;
    moveTo(Phase::finalising);
    closing_.push_back(
        std::async(std::launch::async, [recorder = recorder_] { recorder->stop(); }));
}

void RecorderDeck::setPaused(bool paused) {
    if (!isRecording()) return;
    (void)recorder_->setPaused(paused);
    status_ = recorder_->status();
    moveTo(phaseOf(status_.state));
}

void RecorderDeck::addMarker(const QString& text) {
    if (!isRecording()) return;
    ++markers_;
    recorder_->addMarker(
        (text.isEmpty() ? tr("Marker %1").arg(markers_) : text).toUtf8().toStdString());
}

void RecorderDeck::split() {
    if (isRecording()) recorder_->split();
}

bool RecorderDeck::isRecording() const {
    return recorder_ && (phase_ == Phase::recording || phase_ == Phase::paused ||
                         (phase_ == Phase::deviceLost && !recorder_->isMonitoring()));
}

std::optional<PcmFormat> RecorderDeck::format() const {
    if (!recorder_) return std::nullopt;
    return recorder_->format();
}

QString RecorderDeck::deviceName() const {
    return recorder_ ? textOf(recorder_->grant().name) : QString();
}

RecorderDeck::Phase RecorderDeck::phaseOf(RecorderState state) const {
    switch (state) {
        case RecorderState::monitoring:
            return Phase::monitoring;
        case RecorderState::starting:
        case RecorderState::recording:
            return Phase::recording;
        case RecorderState::paused:
            return Phase::paused;
        case RecorderState::deviceLost:
            return Phase::deviceLost;
        case RecorderState::finalising:
        case RecorderState::finished:
        case RecorderState::failed:
            break;
    }
    return Phase::finalising;
}

void RecorderDeck::moveTo(Phase next) {
    // The state follows the wish to stop a moment later.
    if (phase_ == Phase::finalising && next == Phase::recording) return;
    if (std::exchange(phase_, next) != next) Q_EMIT phaseChanged();
}

}  // namespace holdfast
