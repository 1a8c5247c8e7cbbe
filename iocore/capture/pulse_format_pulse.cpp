#include "iocore/capture/pulse_format_pulse.h"

namespace holdfast {

namespace {

// One SPEAKER_* bit, 0 for a position that WAVE does not know.
std::uint32_t speakerBit(pa_channel_position_t position) {
    switch (position) {
        case PA_CHANNEL_POSITION_FRONT_LEFT:
            return 0x1;
        case PA_CHANNEL_POSITION_FRONT_RIGHT:
            return 0x2;
        case PA_CHANNEL_POSITION_MONO:
        case PA_CHANNEL_POSITION_FRONT_CENTER:
            return 0x4;
        case PA_CHANNEL_POSITION_LFE:
            return 0x8;
        case PA_CHANNEL_POSITION_REAR_LEFT:
            return 0x10;
        case PA_CHANNEL_POSITION_REAR_RIGHT:
            return 0x20;
        case PA_CHANNEL_POSITION_FRONT_LEFT_OF_CENTER:
            return 0x40;
        case PA_CHANNEL_POSITION_FRONT_RIGHT_OF_CENTER:
            return 0x80;
        case PA_CHANNEL_POSITION_REAR_CENTER:
            return 0x100;
        case PA_CHANNEL_POSITION_SIDE_LEFT:
            return 0x200;
        case PA_CHANNEL_POSITION_SIDE_RIGHT:
            return 0x400;
        case PA_CHANNEL_POSITION_TOP_CENTER:
            return 0x800;
        case PA_CHANNEL_POSITION_TOP_FRONT_LEFT:
            return 0x1000;
        case PA_CHANNEL_POSITION_TOP_FRONT_CENTER:
            return 0x2000;
        case PA_CHANNEL_POSITION_TOP_FRONT_RIGHT:
            return 0x4000;
        case PA_CHANNEL_POSITION_TOP_REAR_LEFT:
            return 0x8000;
        case PA_CHANNEL_POSITION_TOP_REAR_CENTER:
            return 0x1'0000;
        case PA_CHANNEL_POSITION_TOP_REAR_RIGHT:
            return 0x2'0000;
        default:
            return 0;
    }
}

}  // namespace

SampleType fromPulse(pa_sample_format_t format) {
    switch (format) {
        case PA_SAMPLE_FLOAT32LE:
        case PA_SAMPLE_FLOAT32BE:
            return SampleType::F32;
        case PA_SAMPLE_S32LE:
        case PA_SAMPLE_S32BE:
            return SampleType::S32;
        case PA_SAMPLE_S24LE:
        case PA_SAMPLE_S24BE:
        case PA_SAMPLE_S24_32LE:
        case PA_SAMPLE_S24_32BE:
            return SampleType::S24;
        default:
            return SampleType::S16;
    }
}

pa_sample_format_t toPulse(SampleType type) {
    switch (type) {
        case SampleType::S16:
            return PA_SAMPLE_S16LE;
        case SampleType::S24:
            return PA_SAMPLE_S24LE;
        case SampleType::S32:
            return PA_SAMPLE_S32LE;
        case SampleType::F32:
            return PA_SAMPLE_FLOAT32LE;
    }
    return PA_SAMPLE_INVALID;
}

std::uint32_t waveChannelMask(const pa_channel_map& map) {
    std::uint32_t mask = 0;
    for (std::uint32_t c = 0; c < map.channels; ++c) {
        const std::uint32_t bit = speakerBit(map.map[c]);
        // Each bit above all before it.
        if (bit == 0 || bit <= mask) return 0;
        mask |= bit;
    }
    return mask;
}

PcmFormat fromPulse(const pa_sample_spec& spec, const pa_channel_map& map) {
    return PcmFormat{spec.rate, spec.channels, fromPulse(spec.format), waveChannelMask(map)};
}

}  // namespace holdfast
