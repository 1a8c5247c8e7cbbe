// Devices that go and come back, as the recorder tells of them.
#include <algorithm>
#include <utility>

#include "iocore/recorder/recorder.h"

namespace holdfast {

void Recorder::outliveDevice() {
    PersistentOptions options;
    options.request = options_.capture;
    options.onLost = options_.onLost;
    options.open = options_.openDevice;
    options.observer.lost = [this](const Error& why) { tellLost(why); };
    options.observer.back = [this](const CaptureGrant& device, std::uint64_t missing) {
        post(backEvent(device, missing));
    };
    options.observer.moved = [this](const CaptureGrant& device, std::uint64_t missing) {
        DeviceBackEvent event = backEvent(device, missing);
        event.moved = true;
        post(std::move(event));
    };
    options.observer.thereAgain = [this] {
        DeviceBackEvent event;
        event.frame = status().headFrames;
        event.deviceId = grant().id;
        event.deviceName = grant().name;
        post(std::move(event));
    };
    // While nothing comes, what is missing counts as if it had come.
    options.observer.mayWait = [this](std::uint64_t missing) {
        if (!options_.durationMs || isMonitoring()) return true;
        const std::uint64_t whole = *options_.durationMs * format().sampleRate / 1000;
        return status().headFrames + missing < whole;
    };
    source_ = std::make_unique<PersistentSource>(std::move(source_), std::move(options));
    outlives_ = true;
}

void Recorder::tellLost(const Error& why) {
    const std::uint64_t frame = status().headFrames;
    {
        const std::lock_guard lock(mutex_);
        lostText_ = why.text;
        lostFrame_ = frame;
    }
    post(DeviceLostEvent{frame, grant().id, why.text, options_.onLost == OnLost::fallback});
}

// The writer may not have come to the gap yet: where it ends is known all the same.
DeviceBackEvent Recorder::backEvent(const CaptureGrant& device, std::uint64_t missing) const {
    DeviceBackEvent event;
    {
        const std::lock_guard lock(mutex_);
        event.frame = lostFrame_;
        const bool fills = options_.gapMode == GapMode::fill && state_ != RecorderState::paused;
        const std::uint64_t most = TakeWriter::kMaxFillSeconds * format().sampleRate;
        if (fills) event.frame += std::min(missing, most);
    }
    event.deviceId = device.id;
    event.deviceName = device.name;
    event.deviceFormat = device.deviceFormat;
    event.converted = device.converted;
    event.missing = missing;
    return event;
}

}  // namespace holdfast
