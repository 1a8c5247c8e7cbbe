// Between ALSA's words for a format and PcmFormat, and from its samples to ours.
#pragma once

#include <alsa/asoundlib.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "iocore/base/pcm_format.h"

namespace holdfast {

// Those that are recorded from, in the order in which they lose least.
inline constexpr std::array kAlsaFormats = {SND_PCM_FORMAT_S32_LE, SND_PCM_FORMAT_S24_LE,
                                            SND_PCM_FORMAT_S24_3LE, SND_PCM_FORMAT_FLOAT_LE,
                                            SND_PCM_FORMAT_S16_LE};

// The narrowest of our types that holds every sample. `significantBits` of a sample are the
// device's own, from the top; the others are zero.
SampleType fromAlsa(snd_pcm_format_t format, int significantBits);
// Of `offered`, the format to record from for files of type `wished` (unset: what loses nothing);
// nothing where we cannot make such a file of any.
std::optional<snd_pcm_format_t> chooseAlsaFormat(std::span<const snd_pcm_format_t> offered,
                                                 std::optional<SampleType> wished);

// SPEAKER_* bits of a WAVE file, as waveChannelMask() of PulseAudio's maps. Without positions: mono
// and stereo are what they are, more channels are not assigned.
std::uint32_t waveChannelMask(const std::vector<unsigned int>& positions, std::uint32_t channels);

// Makes samples of a file out of a device's: the same ones, widened, or with their lowest bits left
// out. REQUIRES what chooseAlsaFormat() chose. [real-time]
class AlsaUnpacker {
  public:
    AlsaUnpacker(snd_pcm_format_t from, SampleType to);
    // The bytes are the same.
    [[nodiscard]] bool isPlain() const { return isPlain_; }
    [[nodiscard]] std::uint32_t bytesFrom() const { return bytesFrom_; }
    [[nodiscard]] std::uint32_t bytesTo() const { return bytesTo_; }
    // `to` has room for as many samples as there are in `from`.
    void unpack(std::span<const std::byte> from, std::span<std::byte> to) const;

  private:
    std::uint32_t bytesFrom_;  // of a sample, with what pads it
    std::uint32_t bytesTo_;
    std::uint32_t shift_;  // bits, from the device's number to one with its sign in bit 31
    bool toFloat_;
    bool isPlain_;
};

}  // namespace holdfast
