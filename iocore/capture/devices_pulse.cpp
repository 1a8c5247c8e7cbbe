#include "iocore/capture/devices_pulse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "iocore/capture/devices.h"
#include "iocore/capture/pulse_format_pulse.h"

namespace holdfast {

namespace {

constexpr std::size_t kSuggestions = 5;

std::string lowerCase(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return lower;
}

// Up to five ids, those first that contain what was asked for.
std::string suggestIds(const std::vector<PulseDevice>& devices, std::string_view wished) {
    const std::string needle = lowerCase(wished);
    const auto isNear = [&needle](const PulseDevice* device) {
        return lowerCase(device->id).find(needle) != std::string::npos ||
               lowerCase(device->name).find(needle) != std::string::npos;
    };
    std::vector<const PulseDevice*> order;
    for (const PulseDevice& device : devices) order.push_back(&device);
    std::stable_partition(order.begin(), order.end(), isNear);
    std::string ids;
    for (std::size_t i = 0; i < std::min(order.size(), kSuggestions); ++i) {
        ids += (i == 0 ? "" : ", ") + order[i]->id;
    }
    return ids;
}

Error noDevice() {
    return Error{Stage::device, 0,
                 "the sound server has no capture device: connect one, or record the built-in test "
                 "signal with --device synth:tone"};
}

Result<PulseDevice> chooseDefault(const std::vector<PulseDevice>& devices) {
    const auto found = std::find_if(devices.begin(), devices.end(),
                                    [](const PulseDevice& device) { return device.isDefault; });
    if (found != devices.end()) return *found;
    return fail(Stage::device,
                fmt::format("the sound server has no default capture device: choose one with "
                            "--device: {}",
                            suggestIds(devices, "")));
}

}  // namespace

Result<std::vector<PulseDevice>> listPulseDevices(PulseContext& context) {
    std::string defaultId;
    const bool serverAnswered = context.finish(pa_context_get_server_info(
        context.get(),
        [](pa_context*, const pa_server_info* info, void* user) {
            if (info != nullptr && info->default_source_name != nullptr) {
                *static_cast<std::string*>(user) = info->default_source_name;
            }
        },
        &defaultId));
    std::vector<PulseDevice> devices;
    const bool listed =
        serverAnswered &&
        context.finish(pa_context_get_source_info_list(
            context.get(),
            [](pa_context*, const pa_source_info* info, int end, void* user) {
                if (end != 0) return;
                static_cast<std::vector<PulseDevice>*>(user)->push_back(
                    PulseDevice{info->name, info->description, info->sample_spec, info->channel_map,
                                false, info->monitor_of_sink != PA_INVALID_INDEX});
            },
            &devices));
    if (!listed) return fail(context.lastError("the sound server does not list its devices"));
    for (PulseDevice& device : devices) device.isDefault = device.id == defaultId;
    return devices;
}

Result<PulseDevice> choosePulseDevice(const std::vector<PulseDevice>& devices,
                                      const std::string& wished) {
    if (devices.empty()) return fail(noDevice());
    if (wished.empty()) return chooseDefault(devices);
    std::vector<PulseDevice> named;
    for (const PulseDevice& device : devices) {
        if (device.id == wished) return device;
        if (device.name == wished) named.push_back(device);
    }
    if (named.size() == 1) return named.front();
    if (named.size() > 1) {
        return fail(Stage::device, fmt::format("several devices are called '{}': choose one by its "
                                               "id: {}",
                                               wished, suggestIds(named, "")));
    }
    return fail(Stage::device,
                fmt::format("no capture device is called '{}'; there is: {} (all of them: "
                            "holdfast-capture --list-devices)",
                            wished, suggestIds(devices, wished)));
}

Result<std::vector<DeviceInfo>> listDevices() {
    auto context = PulseContext::connect();
    if (!context) return fail(context.error());
    const PulseContext::Lock lock(**context);
    auto devices = listPulseDevices(**context);
    if (!devices) return fail(devices.error());
    std::vector<DeviceInfo> infos;
    for (const PulseDevice& device : *devices) {
        infos.push_back(DeviceInfo{device.id, device.name, fromPulse(device.spec, device.map),
                                   device.isDefault, device.isMonitor});
    }
    return infos;
}

}  // namespace holdfast
