// SyntheticSignal: audio that any program can recompute from the frame number alone.
//
// A test that finds frame N in a file must be able to say what it should be, without the state of a
// generator. So every sample is a pure function of (frame, channel, format).
//
// ramp   Every channel carries the frame number F: S16 F mod 2^16, S24 F mod 2^24, S32 F mod 2^32,
//        each as two's complement; F32 (F mod 2^24) / 2^24.
// tone   Sine of 1000 Hz, peak -18 dBFS, same on all channels, phase 0 at frame 0:
//        x = 10^(-18/20) * sin(2 pi * (1000 F mod rate) / rate); integers round(x * full scale),
//        full scale 2^15, 2^23, 2^31; F32 x.
// noise  SplitMix64 as a counter, n = F * channels + channel, all modulo 2^64:
//          z = seed + (n + 1) * 0x9E3779B97F4A7C15
//          z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9
//          z = (z ^ z >> 27) * 0x94D049BB133111EB
//          z = z ^ z >> 31
//        S16, S24, S32: the top 16, 24, 32 bits as two's complement; F32: the S24 value / 2^23.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "iocore/base/pcm_format.h"

namespace holdfast {

enum class SyntheticKind { ramp, tone, noise };

class SyntheticSignal {
  public:
    // `seed` is the noise's. [control thread]
    SyntheticSignal(SyntheticKind kind, const PcmFormat& format, std::uint64_t seed = 0);

    // Fills `to`, whole interleaved frames, with frames firstFrame, firstFrame + 1, …
    // [any thread] [real-time]
    void fill(std::uint64_t firstFrame, std::span<std::byte> to) const;

  private:
    template <std::size_t kBytes>
    void fillAs(std::uint64_t firstFrame, std::span<std::byte> to) const;

    SyntheticKind kind_;
    PcmFormat format_;
    std::uint64_t seed_;
    std::vector<std::uint32_t> period_;  // the tone's samples, as the bits to store
};

}  // namespace holdfast
