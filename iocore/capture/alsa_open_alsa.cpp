#include "iocore/capture/alsa_open_alsa.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "iocore/capture/alsa_format_alsa.h"
#include "iocore/capture/sample_choice.h"

namespace holdfast {

namespace {

constexpr std::uint32_t kBufferSeconds = 2;
constexpr std::uint64_t kFewestPeriods = 4;
// What a device is recorded with that can do both and more.
constexpr std::array<std::uint32_t, 2> kUsualRates = {48'000, 44'100};
constexpr std::uint32_t kUsualChannels = 2;

AlsaFixed fixedBy(const CaptureRequest& request) {
    return {request.sampleRate, request.channels, std::nullopt};
}

bool isPossible(AlsaPcm& pcm, const AlsaFixed& fixed) {
    return !pcm.abilities(fixed).formats.empty();
}

// Rate and channels that were not asked for: the usual ones, else those nearest to them.
AlsaFixed completed(AlsaPcm& pcm, AlsaFixed fixed) {
    const AlsaAbilities able = pcm.abilities(fixed);
    if (!fixed.rate) {
        fixed.rate = std::clamp(kUsualRates.front(), able.leastRate, able.mostRate);
        for (const std::uint32_t rate : kUsualRates) {
            AlsaFixed usual = fixed;
            usual.rate = rate;
            if (!isPossible(pcm, usual)) continue;
            fixed.rate = rate;
            break;
        }
    }
    if (!fixed.channels) {
        const AlsaAbilities atRate = pcm.abilities(fixed);
        fixed.channels = std::clamp(kUsualChannels, atRate.leastChannels, atRate.mostChannels);
    }
    return fixed;
}

// The first of the device's formats, in our order, with which it lets itself be set up.
std::optional<AlsaSetup> plan(AlsaPcm& pcm, const CaptureRequest& request, int& why) {
    if (!isPossible(pcm, fixedBy(request))) return std::nullopt;
    const AlsaFixed fixed = completed(pcm, fixedBy(request));
    std::vector<snd_pcm_format_t> offered = pcm.abilities(fixed).formats;
    while (const auto format = chooseAlsaFormat(offered, request.sampleType)) {
        AlsaSetup setup;
        setup.format = *format;
        setup.rate = *fixed.rate;
        setup.channels = *fixed.channels;
        setup.periodFrames =
            std::max<std::uint64_t>(std::uint64_t{setup.rate} * request.fragmentMs / 1000, 1);
        setup.bufferFrames = std::max<std::uint64_t>(std::uint64_t{setup.rate} * kBufferSeconds,
                                                     setup.periodFrames * kFewestPeriods);
        why = pcm.configure(setup);
        if (why >= 0) return setup;
        std::erase(offered, *format);
    }
    return std::nullopt;
}

PcmFormat formatOf(const AlsaSetup& setup, SampleType type) {
    return {setup.rate, setup.channels, type, waveChannelMask(setup.positions, setup.channels)};
}

std::string rangeText(std::uint32_t least, std::uint32_t most) {
    return least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most);
}

// "44100 to 48000 Hz, 2 channels, samples S32_LE or S16_LE"
std::string abilityText(AlsaPcm& pcm) {
    const AlsaAbilities able = pcm.abilities({});
    if (able.formats.empty()) return "nothing that this program records";
    std::vector<std::string> formats;
    for (const snd_pcm_format_t format : able.formats) {
        formats.emplace_back(snd_pcm_format_name(format));
    }
    return fmt::format("{} Hz, {} channels, samples {}", rangeText(able.leastRate, able.mostRate),
                       rangeText(able.leastChannels, able.mostChannels),
                       fmt::join(formats, " or "));
}

std::string wishText(const CaptureRequest& request) {
    std::vector<std::string> wishes;
    if (request.sampleRate) wishes.push_back(fmt::format("{} Hz", *request.sampleRate));
    if (request.channels) wishes.push_back(fmt::format("{} channels", *request.channels));
    if (request.sampleType) wishes.emplace_back(sampleTypeName(*request.sampleType));
    return fmt::format("{}", fmt::join(wishes, ", "));
}

Error refusal(const std::string& name, AlsaPcm& pcm, const CaptureRequest& request, int why) {
    if (why < 0 && why != -EINVAL) return alsaOpenError(name, why);
    const std::string wish = wishText(request);
    const bool isCard = name.starts_with("hw:");
    return {
        Stage::device, EINVAL,
        fmt::format(
            "{}{} cannot be recorded{}: it has {}{}", kAlsaPrefix, name,
            wish.empty() ? "" : " with " + wish, abilityText(pcm),
            isCard && !wish.empty() ? fmt::format("; {}plug{} converts", kAlsaPrefix, name) : "")};
}

// No clock of a card behind it: it delivers as fast as it is read.
bool isPaced(AlsaPcm& pcm) {
    return pcm.type() != SND_PCM_TYPE_NULL && pcm.type() != SND_PCM_TYPE_FILE;
}

AlsaOpened grantOf(std::unique_ptr<AlsaPcm> pcm, const AlsaSetup& setup, const std::string& name,
                   std::optional<SampleType> wished) {
    AlsaOpened opened{std::move(pcm), setup, {}};
    CaptureGrant& grant = opened.grant;
    const std::string fullName = opened.pcm->fullName();
    grant.id = kAlsaPrefix + name;
    grant.name = fullName.empty() ? name : fullName;
    grant.deviceFormat = alsaOwnFormat(setup);
    grant.format =
        formatOf(setup, wished.value_or(losslessFileType(grant.deviceFormat.sampleType)));
    grant.converted = !holdsExactly(grant.format.sampleType, grant.deviceFormat.sampleType);
    grant.fragmentFrames = static_cast<std::uint32_t>(setup.periodFrames);
    grant.paced = isPaced(*opened.pcm);
    return opened;
}

// Whether there are device files and none of them may be opened.
bool allAreForbidden(const std::string& devices) {
    std::error_code ignored;
    bool anyIsForbidden = false;
    for (const auto& entry : std::filesystem::directory_iterator(devices, ignored)) {
        const std::string file = entry.path().filename().string();
        if (!file.starts_with("pcm") && !file.starts_with("control")) continue;
        if (::access(entry.path().c_str(), R_OK | W_OK) == 0) return false;
        anyIsForbidden = anyIsForbidden || errno == EACCES;
    }
    return anyIsForbidden;
}

}  // namespace

