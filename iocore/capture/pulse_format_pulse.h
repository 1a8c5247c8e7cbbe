// Between the sound server's words for a format and PcmFormat.
#pragma once

#include <pulse/channelmap.h>
#include <pulse/sample.h>

#include <cstdint>

#include "iocore/base/pcm_format.h"

namespace holdfast {

// The narrowest of our types that holds every sample of `format`.
SampleType fromPulse(pa_sample_format_t format);
pa_sample_format_t toPulse(SampleType type);

// SPEAKER_* bits of a WAVE file. They stand in the order of the bits, so a map in any other order,
// or with a position that WAVE does not know, gives 0: not assigned.
std::uint32_t waveChannelMask(const pa_channel_map& map);

PcmFormat fromPulse(const pa_sample_spec& spec, const pa_channel_map& map);

}  // namespace holdfast
