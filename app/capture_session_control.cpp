// What other programs ask of a recording, and when they get their answer.
#include <fmt/format.h>

#include <utility>

#include "app/capture_session.h"

namespace holdfast {

// Before anything is made: a path that cannot be used is a wrong option.
Result<> CaptureSession::openControl() {
    if (options_.controlPath.empty()) return {};
    auto port = ControlPort::open(options_.controlPath);
    if (!port) return fail(Stage::usage, "--control " + port.error().text);
    control_ = std::move(*port);
    return {};
}

void CaptureSession::obeyControl() {
    if (!control_) return;
    for (ControlRequest& request : control_->take()) obey(std::move(request));
}

void CaptureSession::obey(ControlRequest request) {
    using Verb = ControlCommand::Verb;
    const Verb verb = request.command().verb;
    const bool needsTake = verb == Verb::marker || verb == Verb::pause || verb == Verb::resume;
    if (needsTake && isMonitoring()) return request.refuse("nothing is recorded yet");
    switch (verb) {
        case Verb::marker: {
            std::string text = request.command().text;
            return addMarker(std::move(text), std::move(request));
        }
        case Verb::split:
            beginFile();
            return request.done();
        case Verb::pause:
            if (!recorder_->setPaused(true)) return request.refuse("nothing can be paused now");
            if (paused_) return request.done();
            pauseAskers_.push_back(std::move(request));
            return;
        case Verb::resume:
            if (!recorder_->setPaused(false)) return request.refuse("nothing is recorded now");
            return request.done();
        case Verb::stop:
            stopAskers_.push_back(std::move(request));
            return recorder_->stop();
        case Verb::status:
            return request.reply(statusJson(recorder_->status(), peaks_));
    }
}

// Markers are told of in the order in which they were set.
void CaptureSession::answerMarker(const MarkerEvent& event) {
    if (markerAskers_.empty()) return;
    auto asker = std::move(markerAskers_.front());
    markerAskers_.pop_front();
    if (!asker) return;
    event.durable ? asker->done() : asker->refuse("the marker is not on the disk yet");
}

void CaptureSession::answerPause() {
    for (ControlRequest& asker : std::exchange(pauseAskers_, {})) asker.done();
}

void CaptureSession::answerStop(const StoppedEvent& event) {
    markerAskers_.clear();
    pauseAskers_.clear();
    for (ControlRequest& asker : std::exchange(stopAskers_, {})) {
        if (ending_.exitStatus == kExitComplete) {
            asker.done();
        } else {
            asker.refuse(fmt::format("exit status {}, stopped by {}", ending_.exitStatus,
                                     stopReasonName(event.reason)));
        }
    }
}

}  // namespace holdfast
