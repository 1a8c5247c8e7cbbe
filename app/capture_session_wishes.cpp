// What signals and keys ask of a recording.
#include <fmt/format.h>

#include <utility>

#include "app/capture_report.h"
#include "app/capture_session.h"
#include "app/target_name.h"

namespace holdfast {
namespace {

constexpr std::chrono::milliseconds kLastWords{500};

}  // namespace

void CaptureSession::obeySignals() {
    const StopSignal::Seen seen = signals_.look();
    if (digestSince_) {
        if (seen.stop || seen.leaveNow) leaveDigest();
        return;
    }
    if (seen.leaveNow && !recorder_->ended()) leaveNow();
    for (unsigned i = 0; i < seen.markers; ++i) addMarker();
    if (seen.splits > 0) beginFile();
    if (seen.stop) recorder_->stop();
}

void CaptureSession::leaveNow() {
    const std::string path = recorder_->status().path;
    console_.warn("left at once, as a second Ctrl-C asks for\nRecover the take:  " +
                  repairCommand(path));
    console_.drain(kLastWords);
    StopSignal::leave();
}

void CaptureSession::obeyKeys() {
    while (keys_) {
        const auto key = keys_->read();
        if (!key) return;
        obeyKey(*key);
    }
}

void CaptureSession::obeyKey(char key) {
    if (isMonitoring()) return obeyKeyWhileMonitoring(key);
    switch (key) {
        case 'q':
            recorder_->stop();
            break;
        case ' ':
            (void)recorder_->setPaused(!recorder_->isPaused());
            break;
        case 'm':
            addMarker();
            break;
        case 'n':
            beginFile();
            break;
        case '?':
            console_.say(
                "q stop and save, space pause or go on, m marker, n new file, ? this help");
            break;
        default:
            break;
    }
}

void CaptureSession::obeyKeyWhileMonitoring(char key) {
    switch (key) {
        case 'q':
            recorder_->stop();
            break;
        case 'r':
        case ' ':
        case 'n':
            beginFile();
            break;
        case '?':
            console_.say("r, space or n start the recording, q stop, ? this help");
            break;
        default:
            break;
    }
}

bool CaptureSession::isMonitoring() const {
    return recorder_->isMonitoring();
}

// A new file, which may be the first one. Its name is that of the moment when it begins.
void CaptureSession::beginFile() {
    if (!isMonitoring()) return recorder_->split();
    const auto target = resolveTarget(options_.file, systemSurroundings());
    recorder_->begin(target ? target->wavName : std::string());
}

// By the clock on the wall, looked at again and again: it may be set, and the machine may sleep.
void CaptureSession::obeyClock() {
    if (!options_.startAt || std::chrono::system_clock::now() < *options_.startAt) return;
    options_.startAt.reset();
    if (isMonitoring()) beginFile();
}

void CaptureSession::addMarker() {
    if (isMonitoring()) return console_.say("no marker: nothing is recorded yet");
    addMarker({});
}

void CaptureSession::addMarker(std::string text, std::optional<ControlRequest> asker) {
    ++markers_;
    if (text.empty()) text = fmt::format("Marker {}", markers_);
    markerAskers_.push_back(std::move(asker));
    recorder_->addMarker(std::move(text));
}

}  // namespace holdfast
