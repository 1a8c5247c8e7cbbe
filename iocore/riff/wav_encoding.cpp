#include "iocore/riff/wav_encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace holdfast {
namespace {

struct Encoding {
    std::uint16_t tag;
    std::string_view name;
};

constexpr std::array<Encoding, 29> kEncodings = {{
    {0x0002, "Microsoft ADPCM"},
    {0x0006, "A-law"},
    {0x0007, "mu-law"},
    {0x0008, "DTS"},
    {0x0009, "DRM"},
    {0x0010, "OKI ADPCM"},
    {0x0011, "IMA ADPCM"},
    {0x0014, "G.723 ADPCM"},
    {0x0016, "ITU G.726 ADPCM"},
    {0x0017, "Dialogic OKI ADPCM"},
    {0x0020, "Yamaha ADPCM"},
    {0x0022, "TrueSpeech"},
    {0x0031, "GSM 6.10"},
    {0x0045, "G.726 ADPCM"},
    {0x0050, "MPEG layer 1 or 2"},
    {0x0055, "MP3"},
    {0x0061, "Duck ADPCM"},
    {0x0064, "G.726 ADPCM"},
    {0x0065, "G.722 ADPCM"},
    {0x0092, "Dolby AC-3 (S/PDIF)"},
    {0x00FF, "AAC"},
    {0x0160, "Windows Media Audio 1"},
    {0x0161, "Windows Media Audio 2"},
    {0x0162, "Windows Media Audio Professional"},
    {0x0163, "Windows Media Audio Lossless"},
    {0x2000, "Dolby AC-3"},
    {0x2001, "DTS"},
    {0x674F, "Ogg Vorbis"},
    {0xF1AC, "FLAC"},
}};

}  // namespace

std::string wavEncodingName(std::uint16_t tag, std::uint16_t bits) {
    if (tag == 1) return fmt::format("{}-bit PCM", bits);
    if (tag == 3) return fmt::format("{}-bit float", bits);
    const auto found = std::ranges::find(kEncodings, tag, &Encoding::tag);
    if (found != kEncodings.end()) return std::string(found->name);
    return fmt::format("encoded in an unknown way (tag {:#06x})", tag);
}

}  // namespace holdfast
