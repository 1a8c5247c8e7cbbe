#include "iocore/capture/alsa_format_alsa.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "iocore/capture/sample_choice.h"

namespace holdfast {

namespace {

// One SPEAKER_* bit, 0 for a position that WAVE does not know.
std::uint32_t speakerBit(unsigned int position) {
    switch (position & SND_CHMAP_POSITION_MASK) {
        case SND_CHMAP_FL:
            return 0x1;
        case SND_CHMAP_FR:
            return 0x2;
        case SND_CHMAP_MONO:
        case SND_CHMAP_FC:
            return 0x4;
        case SND_CHMAP_LFE:
            return 0x8;
        case SND_CHMAP_RL:
            return 0x10;
        case SND_CHMAP_RR:
            return 0x20;
        case SND_CHMAP_FLC:
            return 0x40;
        case SND_CHMAP_FRC:
            return 0x80;
        case SND_CHMAP_RC:
            return 0x100;
        case SND_CHMAP_SL:
            return 0x200;
        case SND_CHMAP_SR:
            return 0x400;
        case SND_CHMAP_TC:
            return 0x800;
        case SND_CHMAP_TFL:
            return 0x1000;
        case SND_CHMAP_TFC:
            return 0x2000;
        case SND_CHMAP_TFR:
            return 0x4000;
        case SND_CHMAP_TRL:
            return 0x8000;
        case SND_CHMAP_TRC:
            return 0x1'0000;
        case SND_CHMAP_TRR:
            return 0x2'0000;
        default:
            return 0;
    }
}

bool isFloat(snd_pcm_format_t format) {
    return format == SND_PCM_FORMAT_FLOAT_LE;
}

std::uint32_t bytesOf(snd_pcm_format_t format) {
    return static_cast<std::uint32_t>(snd_pcm_format_physical_width(format)) / 8;
}

// As the device says it before it is asked for its significant bits.
SampleType plainType(snd_pcm_format_t format) {
    return fromAlsa(format, snd_pcm_format_width(format));
}

bool canUnpack(snd_pcm_format_t from, SampleType to) {
    return !isFloat(from) || to == SampleType::F32;
}

}  // namespace

SampleType fromAlsa(snd_pcm_format_t format, int significantBits) {
    if (isFloat(format)) return SampleType::F32;
    const int bits =
        std::min(significantBits > 0 ? significantBits : 32, snd_pcm_format_width(format));
    if (bits <= 16) return SampleType::S16;
    return bits <= 24 ? SampleType::S24 : SampleType::S32;
}

std::optional<snd_pcm_format_t> chooseAlsaFormat(std::span<const snd_pcm_format_t> offered,
                                                 std::optional<SampleType> wished) {
    std::optional<snd_pcm_format_t> chosen;
    for (const snd_pcm_format_t format : kAlsaFormats) {
        if (std::ranges::find(offered, format) == offered.end()) continue;
        // The very type that is wished leaves nothing to us.
        if (wished && plainType(format) == *wished) return format;
        if (!chosen && canUnpack(format, wished.value_or(plainType(format)))) chosen = format;
    }
    return chosen;
}

std::uint32_t waveChannelMask(const std::vector<unsigned int>& positions, std::uint32_t channels) {
    if (positions.size() != channels) return channels <= 2 ? defaultChannelMask(channels) : 0;
    std::uint32_t mask = 0;
    for (const unsigned int position : positions) {
        const std::uint32_t bit = speakerBit(position);
        // Each bit above all before it.
        if (bit == 0 || bit <= mask) return 0;
        mask |= bit;
    }
    return mask;
}

AlsaUnpacker::AlsaUnpacker(snd_pcm_format_t from, SampleType to)
    : bytesFrom_(bytesOf(from)),
      bytesTo_(bytesPerSample(to)),
      shift_(32 - static_cast<std::uint32_t>(snd_pcm_format_width(from))),
      toFloat_(to == SampleType::F32 && !isFloat(from)),
      isPlain_(plainType(from) == to && bytesFrom_ == bytesTo_) {
    assert(canUnpack(from, to));
}

void AlsaUnpacker::unpack(std::span<const std::byte> from, std::span<std::byte> to) const {
    const std::size_t samples = from.size() / bytesFrom_;
    assert(to.size() >= samples * bytesTo_);
    const std::byte* in = from.data();
    std::byte* out = to.data();
    for (std::size_t i = 0; i < samples; ++i, in += bytesFrom_, out += bytesTo_) {
        std::uint32_t sample = 0;
        for (std::uint32_t byte = 0; byte < bytesFrom_; ++byte) {
            sample |= std::to_integer<std::uint32_t>(in[byte]) << (8 * byte);
        }
        // What pads a sample falls out at the top.
        sample <<= shift_;
        if (toFloat_) {
            const auto number = static_cast<float>(static_cast<std::int32_t>(sample));
            sample = std::bit_cast<std::uint32_t>(number / 2147483648.0F);
        }
        const std::uint32_t skipped = 4 - bytesTo_;
        for (std::uint32_t byte = 0; byte < bytesTo_; ++byte) {
            out[byte] = static_cast<std::byte>(sample >> (8 * (skipped + byte)));
        }
    }
}

}  // namespace holdfast
