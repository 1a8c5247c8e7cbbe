// The sound server's sources, as the device list and the opening of a device both see them.
#pragma once

#include <pulse/channelmap.h>
#include <pulse/sample.h>

#include <string>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/capture/devices.h"
#include "iocore/capture/pulse_context_pulse.h"

namespace holdfast {

struct PulseDevice {
    std::string id;    // the server's unique name
    std::string name;  // the description
    pa_sample_spec spec{};
    pa_channel_map map{};
    bool isDefault = false;
    bool isMonitor = false;
    bool hasClock = false;  // delivers by a clock for sure: hardware, or what is played somewhere
};

// Errors: Stage::device. REQUIRES a PulseContext::Lock. [control thread] [blocks]
Result<std::vector<PulseDevice>> listPulseDevices(PulseContext& context);

// The device that `wished` means (device_choice.h). Errors: Stage::device. [any thread]
Result<PulseDevice> choosePulseDevice(const std::vector<PulseDevice>& devices,
                                      const std::string& wished);

// As listDevices(), of the user's sound server. [control thread] [blocks]
Result<std::vector<DeviceInfo>> listPulseInfos();

}  // namespace holdfast
