// The sound server's devices where a sound server is there, else ALSA's.
#include "iocore/capture/system_source.h"

#include <fmt/format.h>

#include <vector>

#include "iocore/capture/alsa_devices_alsa.h"
#include "iocore/capture/alsa_open_alsa.h"
#include "iocore/capture/alsa_source_alsa.h"
#include "iocore/capture/device_choice.h"
#include "iocore/capture/devices.h"
#include "iocore/capture/devices_pulse.h"
#include "iocore/capture/pulse_context_pulse.h"
#include "iocore/capture/pulse_source_pulse.h"

namespace holdfast {

namespace {

Error noServerAndNoCard(const Error& noServer) {
    return {noServer.stage, noServer.code,
            noServer.text + "; ALSA, which needs no server, has no capture device either"};
}

// What a name means among ALSA's devices: its id, if it means one.
Result<std::string> chooseAlsaId(const std::string& wished, const Error& noServer) {
    std::vector<DeviceName> names;
    for (const DeviceInfo& info : listAlsaInfos(alsaNames())) {
        names.push_back({info.id, info.name, info.isDefault});
    }
    if (names.empty()) return fail(noServerAndNoCard(noServer));
    const auto chosen = chooseDevice(names, wished);
    if (!chosen) return fail(chosen.error());
    return names[*chosen].id;
}

}  // namespace

Result<std::unique_ptr<CaptureSource>> openSystemSource(const CaptureRequest& request) {
    if (request.device.starts_with(kAlsaPrefix)) return openAlsaSource(request);
    auto opened = openPulseSource(request);
    // A device that was lost is one of the server's, which may come back.
    if (opened || !isServerMissing(opened.error()) || request.lost) return opened;
    const auto id = chooseAlsaId(request.device, opened.error());
    if (!id) return fail(id.error());
    CaptureRequest there = request;
    there.device = *id;
    return openAlsaSource(there);
}

Result<std::vector<DeviceInfo>> listDevices() {
    auto infos = listPulseInfos();
    if (infos || !isServerMissing(infos.error())) return infos;
    auto alsa = listAlsaInfos(alsaNames());
    if (alsa.empty()) return fail(noServerAndNoCard(infos.error()));
    return alsa;
}

}  // namespace holdfast
