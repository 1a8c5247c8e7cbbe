#include "iocore/capture/level_taps.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace holdfast {

// Peaks travel alone: a reader that sees one needs nothing else of the capture thread's, so every
// access to peaks_ and clipped_ is relaxed and its partner is the other side's relaxed access.

namespace {

// Samples looked at in one go: small enough for the first-level cache, aligned where devices' own
// buffers need not be.
constexpr std::size_t kChunkSamples = 2048;

// Lanes of the fast loop. A constant, so that the compiler keeps the extremes in vector registers.
constexpr std::size_t kLanes = 16;

// What full scale is. S24 is looked at as int32_t with its own limits.
template <typename Sample>
struct FullScale {
    Sample lowest;
    Sample highest;
    float toLinear;
};

template <typename Sample>
struct Extremes {
    std::array<Sample, kMaxChannels> low{};
    std::array<Sample, kMaxChannels> high{};
};

// `a < b ? a : b` and not std::min: this order of operands leaves out NaN and is one instruction.
template <typename Sample>
inline void stretch(Sample sample, Sample& low, Sample& high) {
    low = sample < low ? sample : low;
    high = sample > high ? sample : high;
}

// Channel counts that divide kLanes: whole rows of lanes first, the rest sample by sample.
template <typename Sample>
void findExtremesInLanes(std::span<const Sample> samples, std::size_t channels,
                         Extremes<Sample>& extremes) {
    std::array<Sample, kLanes> low{};
    std::array<Sample, kLanes> high{};
    const std::size_t whole = samples.size() / kLanes * kLanes;
    for (std::size_t row = 0; row < whole; row += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            stretch(samples[row + lane], low[lane], high[lane]);
        }
    }
    for (std::size_t i = whole; i < samples.size(); ++i) {
        stretch(samples[i], low[i - whole], high[i - whole]);
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        stretch(low[lane], extremes.low[lane % channels], extremes.high[lane % channels]);
        stretch(high[lane], extremes.low[lane % channels], extremes.high[lane % channels]);
    }
}

template <typename Sample>
void findExtremes(std::span<const Sample> samples, std::size_t channels,
                  Extremes<Sample>& extremes) {
    if (kLanes % channels == 0) {
        findExtremesInLanes(samples, channels, extremes);
        return;
    }
    for (std::size_t frame = 0; frame < samples.size(); frame += channels) {
        for (std::size_t c = 0; c < channels; ++c) {
            stretch(samples[frame + c], extremes.low[c], extremes.high[c]);
        }
    }
}

template <typename Sample>
std::uint64_t countClipped(std::span<const Sample> samples, const FullScale<Sample>& full) {
    std::uint64_t clipped = 0;
    for (Sample sample : samples) {
        clipped += sample <= full.lowest || sample >= full.highest ? 1 : 0;
    }
    return clipped;
}

template <typename Sample>
void unpack(std::span<const std::byte> bytes, std::span<Sample> samples) {
    std::memcpy(samples.data(), bytes.data(), bytes.size());
}

// Packed 24 bit: built at the top of 32 bits and shifted down, for the sign.
void unpackS24(std::span<const std::byte> bytes, std::span<std::int32_t> samples) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const std::byte* from = bytes.data() + 3 * i;
        const std::uint32_t top = std::to_integer<std::uint32_t>(from[0]) << 8 |
                                  std::to_integer<std::uint32_t>(from[1]) << 16 |
                                  std::to_integer<std::uint32_t>(from[2]) << 24;
        samples[i] = static_cast<std::int32_t>(top) >> 8;
    }
}

struct Levels {
    std::array<float, kMaxChannels> peaks{};  // linear
    std::uint64_t clipped = 0;
};

// Chunk by chunk: unpack, extremes, and a second look for clips only where the extremes are at full
// scale, which is rare.
template <typename Sample, typename Unpack>
Levels scan(std::span<const std::byte> bytes, const PcmFormat& format,
            const FullScale<Sample>& full, Unpack unpackChunk) {
    const std::size_t channels = format.channels;
    const std::size_t chunkBytes = kChunkSamples / channels * format.bytesPerFrame();
    std::array<Sample, kChunkSamples> storage;
    Extremes<Sample> all;
    Levels levels;
    for (std::size_t at = 0; at < bytes.size(); at += chunkBytes) {
        const auto chunk = bytes.subspan(at, std::min(chunkBytes, bytes.size() - at));
        const std::span<Sample> samples(storage.data(),
                                        chunk.size() / bytesPerSample(format.sampleType));
        unpackChunk(chunk, samples);
        Extremes<Sample> here;
        findExtremes<Sample>(samples, channels, here);
        bool clips = false;
        for (std::size_t c = 0; c < channels; ++c) {
            clips |= here.low[c] <= full.lowest || here.high[c] >= full.highest;
            stretch(here.low[c], all.low[c], all.high[c]);
            stretch(here.high[c], all.low[c], all.high[c]);
        }
        if (clips) levels.clipped += countClipped<Sample>(samples, full);
    }
    for (std::size_t c = 0; c < channels; ++c) {
        levels.peaks[c] =
            std::max(-static_cast<float>(all.low[c]), static_cast<float>(all.high[c])) *
            full.toLinear;
    }
    return levels;
}

Levels scan(std::span<const std::byte> bytes, const PcmFormat& format) {
    switch (format.sampleType) {
        case SampleType::S16:
            return scan(bytes, format, FullScale<std::int16_t>{-0x8000, 0x7FFF, 1.0F / 0x8000},
                        unpack<std::int16_t>);
        case SampleType::S24:
            return scan(bytes, format,
                        FullScale<std::int32_t>{-0x800000, 0x7FFFFF, 1.0F / 0x800000}, unpackS24);
        case SampleType::S32:
            return scan(bytes, format, FullScale<std::int32_t>{INT32_MIN, INT32_MAX, 0x1p-31F},
                        unpack<std::int32_t>);
        case SampleType::F32:
            return scan(bytes, format, FullScale<float>{-1.0F, 1.0F, 1.0F}, unpack<float>);
    }
    return {};
}

}  // namespace

void LevelTaps::add(const PcmFormat& format, std::span<const std::byte> interleaved) {
    const Levels levels = scan(interleaved, format);
    for (std::uint32_t c = 0; c < format.channels; ++c) raisePeak(c, levels.peaks[c]);
    // Relaxed, as its partner in clippedSamples(): a count, and nothing else is read through it.
    if (levels.clipped > 0) clipped_.fetch_add(levels.clipped, std::memory_order_relaxed);
}

// One writer: between the load and the store only a reader can come, with zero, and then the store
// is right too.
void LevelTaps::raisePeak(std::uint32_t channel, float peak) {
    std::atomic<float>& held = peaks_[channel];
    // Relaxed, as its partner in takePeak(): one number, and nothing else is read through it.
    if (peak > held.load(std::memory_order_relaxed)) held.store(peak, std::memory_order_relaxed);
}

float LevelTaps::takePeak(std::uint32_t channel) {
    // Relaxed, as its partner in raisePeak().
    return channel < kMaxChannels ? peaks_[channel].exchange(0.0F, std::memory_order_relaxed)
                                  : 0.0F;
}

std::uint64_t LevelTaps::clippedSamples() const {
    // Relaxed, as its partner in add().
    return clipped_.load(std::memory_order_relaxed);
}

}  // namespace holdfast
