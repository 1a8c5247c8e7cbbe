#include "iocore/capture/synthetic_signal.h"

#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>

#include "iocore/base/little_endian.h"

namespace holdfast {

namespace {

constexpr std::uint32_t kToneHz = 1'000;
constexpr double kTonePeakDbfs = -18.0;
constexpr std::uint32_t kLow24 = 0xFF'FFFF;

std::uint64_t splitMix64(std::uint64_t seed, std::uint64_t n) {
    std::uint64_t z = seed + (n + 1) * 0x9E37'79B9'7F4A'7C15;
    z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
    z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
    return z ^ (z >> 31);
}

std::uint32_t floatBits(float value) {
    return std::bit_cast<std::uint32_t>(value);
}

std::uint32_t rampBits(std::uint64_t frame, SampleType type) {
    const auto number = static_cast<std::uint32_t>(frame);
    if (type != SampleType::F32) return number;
    return floatBits(static_cast<float>(number & kLow24) * 0x1p-24F);
}

std::uint32_t noiseBits(std::uint64_t random, SampleType type) {
    const std::uint32_t bits = bytesPerSample(type) * 8;
    if (type != SampleType::F32) return static_cast<std::uint32_t>(random >> (64 - bits));
    // An arithmetic shift, for the sign.
    return floatBits(static_cast<float>(static_cast<std::int64_t>(random) >> 40) * 0x1p-23F);
}

// The tone repeats after rate / gcd(rate, 1000) frames.
std::vector<std::uint32_t> tonePeriod(const PcmFormat& format) {
    const std::uint32_t rate = format.sampleRate;
    const double peak = std::pow(10.0, kTonePeakDbfs / 20.0);
    const double fullScale = std::ldexp(1.0, bytesPerSample(format.sampleType) * 8 - 1);
    std::vector<std::uint32_t> period(rate / std::gcd(rate, kToneHz));
    for (std::uint64_t frame = 0; frame < period.size(); ++frame) {
        const auto turn = static_cast<double>(frame * kToneHz % rate) / rate;
        const double x = peak * std::sin(2 * std::numbers::pi * turn);
        period[frame] = format.sampleType == SampleType::F32
                            ? floatBits(static_cast<float>(x))
                            : static_cast<std::uint32_t>(std::llround(x * fullScale));
    }
    return period;
}

template <std::size_t kBytes>
inline void storeLow(std::byte* to, std::uint32_t bits) {
    for (std::size_t i = 0; i < kBytes; ++i) to[i] = static_cast<std::byte>(bits >> (8 * i));
}

}  // namespace

SyntheticSignal::SyntheticSignal(SyntheticKind kind, const PcmFormat& format, std::uint64_t seed)
    : kind_(kind), format_(format), seed_(seed) {
    if (kind == SyntheticKind::tone) period_ = tonePeriod(format);
}

void SyntheticSignal::fill(std::uint64_t firstFrame, std::span<std::byte> to) const {
    switch (bytesPerSample(format_.sampleType)) {
        case 2:
            return fillAs<2>(firstFrame, to);
        case 3:
            return fillAs<3>(firstFrame, to);
        default:
            return fillAs<4>(firstFrame, to);
    }
}

template <std::size_t kBytes>
void SyntheticSignal::fillAs(std::uint64_t firstFrame, std::span<std::byte> to) const {
    const std::uint64_t frames = to.size() / format_.bytesPerFrame();
    std::byte* at = to.data();
    const auto same = [&](std::uint32_t bits) {
        for (std::uint32_t c = 0; c < format_.channels; ++c, at += kBytes) {
            storeLow<kBytes>(at, bits);
        }
    };
    switch (kind_) {
        case SyntheticKind::ramp:
            for (std::uint64_t f = 0; f < frames; ++f) {
                same(rampBits(firstFrame + f, format_.sampleType));
            }
            return;
        case SyntheticKind::tone: {
            std::size_t phase = firstFrame % period_.size();
            for (std::uint64_t f = 0; f < frames; ++f) {
                same(period_[phase]);
                if (++phase == period_.size()) phase = 0;
            }
            return;
        }
        case SyntheticKind::noise: {
            std::uint64_t n = firstFrame * format_.channels;
            for (std::uint64_t f = 0; f < frames * format_.channels; ++f, ++n, at += kBytes) {
                storeLow<kBytes>(at, noiseBits(splitMix64(seed_, n), format_.sampleType));
            }
            return;
        }
    }
}

}  // namespace holdfast
