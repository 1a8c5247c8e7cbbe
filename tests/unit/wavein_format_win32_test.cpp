#include "iocore/capture/wavein_format.h"

#include <gtest/gtest.h>

#include <cstring>
#include <span>
#include <vector>

namespace holdfast {
namespace {

std::vector<std::byte> bytesOf(const WAVEFORMATEXTENSIBLE& wave) {
    const auto bytes = std::as_bytes(std::span(&wave, 1));
    return {bytes.begin(), bytes.begin() + sizeof wave.Format + wave.Format.cbSize};
}

TEST(WaveInFormat, PlainTagIsFor16BitsAndTwoChannelsOnly) {
    const auto plain = toWaveFormat({44'100, 2, SampleType::S16, 0x3});
    EXPECT_EQ(plain.Format.wFormatTag, WAVE_FORMAT_PCM);
    EXPECT_EQ(plain.Format.cbSize, 0);
    EXPECT_EQ(plain.Format.nBlockAlign, 4);
    EXPECT_EQ(plain.Format.nAvgBytesPerSec, 176'400U);
    for (const PcmFormat format :
         {PcmFormat{48'000, 2, SampleType::S24, 0x3}, PcmFormat{48'000, 1, SampleType::S32, 0x4},
          PcmFormat{48'000, 2, SampleType::F32, 0x3}, PcmFormat{48'000, 3, SampleType::S16, 0}}) {
        const auto wide = toWaveFormat(format);
        EXPECT_EQ(wide.Format.wFormatTag, WAVE_FORMAT_EXTENSIBLE) << format.describe();
        EXPECT_EQ(wide.Format.cbSize, 22);
        EXPECT_EQ(wide.Format.nBlockAlign, format.bytesPerFrame());
        EXPECT_EQ(wide.Samples.wValidBitsPerSample, 8 * bytesPerSample(format.sampleType));
        EXPECT_EQ(wide.dwChannelMask, format.channelMask);
        EXPECT_EQ(wide.SubFormat.Data1, format.sampleType == SampleType::F32 ? 3U : 1U);
    }
}

TEST(WaveInFormat, EachFormatComesBack) {
    for (const SampleType type :
         {SampleType::S16, SampleType::S24, SampleType::S32, SampleType::F32}) {
        for (const std::uint32_t channels : {1U, 2U, 6U}) {
            const PcmFormat format{96'000, channels, type, defaultChannelMask(channels)};
            EXPECT_EQ(fromWaveFormat(bytesOf(toWaveFormat(format))), format) << format.describe();
        }
    }
}

TEST(WaveInFormat, ValidBitsAreWhatADeviceHas) {
    auto wave = toWaveFormat({48'000, 2, SampleType::S32, 0x3});
    wave.Samples.wValidBitsPerSample = 24;
    EXPECT_EQ(fromWaveFormat(bytesOf(wave))->sampleType, SampleType::S24);
    wave.Samples.wValidBitsPerSample = 0;
    EXPECT_EQ(fromWaveFormat(bytesOf(wave))->sampleType, SampleType::S32);
    // More speakers than channels name none.
    wave.dwChannelMask = 0x7;
    EXPECT_EQ(fromWaveFormat(bytesOf(wave))->channelMask, 0U);
}

TEST(WaveInFormat, WhatIsCutShortOrNoPcmIsNothing) {
    const auto wave = toWaveFormat({48'000, 2, SampleType::S24, 0x3});
    const auto whole = bytesOf(wave);
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
        EXPECT_FALSE(fromWaveFormat(std::span(whole).first(bytes))) << bytes;
    }
    auto other = wave;
    other.SubFormat.Data4[7] ^= 1;
    EXPECT_FALSE(fromWaveFormat(bytesOf(other)));
    other = wave;
    other.Format.nChannels = 0;
    EXPECT_FALSE(fromWaveFormat(bytesOf(other)));
    other = wave;
    other.Format.wBitsPerSample = 20;
    EXPECT_FALSE(fromWaveFormat(bytesOf(other)));
    other = toWaveFormat({48'000, 2, SampleType::S16, 0x3});
    other.Format.wFormatTag = 0x55;  // MP3
    EXPECT_FALSE(fromWaveFormat(bytesOf(other)));
}

TEST(WaveInFormat, TypesToTryLoseNothingAndBeginWithTheOneThatAllSourcesChoose) {
    using enum SampleType;
    EXPECT_EQ(typesThatLoseNothing(S16), (std::vector{S24, S32, F32, S16}));
    EXPECT_EQ(typesThatLoseNothing(S24), (std::vector{S24, S32, F32}));
    EXPECT_EQ(typesThatLoseNothing(S32), (std::vector{S32}));
    EXPECT_EQ(typesThatLoseNothing(F32), (std::vector{F32}));
}

}  // namespace
}  // namespace holdfast
