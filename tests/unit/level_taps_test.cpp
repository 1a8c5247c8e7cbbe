#include "iocore/capture/level_taps.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

namespace holdfast {
namespace {

// Interleaved bytes of `samples`, whose integers are in the type's own range.
std::vector<std::byte> pack(SampleType type, const std::vector<double>& samples) {
    std::vector<std::byte> bytes;
    for (double sample : samples) {
        std::uint32_t bits = 0;
        if (type == SampleType::F32) {
            const auto value = static_cast<float>(sample);
            std::memcpy(&bits, &value, sizeof(bits));
        } else {
            bits = static_cast<std::uint32_t>(static_cast<std::int64_t>(sample));
        }
        for (std::uint32_t i = 0; i < bytesPerSample(type); ++i) {
            bytes.push_back(static_cast<std::byte>(bits >> (8 * i)));
        }
    }
    return bytes;
}

double fullScale(SampleType type) {
    return type == SampleType::F32 ? 1.0 : std::ldexp(1.0, bytesPerSample(type) * 8 - 1);
}

PcmFormat formatOf(SampleType type, std::uint32_t channels) {
    return PcmFormat{48'000, channels, type, 0};
}

class EveryType : public testing::TestWithParam<SampleType> {};
INSTANTIATE_TEST_SUITE_P(LevelTaps, EveryType,
                         testing::Values(SampleType::S16, SampleType::S24, SampleType::S32,
                                         SampleType::F32),
                         [](const auto& type) { return std::string(sampleTypeName(type.param)); });

TEST_P(EveryType, NegativeFullScaleIsOneAndHalfIsHalf) {
    LevelTaps levels;
    const double full = fullScale(GetParam());
    levels.add(formatOf(GetParam(), 2), pack(GetParam(), {-full, full / 2, 0, -full / 4}));
    EXPECT_EQ(levels.takePeak(0), 1.0F);
    EXPECT_EQ(levels.takePeak(1), 0.5F);
}

TEST_P(EveryType, FullScaleOfEitherSignClipsAndOneBelowDoesNot) {
    LevelTaps levels;
    const bool isFloat = GetParam() == SampleType::F32;
    const double top = isFloat ? 1.0 : fullScale(GetParam()) - 1;
    const double bottom = -fullScale(GetParam());
    const double step = isFloat ? 0x1p-24 : 1;
    // 32-bit extremes are told apart from their neighbours only if nothing goes through float.
    levels.add(formatOf(GetParam(), 1), pack(GetParam(), {top - step, bottom + step, 0}));
    EXPECT_EQ(levels.clippedSamples(), 0U);
    levels.add(formatOf(GetParam(), 1), pack(GetParam(), {top, 0, bottom, bottom}));
    EXPECT_EQ(levels.clippedSamples(), 3U);
}

// Every channel count, lengths around the lanes and chunks of the fast loops, against a plain loop.
TEST_P(EveryType, EveryChannelCountAndLengthMatchesAPlainLoop) {
    std::mt19937 random(7);
    for (std::uint32_t channels = 1; channels <= kMaxChannels; ++channels) {
        for (std::size_t frames :
             {1U, 2U, 15U, 16U, 17U, 33U, 2047U / channels, 5000U / channels}) {
            std::vector<double> samples(frames * channels);
            std::vector<double> peaks(channels);
            std::uint64_t clips = 0;
            const double full = fullScale(GetParam());
            for (std::size_t i = 0; i < samples.size(); ++i) {
                const bool clip = random() % 97 == 0;
                const double magnitude = clip ? 1.0 : static_cast<int>(random() % 1000) / 1024.0;
                samples[i] = (clip || random() % 2 == 0 ? -1 : 1) * std::floor(magnitude * full);
                if (GetParam() == SampleType::F32) samples[i] = clip ? -1.0 : magnitude;
                clips += clip ? 1 : 0;
                double& peak = peaks[i % channels];
                peak = std::max(peak, std::abs(samples[i]) / full);
            }
            LevelTaps levels;
            levels.add(formatOf(GetParam(), channels), pack(GetParam(), samples));
            ASSERT_EQ(levels.clippedSamples(), clips) << channels << " channels, " << frames;
            for (std::uint32_t c = 0; c < channels; ++c) {
                ASSERT_EQ(levels.takePeak(c), static_cast<float>(peaks[c]))
                    << "channel " << c << " of " << channels << ", " << frames << " frames";
            }
        }
    }
}

TEST_P(EveryType, UnalignedAudioIsRead) {
    LevelTaps levels;
    auto bytes = pack(GetParam(), {0, fullScale(GetParam()) / 2, 0});
    bytes.insert(bytes.begin(), std::byte{0x55});
    levels.add(formatOf(GetParam(), 1), std::span(bytes).subspan(1));
    EXPECT_EQ(levels.takePeak(0), 0.5F);
}

TEST(LevelTaps, APeakStaysUntilItIsTakenAndIsTakenOnce) {
    LevelTaps levels;
    const PcmFormat format = formatOf(SampleType::F32, 1);
    levels.add(format, pack(SampleType::F32, {0.75}));
    levels.add(format, pack(SampleType::F32, {0.25}));
    EXPECT_EQ(levels.takePeak(0), 0.75F);
    EXPECT_EQ(levels.takePeak(0), 0.0F);
    levels.add(format, pack(SampleType::F32, {0.25}));
    EXPECT_EQ(levels.takePeak(0), 0.25F);
}

TEST(LevelTaps, FloatsAboveFullScaleKeepTheirPeakAndNanIsSilence) {
    LevelTaps levels;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    levels.add(formatOf(SampleType::F32, 2), pack(SampleType::F32, {1.5, nan, nan, nan}));
    EXPECT_EQ(levels.takePeak(0), 1.5F);
    EXPECT_EQ(levels.takePeak(1), 0.0F);
    EXPECT_EQ(levels.clippedSamples(), 1U);
}

TEST(LevelTaps, AChannelThatIsNotThereIsSilent) {
    LevelTaps levels;
    EXPECT_EQ(levels.takePeak(kMaxChannels), 0.0F);
    EXPECT_EQ(levels.takePeak(UINT32_MAX), 0.0F);
}

}  // namespace
}  // namespace holdfast
