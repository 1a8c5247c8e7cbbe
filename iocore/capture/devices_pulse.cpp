#include "iocore/capture/devices_pulse.h"

#include "iocore/capture/device_choice.h"
#include "iocore/capture/pulse_format_pulse.h"

namespace holdfast {

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
                                false, info->monitor_of_sink != PA_INVALID_INDEX,
                                info->monitor_of_sink != PA_INVALID_INDEX ||
                                    (info->flags & PA_SOURCE_HARDWARE) != 0});
            },
            &devices));
    if (!listed) return fail(context.lastError("the sound server does not list its devices"));
    for (PulseDevice& device : devices) device.isDefault = device.id == defaultId;
    return devices;
}

Result<PulseDevice> choosePulseDevice(const std::vector<PulseDevice>& devices,
                                      const std::string& wished) {
    std::vector<DeviceName> names;
    for (const PulseDevice& device : devices) {
        names.push_back(DeviceName{device.id, device.name, device.isDefault});
    }
    const auto chosen = chooseDevice(names, wished);
    if (!chosen) return fail(chosen.error());
    return devices[*chosen];
}

Result<std::vector<DeviceInfo>> listPulseInfos() {
    auto context = PulseContext::connect();
    if (!context) return fail(context.error());
    const PulseContext::Lock lock(**context);
    auto devices = listPulseDevices(**context);
    if (!devices) return fail(devices.error());
    std::vector<DeviceInfo> infos;
    for (const PulseDevice& device : *devices) {
        infos.push_back(DeviceInfo{device.id, device.name, fromPulse(device.spec, device.map),
                                   device.isDefault, device.isMonitor, "pulse"});
    }
    return infos;
}

}  // namespace holdfast
