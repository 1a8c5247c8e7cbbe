#include "iocore/recorder/recorder_state.h"

#include <array>

namespace holdfast {

std::string_view recorderStateName(RecorderState state) {
    switch (state) {
        case RecorderState::monitoring:
            return "monitoring";
        case RecorderState::starting:
            return "starting";
        case RecorderState::recording:
            return "recording";
        case RecorderState::paused:
            return "paused";
        case RecorderState::deviceLost:
            return "device_lost";
        case RecorderState::finalising:
            return "finalising";
        case RecorderState::finished:
            return "finished";
        case RecorderState::failed:
            return "failed";
    }
    return "unknown";
}

bool mayFollow(RecorderState from, RecorderState to) {
    using enum RecorderState;
    switch (to) {
        case monitoring:
        case deviceLost:
            return false;
        case starting:
            return from == monitoring;
        case recording:
            return from == starting || from == paused;
        case paused:
            return from == recording;
        case finalising:
            return from == monitoring || from == starting || from == recording || from == paused;
        case finished:
            return from == finalising;
        case failed:
            return from != finished && from != failed;
    }
    return false;
}

std::string_view stopReasonName(StopReason reason) {
    switch (reason) {
        case StopReason::none:
            return "none";
        case StopReason::asked:
            return "asked";
        case StopReason::duration:
            return "duration";
        case StopReason::endOfInput:
            return "end_of_input";
        case StopReason::deviceLost:
            return "device_lost";
        case StopReason::deviceError:
            return "device_error";
        case StopReason::gap:
            return "gap";
        case StopReason::lowSpace:
            return "low_space";
        case StopReason::sizeLimit:
            return "size_limit";
        case StopReason::diskError:
            return "disk_error";
    }
    return "unknown";
}

std::string_view partReasonName(PartReason reason) {
    static constexpr std::array<std::string_view, 8> names = {
        "asked", "time", "size", "disk_limit", "disk_failure", "low_space", "disk_hang", "sound"};
    return names[static_cast<std::size_t>(reason)];
}

}  // namespace holdfast
