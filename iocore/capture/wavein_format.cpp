#include "iocore/capture/wavein_format.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

#include "iocore/capture/sample_choice.h"

namespace holdfast {

namespace {

constexpr WORD kMostPlainChannels = 2;

// KSDATAFORMAT_SUBTYPE_PCM and _IEEE_FLOAT: a tag, and the same rest for all tags.
constexpr GUID subFormat(WORD tag) {
    return {tag, 0x0000, 0x0010, {0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71}};
}

bool isSame(const GUID& a, const GUID& b) {
    return std::memcmp(&a, &b, sizeof a) == 0;
}

std::optional<SampleType> sampleType(WORD tag, WORD bits, WORD validBits) {
    if (tag == WAVE_FORMAT_IEEE_FLOAT) {
        return bits == 32 ? std::optional(SampleType::F32) : std::nullopt;
    }
    if (tag != WAVE_FORMAT_PCM || bits == 0 || bits > 32 || bits % 8 != 0) return std::nullopt;
    // 0 valid bits is what some drivers say for all of them.
    const WORD valid = validBits == 0 ? bits : std::min(validBits, bits);
    if (valid <= 16) return SampleType::S16;
    return valid <= 24 ? SampleType::S24 : SampleType::S32;
}

}  // namespace

WAVEFORMATEXTENSIBLE toWaveFormat(const PcmFormat& format) {
    WAVEFORMATEXTENSIBLE wave{};
    WAVEFORMATEX& head = wave.Format;
    const auto bits = static_cast<WORD>(8 * bytesPerSample(format.sampleType));
    const WORD tag =
        format.sampleType == SampleType::F32 ? WAVE_FORMAT_IEEE_FLOAT : WAVE_FORMAT_PCM;
    head.nChannels = static_cast<WORD>(format.channels);
    head.nSamplesPerSec = format.sampleRate;
    head.wBitsPerSample = bits;
    head.nBlockAlign = static_cast<WORD>(format.bytesPerFrame());
    head.nAvgBytesPerSec = static_cast<DWORD>(format.bytesPerSecond());
    if (format.sampleType == SampleType::S16 && head.nChannels <= kMostPlainChannels) {
        head.wFormatTag = WAVE_FORMAT_PCM;
        return wave;
    }
    head.wFormatTag = WAVE_FORMAT_EXTENSIBLE;
    head.cbSize = sizeof wave - sizeof head;
    wave.Samples.wValidBitsPerSample = bits;
    wave.dwChannelMask = format.channelMask;
    wave.SubFormat = subFormat(tag);
    return wave;
}

std::optional<PcmFormat> fromWaveFormat(std::span<const std::byte> bytes) {
    WAVEFORMATEXTENSIBLE wave{};
    // Older descriptions end before cbSize.
    constexpr std::size_t kLeast = sizeof(PCMWAVEFORMAT);
    if (bytes.size() < kLeast) return std::nullopt;
    std::memcpy(&wave, bytes.data(), std::min(bytes.size(), sizeof wave));
    WORD tag = wave.Format.wFormatTag;
    WORD valid = 0;
    std::uint32_t mask = 0;
    if (tag == WAVE_FORMAT_EXTENSIBLE) {
        if (bytes.size() < sizeof wave || wave.Format.cbSize < sizeof wave - sizeof wave.Format) {
            return std::nullopt;
        }
        tag = static_cast<WORD>(wave.SubFormat.Data1);
        if (!isSame(wave.SubFormat, subFormat(tag))) return std::nullopt;
        valid = wave.Samples.wValidBitsPerSample;
        mask = wave.dwChannelMask;
    } else {
        mask = defaultChannelMask(wave.Format.nChannels);
    }
    const auto type = sampleType(tag, wave.Format.wBitsPerSample, valid);
    if (!type) return std::nullopt;
    if (std::popcount(mask) != wave.Format.nChannels) mask = 0;
    const PcmFormat format{wave.Format.nSamplesPerSec, wave.Format.nChannels, *type, mask};
    return validate(format) ? std::optional(format) : std::nullopt;
}

std::vector<SampleType> typesThatLoseNothing(SampleType device) {
    std::vector<SampleType> types{losslessFileType(device)};
    for (const SampleType type :
         {SampleType::S24, SampleType::S32, SampleType::F32, SampleType::S16}) {
        if (type != types.front() && holdsExactly(type, device)) types.push_back(type);
    }
    return types;
}

}  // namespace holdfast
