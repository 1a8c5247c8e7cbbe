// Device list: what this machine can record from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"

namespace holdfast {

struct DeviceInfo {
    std::string id;    // what --device takes
    std::string name;  // full name for people
    PcmFormat format;  // the device's own
    bool isDefault = false;
    bool isMonitor = false;  // records what a player plays
    std::string backend;     // who brings it: "pulse", "alsa", "wavein"
};

// Devices of the sound server, or where there is none, of the driver. Errors: Stage::device (no
// server and no card). [control thread] [blocks]
Result<std::vector<DeviceInfo>> listDevices();

}  // namespace holdfast
