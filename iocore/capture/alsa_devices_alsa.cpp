#include "iocore/capture/alsa_devices_alsa.h"

#include <alsa/asoundlib.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include "iocore/capture/alsa_format_alsa.h"
#include "iocore/capture/alsa_open_alsa.h"

namespace holdfast {

namespace {

constexpr std::string_view kDefault = "default";
// What libasound and its plug-ins bring by themselves, and is no device: it converts, delivers
// nothing, or leads to a server, of which none is there.
constexpr std::array<std::string_view, 15> kNoDevices = {
    "null",  "lavrate", "samplerate", "speexrate", "speex",     "upmix",      "vdownmix", "a52",
    "pulse", "jack",    "pipewire",   "oss",       "usbstream", "sysdefault", kDefault};

// A string that libasound gave away.
std::string taken(char* text) {
    const std::unique_ptr<char, decltype(&std::free)> owner(text, std::free);
    return text != nullptr ? std::string(text) : std::string();
}

std::string oneLine(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

// The names of one card lead to it in many ways; hw: is the one without a converter.
void addCard(int card, std::vector<AlsaName>& names) {
    snd_ctl_t* opened = nullptr;
    if (snd_ctl_open(&opened, fmt::format("hw:{}", card).c_str(), SND_CTL_NONBLOCK) < 0) return;
    const std::unique_ptr<snd_ctl_t, decltype(&snd_ctl_close)> control(opened, snd_ctl_close);
    snd_ctl_card_info_t* cardInfo = nullptr;
    snd_ctl_card_info_malloc(&cardInfo);
    const std::unique_ptr<snd_ctl_card_info_t, decltype(&snd_ctl_card_info_free)> cardOwner(
        cardInfo, snd_ctl_card_info_free);
    if (snd_ctl_card_info(control.get(), cardInfo) < 0) return;
    snd_pcm_info_t* info = nullptr;
    snd_pcm_info_malloc(&info);
    const std::unique_ptr<snd_pcm_info_t, decltype(&snd_pcm_info_free)> owner(info,
                                                                              snd_pcm_info_free);
    for (int device = -1; snd_ctl_pcm_next_device(control.get(), &device) == 0 && device >= 0;) {
        snd_pcm_info_set_device(info, static_cast<unsigned int>(device));
        snd_pcm_info_set_subdevice(info, 0);
        snd_pcm_info_set_stream(info, SND_PCM_STREAM_CAPTURE);
        if (snd_ctl_pcm_info(control.get(), info) < 0) continue;
        names.push_back(
            {fmt::format("hw:CARD={},DEV={}", snd_ctl_card_info_get_id(cardInfo), device),
             fmt::format("{}, {}", snd_ctl_card_info_get_name(cardInfo),
                         snd_pcm_info_get_name(info))});
    }
}

void addHints(std::vector<AlsaName>& names) {
    void** hints = nullptr;
    if (snd_device_name_hint(-1, "pcm", &hints) < 0) return;
    for (void** hint = hints; *hint != nullptr; ++hint) {
        const std::string name = taken(snd_device_name_get_hint(*hint, "NAME"));
        const std::string direction = taken(snd_device_name_get_hint(*hint, "IOID"));
        const bool isKnown = std::ranges::find(kNoDevices, name) != kNoDevices.end() ||
                             name.find("CARD=") != std::string::npos;
        if (name.empty() || isKnown || direction == "Output") continue;
        names.push_back({name, oneLine(taken(snd_device_name_get_hint(*hint, "DESC")))});
    }
    snd_device_name_free_hint(hints);
}

}  // namespace

std::vector<AlsaName> alsaNames() {
    silenceAlsa();
    std::vector<AlsaName> names = {{std::string(kDefault), "ALSA's default device"}};
    for (int card = -1; snd_card_next(&card) == 0 && card >= 0;) addCard(card, names);
    addHints(names);
    return names;
}

std::vector<DeviceInfo> listAlsaInfos(const std::vector<AlsaName>& names, const AlsaOpener& open) {
    std::vector<DeviceInfo> infos;
    for (const AlsaName& known : names) {
        DeviceInfo info;
        info.id = kAlsaPrefix + known.name;
        info.name = known.description;
        info.isDefault = known.name == kDefault;
        info.backend = "alsa";
        std::unique_ptr<AlsaPcm> pcm;
        const int code = open(pcm, known.name, AlsaConversion::never);
        if (code < 0 && code != -EBUSY) continue;
        if (pcm) {
            const auto setup = ownAlsaSetup(*pcm);
            if (!setup) continue;
            info.format = alsaOwnFormat(*setup);
            if (info.name.empty()) info.name = pcm->fullName();
        }
        if (info.name.empty()) info.name = known.name;
        infos.push_back(std::move(info));
    }
    return infos;
}

}  // namespace holdfast
