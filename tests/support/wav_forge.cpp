#include "tests/support/wav_forge.h"

#include <bit>
#include <cstring>

#include "iocore/base/little_endian.h"

namespace holdfast {
namespace {

constexpr const char* kWaveTail = "\xF3\xAC\xD3\x11\x8C\xD1\x00\xC0\x4F\x8E\xDB\x8A";
constexpr const char* kRiffTail = "\x2E\x91\xCF\x11\xA5\xD6\x28\xDB\x04\xC1\x00\x00";

void put(Bytes& to, const void* from, std::size_t count) {
    const auto* bytes = static_cast<const std::byte*>(from);
    to.insert(to.end(), bytes, bytes + count);
}

template <typename Number>
void putNumber(Bytes& to, Number number) {
    std::byte bytes[sizeof number];
    storeLe(bytes, number);
    put(to, bytes, sizeof bytes);
}

Bytes fmtOf(const PcmFormat& format) {
    const bool isFloat = format.sampleType == SampleType::F32;
    const std::uint16_t tag = isFloat ? 3 : 1;
    const auto bits = static_cast<std::uint16_t>(8 * bytesPerSample(format.sampleType));
    const bool extensible = format.channels > 2;
    Bytes fmt;
    putNumber(fmt, extensible ? std::uint16_t{0xFFFE} : tag);
    putNumber(fmt, static_cast<std::uint16_t>(format.channels));
    putNumber(fmt, format.sampleRate);
    putNumber(fmt, static_cast<std::uint32_t>(format.bytesPerSecond()));
    putNumber(fmt, static_cast<std::uint16_t>(format.bytesPerFrame()));
    putNumber(fmt, bits);
    if (!extensible) return fmt;
    putNumber(fmt, std::uint16_t{22});
    putNumber(fmt, bits);
    putNumber(fmt, format.channelMask);
    putNumber(fmt, tag);
    put(fmt, "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71", 14);
    return fmt;
}

class Forge {
  public:
    explicit Forge(const ForgeSpec& spec) : spec_(spec) {}

    ForgedWav make() {
        open();
        if (!spec_.fmtLast) addFmt();
        for (const auto& [id, payload] : spec_.before) addText(id, payload);
        const Bytes audio = forgedAudio(spec_.format, spec_.frames);
        wav_.audioBytes = audio.size();
        addChunk("data", audio);
        wav_.audioAt = payload_;
        wav_.dataSizeAt = payload_ - wav_.sizeBytes;
        if (spec_.fmtLast) addFmt();
        for (const auto& [id, payload] : spec_.after) addText(id, payload);
        const std::uint64_t riff = wav_.bytes.size() - (isW64() ? 0 : 8);
        wav_.setSizes(riff, audio.size() + (isW64() ? 24 : 0));
        return std::move(wav_);
    }

  private:
    bool isW64() const { return spec_.container == ForgedContainer::w64; }

    void open() {
        static constexpr const char* kIds[] = {"RIFF", "RF64", "BW64", "riff"};
        put(wav_.bytes, kIds[static_cast<int>(spec_.container)], 4);
        if (isW64()) {
            put(wav_.bytes, kRiffTail, 12);
            wav_.sizeAt = 16;
            wav_.sizeBytes = 8;
            putNumber(wav_.bytes, std::uint64_t{0});
            put(wav_.bytes, "wave", 4);
            put(wav_.bytes, kWaveTail, 12);
            return;
        }
        wav_.sizeAt = 4;
        putNumber(wav_.bytes, std::uint32_t{0});
        put(wav_.bytes, "WAVE", 4);
        if (spec_.container == ForgedContainer::riff) return;
        addChunk("ds64", Bytes(28));
        wav_.ds64At = payload_;
    }

    void addFmt() {
        addChunk("fmt ", fmtOf(spec_.format));
        wav_.fmtAt = payload_;
    }

    void addText(const std::string& id, const std::string& payload) {
        Bytes bytes;
        put(bytes, payload.data(), payload.size());
        addChunk(id, bytes);
    }

    void addChunk(const std::string& id, const Bytes& payload) {
        put(wav_.bytes, id.data(), 4);
        if (isW64()) {
            put(wav_.bytes, kWaveTail, 12);
            putNumber(wav_.bytes, std::uint64_t{payload.size() + 24});
        } else {
            putNumber(wav_.bytes, static_cast<std::uint32_t>(payload.size()));
        }
        payload_ = wav_.bytes.size();
        put(wav_.bytes, payload.data(), payload.size());
        const std::size_t align = isW64() ? 8 : 2;
        while (spec_.pads && wav_.bytes.size() % align != 0) wav_.bytes.push_back(std::byte{0});
    }

    const ForgeSpec& spec_;
    ForgedWav wav_;
    std::size_t payload_ = 0;  // of the chunk added last
};

}  // namespace

std::string forgedName(ForgedContainer container) {
    static constexpr const char* kNames[] = {"riff", "rf64", "bw64", "w64"};
    return kNames[static_cast<int>(container)];
}

std::int32_t forgedSample(std::uint64_t frame, std::uint32_t channel) {
    std::uint64_t x = (frame * 64 + channel + 1) * 0x9E37'79B9'7F4A'7C15;
    x = (x ^ (x >> 29)) * 0xBF58'476D'1CE4'E5B9;
    return static_cast<std::int32_t>(x >> 32);
}

Bytes forgedAudio(const PcmFormat& format, std::uint64_t frames) {
    const std::uint32_t width = bytesPerSample(format.sampleType);
    Bytes audio;
    audio.reserve(frames * format.bytesPerFrame());
    for (std::uint64_t frame = 0; frame < frames; ++frame) {
        for (std::uint32_t channel = 0; channel < format.channels; ++channel) {
            const std::int32_t sample = forgedSample(frame, channel);
            std::byte bytes[4];
            if (format.sampleType == SampleType::F32) {
                const float value = static_cast<float>(sample >> 8) / 8'388'608.0F;
                storeLe(bytes, std::bit_cast<std::uint32_t>(value));
            } else {
                storeLe(bytes, static_cast<std::uint32_t>(sample));
            }
            put(audio, bytes + (4 - width), width);
        }
    }
    return audio;
}

ForgedWav forgeWav(const ForgeSpec& spec) {
    return Forge(spec).make();
}

void ForgedWav::setSizes(std::uint64_t riff, std::uint64_t data) {
    if (sizeBytes == 8) {
        storeLe(bytes.data() + sizeAt, riff);
        storeLe(bytes.data() + dataSizeAt, data);
        return;
    }
    if (ds64At == 0) {
        storeLe(bytes.data() + sizeAt, static_cast<std::uint32_t>(riff));
        storeLe(bytes.data() + dataSizeAt, static_cast<std::uint32_t>(data));
        return;
    }
    storeLe(bytes.data() + sizeAt, std::uint32_t{0xFFFF'FFFF});
    storeLe(bytes.data() + dataSizeAt, std::uint32_t{0xFFFF'FFFF});
    storeLe(bytes.data() + ds64At, riff);
    storeLe(bytes.data() + ds64At + 8, data);
    storeLe(bytes.data() + ds64At + 16, std::uint64_t{0});
}

}  // namespace holdfast
