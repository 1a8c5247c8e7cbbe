#include "iocore/base/pcm_format.h"

#include <fmt/format.h>

namespace holdfast {

std::string_view sampleTypeName(SampleType type) {
    switch (type) {
        case SampleType::S16:
            return "S16";
        case SampleType::S24:
            return "S24";
        case SampleType::S32:
            return "S32";
        case SampleType::F32:
            return "F32";
    }
    return "?";
}

Result<SampleType> parseSampleType(std::string_view name) {
    for (SampleType type : {SampleType::S16, SampleType::S24, SampleType::S32, SampleType::F32}) {
        if (name == sampleTypeName(type)) return type;
    }
    return fail(Stage::format,
                fmt::format("unknown sample format '{}': use S16, S24, S32 or F32", name));
}

std::uint32_t bytesPerSample(SampleType type) {
    switch (type) {
        case SampleType::S16:
            return 2;
        case SampleType::S24:
            return 3;
        case SampleType::S32:
        case SampleType::F32:
            return 4;
    }
    return 0;
}

std::string PcmFormat::describe() const {
    return fmt::format("{} Hz, {} channel{}, {}", sampleRate, channels, channels == 1 ? "" : "s",
                       sampleTypeName(sampleType));
}

bool hasSameFrames(const PcmFormat& a, const PcmFormat& b) {
    return a.sampleRate == b.sampleRate && a.channels == b.channels && a.sampleType == b.sampleType;
}

Result<> validate(const PcmFormat& format) {
    if (format.sampleRate < kMinSampleRate || format.sampleRate > kMaxSampleRate) {
        return fail(Stage::format, fmt::format("sample rate {} Hz is outside {} to {} Hz",
                                               format.sampleRate, kMinSampleRate, kMaxSampleRate));
    }
    if (format.channels < 1 || format.channels > kMaxChannels) {
        return fail(Stage::format,
                    fmt::format("{} channels is outside 1 to {}", format.channels, kMaxChannels));
    }
    if (bytesPerSample(format.sampleType) == 0) {
        return fail(Stage::format, "unknown sample format: use S16, S24, S32 or F32");
    }
    return {};
}

std::uint32_t defaultChannelMask(std::uint32_t channels) {
    switch (channels) {
        case 1:
            return 0x4;  // FC
        case 2:
            return 0x3;  // FL FR
        case 4:
            return 0x33;  // FL FR BL BR
        case 6:
            return 0x3F;  // FL FR FC LFE BL BR
        case 8:
            return 0x63F;  // FL FR FC LFE BL BR SL SR
        default:
            return 0;
    }
}

}  // namespace holdfast
