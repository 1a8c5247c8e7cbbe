// The recording devices of winmm, as the device list and the opening of a device both see them.
#pragma once

#include <windows.h>

#include <optional>
#include <string>
#include <vector>

#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/capture/wavein_api.h"

namespace holdfast {

struct WaveInDevice {
    UINT number = 0;             // winmm's; another one after a device was plugged in
    std::string id;              // the endpoint's id; "wavein:NUMBER" where the driver has none
    std::string name;            // in full where the system knows it
    std::uint32_t channels = 0;  // that the driver says it has
    std::optional<PcmFormat> format;  // the device's own; nothing where the system does not say
    bool isDefault = false;
};

// A device that goes while they are listed is left out. [control thread] [blocks]
std::vector<WaveInDevice> listWaveInDevices(WaveInApi& api);

// The device that `wished` means (device_choice.h). Errors: Stage::device. [any thread]
Result<WaveInDevice> chooseWaveInDevice(const std::vector<WaveInDevice>& devices,
                                        const std::string& wished);

}  // namespace holdfast
