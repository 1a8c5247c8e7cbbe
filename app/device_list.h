// The device list, for people and as JSON.
#pragma once

#include <span>
#include <string>

#include "iocore/capture/devices.h"

namespace holdfast {

// A table; the default device is marked with '*'. [any thread]
std::string deviceTable(std::span<const DeviceInfo> devices);
// {"v":1,"devices":[{"id":…,"backend":…,"name":…,"default":…,"monitor":…,"rate":…,"channels":…,
// "format":…}]}; backend is pulse, alsa or wavein.
std::string deviceJson(std::span<const DeviceInfo> devices);

}  // namespace holdfast
