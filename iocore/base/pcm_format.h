// PcmFormat: what WAVEFORMATEX says, in our own words.
//
// Audio is always interleaved, little-endian, signed; S24 is packed in three bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "iocore/base/result.h"

namespace holdfast {

enum class SampleType : std::uint8_t { S16 = 1, S24 = 2, S32 = 3, F32 = 4 };

std::string_view sampleTypeName(SampleType type);
Result<SampleType> parseSampleType(std::string_view name);
// Bytes of one sample of one channel: 2, 3 or 4.
std::uint32_t bytesPerSample(SampleType type);

inline constexpr std::uint32_t kMinSampleRate = 8'000;
inline constexpr std::uint32_t kMaxSampleRate = 384'000;
inline constexpr std::uint32_t kMaxChannels = 64;

struct PcmFormat {
    std::uint32_t sampleRate = 48'000;  // frames per second
    std::uint32_t channels = 2;         // samples per frame
    SampleType sampleType = SampleType::S24;
    std::uint32_t channelMask = 0;  // SPEAKER_* bits in channel order; 0 = not assigned

    [[nodiscard]] std::uint32_t bytesPerFrame() const {
        return channels * bytesPerSample(sampleType);
    }
    [[nodiscard]] std::uint64_t bytesPerSecond() const {
        return std::uint64_t{sampleRate} * bytesPerFrame();
    }
    bool operator==(const PcmFormat&) const = default;

    // "48000 Hz, 2 channels, S24"
    [[nodiscard]] std::string describe() const;
};

// Whether a frame of both has the same bytes, whatever its channels are called.
bool hasSameFrames(const PcmFormat& a, const PcmFormat& b);

// Errors: Stage::format, naming the value and the range.
Result<> validate(const PcmFormat& format);

// Mono FC, stereo FL FR, quad, 5.1, 7.1; 0 where there is no common layout.
std::uint32_t defaultChannelMask(std::uint32_t channels);

}  // namespace holdfast
