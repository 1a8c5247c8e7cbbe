#include "iocore/capture/synthetic_source.h"

#include <fmt/format.h>

#include <utility>

#include "iocore/capture/clocked_source.h"
#include "iocore/capture/frame_counter.h"
#include "iocore/capture/synthetic_name.h"
#include "iocore/capture/synthetic_signal.h"

namespace holdfast {

namespace {

class SyntheticGenerator final : public FrameGenerator {
  public:
    SyntheticGenerator(const SyntheticName& name, const PcmFormat& format)
        : signal_(name.kind, format, name.seed), bytesPerFrame_(format.bytesPerFrame()) {}

    Result<std::uint64_t> fill(std::uint64_t firstFrame, std::span<std::byte> to) override {
        signal_.fill(firstFrame, to);
        return to.size() / bytesPerFrame_;
    }

  private:
    SyntheticSignal signal_;
    std::uint32_t bytesPerFrame_;
};

std::string_view fullName(SyntheticKind kind) {
    switch (kind) {
        case SyntheticKind::ramp:
            return "Synthetic ramp (frame numbers)";
        case SyntheticKind::tone:
            return "Synthetic tone (1 kHz, -18 dBFS)";
        case SyntheticKind::noise:
            return "Synthetic noise";
    }
    return "";
}

PcmFormat wishedFormat(const CaptureRequest& request) {
    PcmFormat format;
    format.sampleRate = request.sampleRate.value_or(format.sampleRate);
    format.channels = request.channels.value_or(format.channels);
    format.sampleType = request.sampleType.value_or(format.sampleType);
    format.channelMask = defaultChannelMask(format.channels);
    return format;
}

// The device that was unplugged at lost.atFrame, plugged in again: how many frames of its time have
// passed. At full speed time is what the name says.
Result<std::uint64_t> missedFrames(const SyntheticName& name, const LostDevice& lost,
                                   const CaptureRequest& request, std::uint32_t sampleRate) {
    const ClockedFault* unplug = nullptr;
    for (const ClockedFault& fault : name.faults) {
        if (fault.kind == ClockedFault::Kind::unplug && fault.atFrame <= lost.atFrame) {
            unplug = &fault;
        }
    }
    if (unplug != nullptr && unplug->comesBack) {
        const std::uint64_t away = unplug->amount * sampleRate / 1000;
        if (request.maxSpeed) return away;
        if (lost.missingFrames >= away) return lost.missingFrames;
    }
    return fail(Stage::device, request.device + ": is not plugged in");
}

}  // namespace

Result<std::unique_ptr<CaptureSource>> openSyntheticSource(const CaptureRequest& request) {
    auto name = parseSyntheticName(request.device);
    if (!name) return fail(name.error());
    const PcmFormat format = wishedFormat(request);
    if (auto valid = validate(format); !valid) return fail(valid.error());
    if (name->failsToOpen) {
        return fail(Stage::device,
                    fmt::format("{}: cannot be opened, as ?error@open asks for", request.device));
    }
    auto counter = FrameCounter::fromEnvironment();
    if (!counter) return fail(counter.error());

    CaptureGrant grant;
    std::uint64_t firstFrame = 0;
    if (request.lost) {
        const auto missed = missedFrames(*name, *request.lost, request, format.sampleRate);
        if (!missed) return fail(missed.error());
        grant.missedFrames = *missed;
        firstFrame = request.lost->atFrame + *missed;
        // What was due until then is over.
        std::erase_if(name->faults, [&](const ClockedFault& fault) {
            return fault.atFrame < firstFrame || fault.atFrame <= request.lost->atFrame;
        });
    }
    grant.id = request.device;
    grant.name = fullName(name->kind);
    grant.deviceFormat = format;
    grant.format = format;
    grant.fragmentFrames = clockedFragmentFrames(request, format);
    grant.paced = !request.maxSpeed;
    return std::make_unique<ClockedSource>(
        std::move(grant), std::make_unique<SyntheticGenerator>(*name, format),
        std::move(name->faults), std::move(*counter), firstFrame);
}

}  // namespace holdfast
