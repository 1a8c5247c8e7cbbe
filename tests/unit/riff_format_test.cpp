#include "iocore/riff/riff_format.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <random>
#include <tuple>

#include "iocore/base/byte_codec.h"

#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

std::vector<PcmFormat> allKinds() {
    std::vector<PcmFormat> formats;
    for (SampleType type : {SampleType::S16, SampleType::S24, SampleType::S32, SampleType::F32}) {
        for (std::uint32_t channels : {1u, 2u, 3u, 6u, 8u, 64u}) {
            for (std::uint32_t rate : {8'000u, 48'000u, 384'000u}) {
                formats.push_back({rate, channels, type, defaultChannelMask(channels)});
            }
        }
    }
    return formats;
}

HeaderBlock someBlock(const PcmFormat& format) {
    HeaderBlock block;
    block.format = format;
    block.dataBytes = 1000 * format.bytesPerFrame();
    block.seal = {TakeId::random(), 7, 1000, 900, 2, 512 + 8, 0x1234, 0xABCD, 1, 0};
    return block;
}

TEST(RiffFormat, EveryFormatIsSoundForAnIndependentReader) {
    for (const PcmFormat& format : allKinds()) {
        const HeaderBlock block = someBlock(format);
        const HeaderImage image = encodeHeaderBlock(block);
        std::vector<std::byte> file(image.begin(), image.end());
        file.resize(file.size() + block.dataBytes + block.dataBytes % 2);
        const auto verdict = wavcheck::checkWav(file);
        ASSERT_TRUE(verdict.ok) << format.describe() << ": " << verdict.defect;
        EXPECT_EQ(verdict.dataOffset, kHeaderBlockBytes);
        EXPECT_EQ(verdict.frames, 1000u);
        EXPECT_EQ(verdict.sampleRate, format.sampleRate);
        EXPECT_EQ(verdict.channels, format.channels);
        EXPECT_EQ(verdict.bits, 8 * bytesPerSample(format.sampleType));
        EXPECT_EQ(verdict.isFloat, format.sampleType == SampleType::F32);
        EXPECT_EQ(verdict.isExtensible, format.channels > 2);
        EXPECT_EQ(verdict.channelMask, format.channels > 2 ? format.channelMask : 0);
    }
}

TEST(RiffFormat, BlockComesBackAsItWasWritten) {
    for (const PcmFormat& format : allKinds()) {
        HeaderBlock block = someBlock(format);
        if (format.channels <= 2) block.format.channelMask = 0;  // plain tags carry none
        block.trailerBytes = 40;
        const DecodedHeader decoded = decodeHeaderBlock(encodeHeaderBlock(block));
        ASSERT_EQ(decoded.state, SealState::sound);
        EXPECT_EQ(decoded.block, block) << format.describe();
    }
}

TEST(RiffFormat, AnyChangedByteOfTheBlockIsSeen) {
    for (const SizeForm form : {SizeForm::riff, SizeForm::riffWithDs64, SizeForm::rf64}) {
        HeaderBlock block = someBlock({});
        block.sizes = form;
        const HeaderImage image = encodeHeaderBlock(block);
        for (std::size_t i = 0; i < image.size(); ++i) {
            HeaderImage changed = image;
            changed[i] ^= std::byte{1};
            EXPECT_NE(decodeHeaderBlock(changed).state, SealState::sound) << "byte " << i;
        }
    }
}

// The file's length is only claimed: nothing behind the header is read.
wavcheck::Verdict checkHeaderOf(const HeaderBlock& block) {
    const HeaderImage image = encodeHeaderBlock(block);
    return wavcheck::checkWav(8 + riffSizeOf(block),
                              [&](std::uint64_t offset, std::span<std::byte> into) {
                                  for (std::byte& b : into)
                                      b = offset < image.size() ? image[offset++] : std::byte{0};
                                  return true;
                              });
}

TEST(RiffFormat, EverySizeFormTellsTheSameAndComesBack) {
    for (const PcmFormat& format : allKinds()) {
        for (const SizeForm form : {SizeForm::riff, SizeForm::riffWithDs64, SizeForm::rf64}) {
            HeaderBlock block = someBlock(format);
            if (format.channels <= 2) block.format.channelMask = 0;
            block.sizes = form;
            const auto verdict = checkHeaderOf(block);
            ASSERT_TRUE(verdict.ok) << format.describe() << ": " << verdict.defect;
            EXPECT_EQ(verdict.isRf64, form == SizeForm::rf64);
            EXPECT_EQ(verdict.hasDs64, form != SizeForm::riff);
            EXPECT_EQ(verdict.frames, 1000u);
            EXPECT_EQ(decodeHeaderBlock(encodeHeaderBlock(block)).block, block);
        }
    }
}

TEST(RiffFormat, SizesBeyond32BitsAreWholeInRf64) {
    for (const std::uint64_t frames : {0x8000'0001ULL, 0x1'0000'0001ULL, 0x123'4567'89ABULL}) {
        HeaderBlock block = someBlock({192'000, 3, SampleType::F32, 7});
        block.sizes = SizeForm::rf64;
        block.dataBytes = frames * block.format.bytesPerFrame();
        const auto verdict = checkHeaderOf(block);
        ASSERT_TRUE(verdict.ok) << verdict.defect;
        EXPECT_EQ(verdict.frames, frames);
        EXPECT_EQ(decodeHeaderBlock(encodeHeaderBlock(block)).block, block);
    }
}

TEST(RiffFormat, Ds64ThatWasTornIsKnown) {
    HeaderBlock block = someBlock({48'000, 2, SampleType::S16, 0});
    block.sizes = SizeForm::rf64;
    const HeaderImage before = encodeHeaderBlock(block);
    block.dataBytes *= 2;
    const HeaderImage after = encodeHeaderBlock(block);
    EXPECT_FALSE(isDs64Torn(before, 4));
    HeaderImage torn = before;
    std::copy_n(after.begin(), 36, torn.begin());  // up to the count of frames
    EXPECT_TRUE(isDs64Torn(torn, 4));
    block.sizes = SizeForm::riff;
    EXPECT_FALSE(isDs64Torn(encodeHeaderBlock(block), 4));
}

// Anybody can compute the checksum: sizes that would wrap are refused all the same.
TEST(RiffFormat, AbsurdSizesInDs64AreRefused) {
    HeaderBlock block = someBlock({48'000, 2, SampleType::S16, 0});
    block.sizes = SizeForm::rf64;
    for (const std::uint64_t bytes : {kMaxDataBytes + 4, ~std::uint64_t{0} - 1023}) {
        block.dataBytes = bytes;
        EXPECT_NE(decodeHeaderBlock(encodeHeaderBlock(block)).state, SealState::sound) << bytes;
    }
}

TEST(RiffFormat, ForeignBlockIsNotOurs) {
    HeaderImage zeros{};
    EXPECT_EQ(decodeHeaderBlock(zeros).state, SealState::absent);
}

TEST(RiffFormat, RandomFmtChunksAreRefusedOrConsistent) {
    std::mt19937 random(11);
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::byte> payload(random() % 48);
        for (std::byte& b : payload) b = static_cast<std::byte>(random() % 4 == 0 ? random() : 0);
        if (const auto format = decodeFmt(payload)) {
            EXPECT_TRUE(validate(*format));
        }
    }
}

TEST(RiffFormat, FmtThatContradictsItselfIsRefusedByName) {
    auto payload = encodeFmt({48'000, 2, SampleType::S16, 0});
    payload[12] = std::byte{5};  // block align
    const auto decoded = decodeFmt(payload);
    ASSERT_FALSE(decoded);
    EXPECT_NE(decoded.error().text.find("5 bytes a frame"), std::string::npos);
    payload = encodeFmt({48'000, 2, SampleType::S16, 0});
    payload[0] = std::byte{0x55};  // MP3
    ASSERT_FALSE(decodeFmt(payload));
    EXPECT_NE(decodeFmt(payload).error().text.find("MP3"), std::string::npos);
}

TEST(RiffFormat, CueChunksAreReadBackWithTheirLabels) {
    const std::vector<CueMark> marks{{5, "one"}, {700, "zwei, größer"}};
    const CueChunks chunks = encodeCueChunks(marks, 1 << 20);
    HeaderBlock block = someBlock({});
    block.trailerBytes = chunks.cue.size() + chunks.labels.size();
    const HeaderImage image = encodeHeaderBlock(block);
    std::vector<std::byte> file(image.begin(), image.end());
    file.resize(file.size() + block.dataBytes);
    file.insert(file.end(), chunks.cue.begin(), chunks.cue.end());
    file.insert(file.end(), chunks.labels.begin(), chunks.labels.end());
    const auto verdict = wavcheck::checkWav(file);
    ASSERT_TRUE(verdict.ok) << verdict.defect;
    EXPECT_FALSE(verdict.trailing);
    ASSERT_EQ(verdict.labels.size(), 2u);
    EXPECT_EQ(verdict.labels[1].frame, 700u);
    EXPECT_EQ(verdict.labels[1].text, "zwei, größer");
}

TEST(RiffFormat, MarksThatDoNotFitAreCounted) {
    const std::vector<CueMark> marks{
        {1, "kept"}, {0x1'0000'0000, "too far"}, {2, std::string(500, 'x')}};
    const CueChunks chunks = encodeCueChunks(marks, 200);
    EXPECT_EQ(chunks.left, 2u);
    EXPECT_LE(chunks.cue.size() + chunks.labels.size(), 200u);
    EXPECT_TRUE(encodeCueChunks({}, 200).cue.empty());
}

TEST(RiffFormat, OtherEncodingsAreRefusedByName) {
    const std::vector<std::tuple<int, int, std::string>> encodings = {
        {1, 8, "8-bit PCM"},        {1, 20, "20-bit PCM"}, {3, 64, "64-bit float"},
        {2, 4, "Microsoft ADPCM"},  {6, 8, "A-law"},       {7, 8, "mu-law"},
        {0x11, 4, "IMA ADPCM"},     {0x31, 0, "GSM 6.10"}, {0x55, 0, "MP3"},
        {0x1234, 16, "tag 0x1234"}, {0xFF, 16, "AAC"},     {0xF1AC, 16, "FLAC"}};
    for (const auto& [tag, bits, name] : encodings) {
        for (const bool extensible : {false, true}) {
            ByteWriter fmt;
            fmt.put(static_cast<std::uint16_t>(extensible ? 0xFFFE : tag));
            fmt.put(std::uint16_t{2}).put(std::uint32_t{48'000}).put(std::uint32_t{96'000});
            fmt.put(std::uint16_t{4}).put(static_cast<std::uint16_t>(bits));
            if (extensible) {
                fmt.put(std::uint16_t{22}).put(static_cast<std::uint16_t>(bits));
                fmt.put(std::uint32_t{3}).put(static_cast<std::uint16_t>(tag));
                const auto usual = encodeFmt({48'000, 6, SampleType::S16, 0});
                fmt.put(std::span<const std::byte>(usual).last(14));
            }
            const auto format = decodeFmt(fmt.bytes());
            ASSERT_FALSE(format.has_value());
            EXPECT_EQ(format.error().code, ENOTSUP);
            EXPECT_NE(format.error().text.find(name), std::string::npos) << format.error().text;
        }
    }
}

}  // namespace
}  // namespace holdfast
