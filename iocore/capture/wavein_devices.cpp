#include "iocore/capture/wavein_devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <cwchar>
#include <iterator>
#include <utility>

#include "iocore/base/process_end.h"
#include "iocore/base/utf16_win32.h"
#include "iocore/capture/device_choice.h"
#include "iocore/capture/devices.h"
#include "iocore/capture/wavein_endpoint.h"

namespace holdfast {

namespace {

std::wstring shortName(const WAVEINCAPSW& caps) {
    // 32 units with the end mark, which a driver may forget.
    return {caps.szPname, ::wcsnlen(caps.szPname, std::size(caps.szPname))};
}

}  // namespace

std::vector<WaveInDevice> listWaveInDevices(WaveInApi& api) {
    const std::wstring defaultId = api.defaultEndpoint();
    std::vector<WaveInDevice> devices;
    const UINT count = api.deviceCount();
    for (UINT number = 0; number < count; ++number) {
        WAVEINCAPSW caps{};
        if (api.capabilities(number, caps) != MMSYSERR_NOERROR) continue;
        WaveInDevice device;
        device.number = number;
        device.channels = caps.wChannels;
        const std::wstring id = endpointIdOf(api, number);
        std::optional<EndpointFacts> facts;
        if (!id.empty()) facts = api.endpoint(id);
        if (facts) device.format = facts->format;
        device.id = id.empty() ? fmt::format("wavein:{}", number) : narrowText(id);
        device.name = facts && !facts->name.empty() ? facts->name : narrowText(shortName(caps));
        device.isDefault = !id.empty() && id == defaultId;
        devices.push_back(std::move(device));
    }
    // winmm puts its preferred device first.
    const bool hasDefault = std::ranges::any_of(devices, &WaveInDevice::isDefault);
    if (!hasDefault && defaultId.empty() && !devices.empty()) devices.front().isDefault = true;
    return devices;
}

Result<WaveInDevice> chooseWaveInDevice(const std::vector<WaveInDevice>& devices,
                                        const std::string& wished) {
    std::vector<DeviceName> names;
    for (const WaveInDevice& device : devices) {
        names.push_back(DeviceName{device.id, device.name, device.isDefault});
    }
    const auto chosen = chooseDevice(names, wished);
    if (!chosen) return fail(chosen.error());
    return devices[*chosen];
}

Result<std::vector<DeviceInfo>> listDevices() {
    const ForeignCode mayHang;
    const auto api = WaveInApi::system();
    std::vector<DeviceInfo> infos;
    for (WaveInDevice& device : listWaveInDevices(*api)) {
        PcmFormat format = device.format.value_or(PcmFormat{});
        if (!device.format && device.channels > 0) {
            format.channels = std::min<std::uint32_t>(device.channels, kMaxChannels);
        }
        infos.push_back(DeviceInfo{std::move(device.id), std::move(device.name), format,
                                   device.isDefault, false, "wavein"});
    }
    return infos;
}

}  // namespace holdfast
