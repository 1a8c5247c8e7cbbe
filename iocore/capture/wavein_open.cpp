#include "iocore/capture/wavein_open.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "iocore/base/utf16_win32.h"
#include "iocore/capture/sample_choice.h"
#include "iocore/capture/wavein_devices.h"
#include "iocore/capture/wavein_endpoint.h"
#include "iocore/capture/wavein_format.h"

namespace holdfast {

namespace {

// Where the system does not say what a device's own format is.
PcmFormat likelyFormat(const WaveInDevice& device) {
    PcmFormat format{48'000, std::clamp(device.channels, 1U, 2U), SampleType::S16, 0};
    format.channelMask = defaultChannelMask(format.channels);
    return format;
}

// What was asked for, or the device's; the sample type is another matter.
PcmFormat wishedFormat(const CaptureRequest& request, const PcmFormat& own) {
    PcmFormat format = own;
    format.sampleRate = request.sampleRate.value_or(own.sampleRate);
    format.channels = request.channels.value_or(own.channels);
    if (format.channels != own.channels) format.channelMask = defaultChannelMask(format.channels);
    return format;
}

bool isConverted(const PcmFormat& file, const PcmFormat& own) {
    return file.sampleRate != own.sampleRate || file.channels != own.channels ||
           !holdsExactly(file.sampleType, own.sampleType);
}

// The number may be another device's by now: one was plugged in or pulled out.
bool isStill(WaveInApi& api, const WaveInDevice& device) {
    const std::wstring id = endpointIdOf(api, device.number);
    return id.empty() || narrowText(id) == device.id;
}

struct Tried {
    std::unique_ptr<WaveInStream> stream;  // nothing: none was opened
    MMRESULT result = WAVERR_BADFORMAT;
    std::string formats;
};

Tried openFirst(const std::shared_ptr<WaveInApi>& api, const WaveInDevice& device, PcmFormat format,
                const std::vector<SampleType>& types,
                const std::function<HeaderPlan(const PcmFormat&)>& plan) {
    Tried tried;
    for (const SampleType type : types) {
        format.sampleType = type;
        tried.formats += (tried.formats.empty() ? "" : "; ") + format.describe();
        auto stream = std::make_unique<WaveInStream>(api, format, plan(format));
        tried.result = stream->open(device.number);
        if (tried.result == MMSYSERR_NOERROR) {
            tried.stream = std::move(stream);
            return tried;
        }
        stream->close();
        // Anything else is no matter of the format.
        if (tried.result != WAVERR_BADFORMAT && tried.result != MMSYSERR_INVALPARAM) return tried;
    }
    return tried;
}

Error cannotOpen(const WaveInDevice& device, const CaptureRequest& request, const Tried& tried) {
    std::string text = fmt::format("{} ({}) cannot be opened in {}: {}", device.name, device.id,
                                   tried.formats, waveInErrorText(tried.result));
    const bool asked = request.sampleRate || request.channels || request.sampleType;
    if (tried.result == WAVERR_BADFORMAT || tried.result == MMSYSERR_INVALPARAM) {
        text += asked && device.format ? fmt::format("; its own is {}", device.format->describe())
                                       : "; ask for another with --rate, --channels or --format";
    }
    return Error{Stage::device, static_cast<int>(tried.result), std::move(text)};
}

}  // namespace

Result<OpenedWaveIn> openWaveIn(const std::shared_ptr<WaveInApi>& api,
                                const CaptureRequest& request,
                                std::optional<ForcedHeaders> forced) {
    const auto device = chooseWaveInDevice(listWaveInDevices(*api), request.device);
    if (!device) return fail(device.error());
    if (request.lost && device->id != request.device) {
        return fail(Stage::device, request.device + " is not there");
    }
    const PcmFormat own = device->format.value_or(likelyFormat(*device));
    const PcmFormat wished = wishedFormat(request, own);
    if (auto valid = validate(wished); !valid) return fail(valid.error());
    const auto types = request.sampleType ? std::vector{*request.sampleType}
                                          : typesThatLoseNothing(own.sampleType);
    Tried tried = openFirst(api, *device, wished, types, [&](const PcmFormat& format) {
        return planHeaders(format, request.fragmentMs, forced);
    });
    if (!tried.stream) return fail(cannotOpen(*device, request, tried));
    if (!isStill(*api, *device)) {
        tried.stream->close();
        return fail(Stage::device, fmt::format("{} ({}): the system's devices changed while it was "
                                               "being opened; try again",
                                               device->name, device->id));
    }
    CaptureGrant grant;
    grant.id = device->id;
    grant.name = device->name;
    grant.format = tried.stream->format();
    // An unknown device takes what it was opened in for its own.
    grant.deviceFormat = device->format.value_or(grant.format);
    grant.converted = isConverted(grant.format, grant.deviceFormat);
    grant.fragmentFrames = tried.stream->plan().frames;
    return OpenedWaveIn{std::move(tried.stream), std::move(grant)};
}

}  // namespace holdfast
