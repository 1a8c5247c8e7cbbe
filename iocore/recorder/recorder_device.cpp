// Devices that go and come back, as the recorder tells of them.
#include <utility>

#include "iocore/recorder/recorder.h"

namespace holdfast {

void Recorder::outliveDevice() {
    PersistentOptions options;
    options.request = options_.capture;
    options.onLost = options_.onLost;
    options.open = options_.openDevice;
    const bool fallback = options_.onLost == OnLost::fallback;
    options.observer.lost = [this, fallback](const Error& why) {
        {
            const std::lock_guard lock(mutex_);
            lostText_ = why.text;
        }
        post(DeviceLostEvent{status().headFrames, grant().id, why.text, fallback});
    };
    options.observer.back = [this](const CaptureGrant& device) { tellDevice(device, false); };
    options.observer.moved = [this](const CaptureGrant& device) { tellDevice(device, true); };
    options.observer.thereAgain = [this] {
        DeviceBackEvent event;
        event.frame = status().headFrames;
        event.deviceId = grant().id;
        event.deviceName = grant().name;
        post(std::move(event));
    };
    // While nothing comes, what is missing counts as if it had come.
    options.observer.mayWait = [this](std::uint64_t missing) {
        if (!options_.durationMs) return true;
        const std::uint64_t whole = *options_.durationMs * format().sampleRate / 1000;
        return status().headFrames + missing < whole;
    };
    source_ = std::make_unique<PersistentSource>(std::move(source_), std::move(options));
    outlives_ = true;
}

void Recorder::tellDevice(const CaptureGrant& device, bool moved) {
    DeviceBackEvent event;
    event.frame = status().headFrames;
    event.deviceId = device.id;
    event.deviceName = device.name;
    event.deviceFormat = device.deviceFormat;
    event.converted = device.converted;
    event.moved = moved;
    post(std::move(event));
}

}  // namespace holdfast
