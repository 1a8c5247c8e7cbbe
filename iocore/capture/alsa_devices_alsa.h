// The capture devices of ALSA, as the device list shows them where there is no sound server.
#pragma once

#include <string>
#include <vector>

#include "iocore/capture/alsa_pcm_alsa.h"
#include "iocore/capture/devices.h"

namespace holdfast {

// A name that ALSA's configuration gives to a PCM.
struct AlsaName {
    std::string name;         // what alsa: takes
    std::string description;  // for people; may be empty
};

// "default", each card's devices, and what the user's own configuration names with a hint; without
// converters, other servers' doors and the many names that one card has. [control thread] [blocks]
std::vector<AlsaName> alsaNames();

// Those of `names` that can be opened, or are busy; a busy one's format is not known, and stands
// as that of most cards. [control thread] [blocks]
std::vector<DeviceInfo> listAlsaInfos(const std::vector<AlsaName>& names,
                                      const AlsaOpener& open = openAlsaPcm);

}  // namespace holdfast
