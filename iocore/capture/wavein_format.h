// Between PcmFormat and winmm's WAVEFORMATEX.
#pragma once

#include <windows.h>
// After it: it builds on its types.
#include <mmreg.h>

#include <optional>
#include <span>
#include <vector>

#include "iocore/base/pcm_format.h"

namespace holdfast {

// Tag 1 for what it can say (16 bits, at most 2 channels), else WAVE_FORMAT_EXTENSIBLE. Pass its
// member Format to winmm: cbSize says how much of the rest counts.
WAVEFORMATEXTENSIBLE toWaveFormat(const PcmFormat& format);

// The narrowest of our types that holds every sample of what `bytes` describes: a WAVEFORMATEX with
// its cbSize bytes behind it, as the system stores it. Nothing when it is cut short, or no PCM or
// float that we know. The mask is 0 where it does not fit the channels.
std::optional<PcmFormat> fromWaveFormat(std::span<const std::byte> bytes);

// The sample types to try on a device whose own is `device`, best first: S24 or the nearest that
// loses nothing, then wider, then equal ones. Each holds every sample of the device.
std::vector<SampleType> typesThatLoseNothing(SampleType device);

}  // namespace holdfast
