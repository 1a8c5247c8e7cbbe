#include "app/device_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "iocore/base/printable.h"

namespace holdfast {

std::string deviceTable(std::span<const DeviceInfo> devices) {
    std::string table;
    for (const DeviceInfo& device : devices) {
        table += fmt::format("{} {}\n    {}{}\n    {}\n", device.isDefault ? '*' : ' ',
                             printable(device.id), printable(device.name),
                             device.isMonitor ? " (what is played)" : "", device.format.describe());
    }
    if (devices.empty()) table += "  no capture device: connect one, or use a built-in one\n";
    const bool hasDefault = std::ranges::any_of(devices, &DeviceInfo::isDefault);
    table += hasDefault ? "\n* default.  " : "\n";
    return table + "Built in: synth:tone, synth:noise, synth:ramp, file:PATH\n";
}

std::string deviceJson(std::span<const DeviceInfo> devices) {
    using Json = nlohmann::ordered_json;
    Json list = Json::array();
    for (const DeviceInfo& device : devices) {
        list.push_back({{"id", device.id},
                        {"backend", device.backend},
                        {"name", device.name},
                        {"default", device.isDefault},
                        {"monitor", device.isMonitor},
                        {"rate", device.format.sampleRate},
                        {"channels", device.format.channels},
                        {"format", sampleTypeName(device.format.sampleType)}});
    }
    const Json json{{"v", 1}, {"devices", list}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace holdfast