PcmFormat alsaOwnFormat(const AlsaSetup& setup) {
    return formatOf(setup, fromAlsa(setup.format, setup.significantBits));
}

std::optional<AlsaSetup> ownAlsaSetup(AlsaPcm& pcm) {
    int why = 0;
    return plan(pcm, {}, why);
}

Error alsaOpenError(const std::string& name, int code, const std::string& devices) {
    const std::string id = kAlsaPrefix + name;
    const auto error = [code](std::string text) {
        return Error{Stage::device, -code, std::move(text)};
    };
    const bool mayBeForbidden = code == -ENOENT || code == -ENODEV || code == -ENXIO;
    if (code == -EACCES || code == -EPERM || (mayBeForbidden && allAreForbidden(devices))) {
        return error(
            fmt::format("no permission for {}: sound cards are for the group audio; add "
                        "yourself (sudo usermod -aG audio \"$USER\") and log in again",
                        id));
    }
    switch (code) {
        case -EBUSY:
            return error(
                fmt::format("{} is in use by another program (fuser -v /dev/snd/* names "
                            "it): end that one, or record from {}default, which can be "
                            "shared",
                            id, kAlsaPrefix));
        case -ENOENT:
            return error(
                fmt::format("ALSA has no capture device '{}': arecord -L lists those "
                            "that there are",
                            name));
        case -ENODEV:
        case -ENXIO:
            return error(
                fmt::format("{} is not there: connect it, or choose another one "
                            "(arecord -L lists them)",
                            id));
        default:
            return error(fmt::format("{} cannot be opened: {}", id, snd_strerror(code)));
    }
}

Result<AlsaOpened> openAlsa(const AlsaOpener& open, const std::string& name,
                            const CaptureRequest& request) {
    std::unique_ptr<AlsaPcm> pcm;
    if (const int code = open(pcm, name, AlsaConversion::never); code < 0) {
        return fail(alsaOpenError(name, code));
    }
    int why = 0;
    if (const auto setup = plan(*pcm, request, why)) {
        auto opened = grantOf(std::move(pcm), *setup, name, request.sampleType);
        if (auto valid = validate(opened.grant.format); !valid) return fail(valid.error());
        return opened;
    }
    // What the device itself would have given.
    const auto own = ownAlsaSetup(*pcm);
    const Error refused = refusal(name, *pcm, request, why);
    pcm.reset();
    if (const int code = open(pcm, name, AlsaConversion::allowed); code < 0) {
        return fail(alsaOpenError(name, code));
    }
    const auto setup = plan(*pcm, request, why);
    if (!setup) return fail(refused);
    auto opened = grantOf(std::move(pcm), *setup, name, request.sampleType);
    if (auto valid = validate(opened.grant.format); !valid) return fail(valid.error());
    if (own) opened.grant.deviceFormat = alsaOwnFormat(*own);
    opened.grant.converted = true;
    return opened;
}

}  // namespace holdfast
