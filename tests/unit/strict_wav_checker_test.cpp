// The strict checker accepts what libsndfile writes and names each defect made by hand.
#include "tests/support/strict_wav_checker.h"

#include <gtest/gtest.h>
#include <sndfile.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace wavcheck {
namespace {

using Bytes = std::vector<std::byte>;

struct Build {
    Bytes bytes;

    Build& text(const std::string& value) {
        for (char c : value) bytes.push_back(static_cast<std::byte>(c));
        return *this;
    }
    Build& number(std::uint64_t value, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            bytes.push_back(static_cast<std::byte>(value >> (8 * i)));
        }
        return *this;
    }
    Build& chunk(const std::string& id, const Bytes& content) {
        text(id).number(content.size(), 4);
        bytes.insert(bytes.end(), content.begin(), content.end());
        if (content.size() % 2 == 1) bytes.push_back(std::byte{0});
        return *this;
    }
};

Bytes fmtPcm(std::uint32_t channels = 2, std::uint32_t bits = 24) {
    const std::uint32_t frame = channels * bits / 8;
    return Build{}
        .number(1, 2)
        .number(channels, 2)
        .number(48000, 4)
        .number(48000 * frame, 4)
        .number(frame, 2)
        .number(bits, 2)
        .bytes;
}

Bytes fmtFloat() {
    Bytes fmt = Build{}.number(3, 2).number(1, 2).number(48000, 4).number(192000, 4).bytes;
    const Bytes rest = Build{}.number(4, 2).number(32, 2).number(0, 2).bytes;
    fmt.insert(fmt.end(), rest.begin(), rest.end());
    return fmt;
}

Bytes fmtExtensible() {
    return Build{}
        .number(0xFFFE, 2)
        .number(2, 2)
        .number(48000, 4)
        .number(288000, 4)
        .number(6, 2)
        .number(24, 2)
        .number(22, 2)
        .number(20, 2)
        .number(3, 4)
        .number(1, 2)
        .number(0, 4)
        .number(0x0010, 2)
        .number(0x0080, 2)
        .number(0xAA00, 2)
        .number(0x719B3800, 4)
        .bytes;
}

Bytes riff(const Build& chunks) {
    Build file;
    file.text("RIFF").number(chunks.bytes.size() + 4, 4).text("WAVE");
    file.bytes.insert(file.bytes.end(), chunks.bytes.begin(), chunks.bytes.end());
    return file.bytes;
}

Bytes good() {
    return riff(Build{}.chunk("fmt ", fmtPcm()).chunk("data", Bytes(60)));
}

void patch(Bytes& file, std::size_t at, std::uint64_t value, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        file.at(at + i) = static_cast<std::byte>(value >> (8 * i));
    }
}

// The file `good()` with one field changed.
Bytes patched(std::size_t at, std::uint64_t value, std::size_t count) {
    Bytes file = good();
    patch(file, at, value, count);
    return file;
}

void expectDefect(const Bytes& file, const std::string& words) {
    const Verdict verdict = checkWav(file);
    EXPECT_FALSE(verdict.ok) << words;
    EXPECT_NE(verdict.defect.find(words), std::string::npos) << verdict.defect;
}

class SndfileWav : public testing::TestWithParam<int> {
  protected:
    std::string path_ = testing::TempDir() + "strict_" + std::to_string(GetParam()) + ".wav";
    void TearDown() override { std::filesystem::remove(path_); }
};

TEST_P(SndfileWav, IsGood) {
    for (const int channels : {1, 2, 6}) {
        SF_INFO info{};
        info.samplerate = 44100;
        info.channels = channels;
        info.format = GetParam();
        SNDFILE* file = sf_open(path_.c_str(), SFM_WRITE, &info);
        ASSERT_NE(file, nullptr) << sf_strerror(nullptr);
        const std::vector<float> frames(static_cast<std::size_t>(channels) * 101, 0.25F);
        ASSERT_EQ(sf_writef_float(file, frames.data(), 101), 101);
        sf_close(file);
        const Verdict verdict = checkWavFile(path_);
        EXPECT_TRUE(verdict.ok) << verdict.defect;
        EXPECT_EQ(verdict.frames, 101U);
        EXPECT_EQ(verdict.channels, static_cast<std::uint32_t>(channels));
        EXPECT_EQ(verdict.sampleRate, 44100U);
        EXPECT_FALSE(verdict.trailing);
        EXPECT_EQ(verdict.isFloat, (GetParam() & SF_FORMAT_SUBMASK) == SF_FORMAT_FLOAT);
        EXPECT_EQ(verdict.isExtensible, (GetParam() & SF_FORMAT_TYPEMASK) != SF_FORMAT_WAV);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Formats, SndfileWav,
    testing::Values(SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_WAV | SF_FORMAT_PCM_24,
                    SF_FORMAT_WAV | SF_FORMAT_PCM_32, SF_FORMAT_WAV | SF_FORMAT_FLOAT,
                    SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, SF_FORMAT_WAVEX | SF_FORMAT_FLOAT,
                    SF_FORMAT_RF64 | SF_FORMAT_PCM_24));

TEST(StrictWav, ReportsWhereTheDataIs) {
    const Verdict verdict = checkWav(good());
    ASSERT_TRUE(verdict.ok) << verdict.defect;
    EXPECT_EQ(verdict.dataOffset, 44U);
    EXPECT_EQ(verdict.dataBytes, 60U);
    EXPECT_EQ(verdict.frames, 10U);
    EXPECT_EQ(verdict.blockAlign, 6U);
    ASSERT_EQ(verdict.chunks.size(), 2U);
    EXPECT_EQ(verdict.chunks[1].id, "data");
    EXPECT_EQ(verdict.chunks[1].offset, 36U);
}

TEST(StrictWav, HeaderBehindTheDataIsGoodAndSaid) {
    Bytes file = good();
    file.resize(file.size() + 12);
    const Verdict verdict = checkWav(file);
    EXPECT_TRUE(verdict.ok) << verdict.defect;
    EXPECT_TRUE(verdict.trailing);
    EXPECT_EQ(verdict.riffEnd, 104U);
}

TEST(StrictWav, HeaderAheadOfTheDataIsNamed) {
    Bytes file = good();
    file.resize(file.size() - 6);
    expectDefect(file, "reaches past the end of the file");
}

TEST(StrictWav, BadRiffSizesAreNamed) {
    expectDefect(patched(4, 0, 4), "the RIFF size is 0");
    expectDefect(patched(4, 0xFFFFFFFF, 4), "0xFFFFFFFF");
    expectDefect(patched(4, 95, 4), "is odd");
    expectDefect(patched(0, 'X', 1), "does not begin with RIFF");
    expectDefect(patched(8, 'X', 1), "not WAVE");
    expectDefect(Bytes{}, "only 0 bytes");
}

TEST(StrictWav, SizesOfDifferentCommitsAreNamed) {
    expectDefect(patched(40, 66, 4), "reaches past the RIFF end");
    expectDefect(patched(40, 54, 4), "inside a chunk header");
}

TEST(StrictWav, BrokenChunkChainIsNamed) {
    expectDefect(patched(16, 0x7FFFFFFF, 4), "reaches past the RIFF end");
    expectDefect(patched(12, 0x07, 1), "not text");
}

TEST(StrictWav, MissingPadByteIsNamed) {
    Bytes file = riff(Build{}.chunk("fmt ", fmtPcm(1, 8)).chunk("abc ", Bytes(4)));
    const Bytes tail = Build{}.text("data").number(3, 4).number(0, 3).bytes;
    file.insert(file.end(), tail.begin(), tail.end());
    // An odd chunk that ends with the RIFF chunk makes the RIFF size odd.
    patch(file, 4, file.size() - 8, 4);
    expectDefect(file, "is odd");
    file = riff(Build{}.chunk("fmt ", fmtPcm(1, 8)).chunk("data", Bytes(3)));
    EXPECT_TRUE(checkWav(file).ok);
    file.back() = std::byte{7};
    expectDefect(file, "pad byte behind data is not 0");
}

TEST(StrictWav, FmtAndDataMustBeThereOnceAndInOrder) {
    const Bytes data(60);
    expectDefect(riff(Build{}.chunk("data", data).chunk("fmt ", fmtPcm())), "before fmt");
    expectDefect(riff(Build{}.chunk("fmt ", fmtPcm())), "no 'data' chunk");
    expectDefect(riff(Build{}.chunk("abcd", data)), "no 'fmt ' chunk");
    expectDefect(riff(Build{}.chunk("fmt ", fmtPcm()).chunk("fmt ", fmtPcm()).chunk("data", data)),
                 "2 'fmt ' chunks");
    expectDefect(riff(Build{}.chunk("fmt ", fmtPcm()).chunk("data", data).chunk("data", data)),
                 "2 'data' chunks");
}

TEST(StrictWav, InconsistentFormatIsNamed) {
    expectDefect(patched(20, 2, 2), "neither PCM nor float");
    expectDefect(patched(22, 0, 2), "0 channels");
    expectDefect(patched(24, 0, 4), "sample rate of 0");
    expectDefect(patched(28, 1, 4), "byte rate");
    expectDefect(patched(32, 5, 2), "blockAlign");
    expectDefect(patched(34, 12, 2), "PCM of 12 bits");
    expectDefect(riff(Build{}.chunk("fmt ", Bytes(14)).chunk("data", Bytes(60))), "fmt has 14");
    const auto floating = [](std::size_t at, std::uint64_t value) {
        Bytes fmt = fmtFloat();
        patch(fmt, at, value, 2);
        return riff(Build{}.chunk("fmt ", fmt).chunk("data", Bytes(60)));
    };
    expectDefect(floating(16, 2), "cbSize not 0");
    expectDefect(floating(14, 16), "float of 16 bits");
    expectDefect(floating(0, 0xFFFE), "fmt has 18 bytes for tag 0xfffe");
}

TEST(StrictWav, ExtensibleFieldsAreChecked) {
    const auto file = [](std::size_t at, std::uint64_t value, std::size_t count) {
        Bytes fmt = fmtExtensible();
        if (count > 0) patch(fmt, at, value, count);
        return riff(Build{}.chunk("fmt ", fmt).chunk("data", Bytes(60)));
    };
    const Verdict verdict = checkWav(file(0, 0, 0));
    EXPECT_TRUE(verdict.ok) << verdict.defect;
    EXPECT_EQ(verdict.validBits, 20U);
    EXPECT_EQ(verdict.channelMask, 3U);
    expectDefect(file(16, 20, 2), "cbSize is 20");
    expectDefect(file(18, 25, 2), "25 valid bits");
    expectDefect(file(18, 0, 2), "0 valid bits");
    expectDefect(file(20, 7, 4), "3 speakers for 2 channels");
    expectDefect(file(30, 1, 1), "KSDATAFORMAT");
    expectDefect(file(24, 7, 2), "neither PCM nor float");
}

TEST(StrictWav, FactMustCountTheFrames) {
    const Bytes data(40);
    const auto file = [&](std::uint64_t frames) {
        const Bytes fact = Build{}.number(frames, 4).bytes;
        return riff(Build{}.chunk("fmt ", fmtFloat()).chunk("fact", fact).chunk("data", data));
    };
    EXPECT_TRUE(checkWav(file(10)).ok) << checkWav(file(10)).defect;
    expectDefect(file(9), "fact counts 9 frames, data has 10");
    expectDefect(riff(Build{}.chunk("fmt ", fmtFloat()).chunk("data", data)), "no fact chunk");
    expectDefect(
        riff(Build{}.chunk("fmt ", fmtFloat()).chunk("fact", Bytes(2)).chunk("data", data)),
        "fact has 2 bytes");
}

TEST(StrictWav, DataEndsWithAWholeFrame) {
    Bytes file = riff(Build{}.chunk("fmt ", fmtPcm()).chunk("data", Bytes(62)));
    expectDefect(file, "no whole number of frames");
}

Bytes rf64(std::uint64_t riffBytes, std::uint64_t dataBytes, std::uint64_t frames) {
    Build file;
    file.text("RF64").number(0xFFFFFFFF, 4).text("WAVE");
    file.chunk(
        "ds64",
        Build{}.number(riffBytes, 8).number(dataBytes, 8).number(frames, 8).number(0, 4).bytes);
    file.chunk("fmt ", fmtPcm()).text("data").number(0xFFFFFFFF, 4);
    file.bytes.resize(file.bytes.size() + 60);
    return file.bytes;
}

TEST(StrictWav, Rf64SizesComeFromDs64) {
    const Verdict verdict = checkWav(rf64(132, 60, 10));
    EXPECT_TRUE(verdict.ok) << verdict.defect;
    EXPECT_EQ(verdict.frames, 10U);
    expectDefect(rf64(0, 0, 0), "the RIFF size is 0");
    expectDefect(rf64(134, 60, 10), "reaches past the end of the file");
    expectDefect(rf64(132, 66, 11), "reaches past the RIFF end");
    expectDefect(rf64(132, 60, 9), "ds64 counts 9 frames");
}

TEST(StrictWav, HalfPromotedRf64IsNamed) {
    const auto file = [](std::size_t at, std::uint64_t value, std::size_t count) {
        Bytes bytes = rf64(132, 60, 10);
        patch(bytes, at, value, count);
        return bytes;
    };
    expectDefect(file(4, 132, 4), "RF64 with a 32-bit RIFF size of 132");
    expectDefect(file(12, 'J', 1), "without ds64 as its first chunk");
    expectDefect(file(16, 26, 4), "ds64 has only 26 bytes");
    expectDefect(file(44, 1, 4), "table of 1 entries");
    expectDefect(file(76, 60, 4), "RF64 with a 32-bit data size of 60");
    Bytes cut = rf64(132, 60, 10);
    cut.resize(30);
    expectDefect(cut, "the file ends at 30");
}

TEST(StrictWav, EarlyDs64OfARiffSaysWhatRiffSays) {
    const auto file = [](std::uint64_t riffBytes, std::uint64_t dataBytes, std::uint64_t frames) {
        Bytes bytes = rf64(riffBytes, dataBytes, frames);
        std::copy_n(Build{}.text("RIFF").number(132, 4).bytes.begin(), 8, bytes.begin());
        patch(bytes, 76, 60, 4);
        return bytes;
    };
    EXPECT_TRUE(checkWav(file(132, 60, 10)).ok) << checkWav(file(132, 60, 10)).defect;
    expectDefect(file(0, 0, 0), "ds64 has a RIFF size of 0");
    expectDefect(file(132, 54, 10), "ds64 has 54 bytes of data");
    expectDefect(file(132, 60, 9), "ds64 counts 9 frames");
}

TEST(StrictWav, ChunksThatGrowWithoutReasonAreNamed) {
    const auto file = [](Build extra) {
        return riff(extra.chunk("fmt ", fmtPcm()).chunk("data", Bytes(60)));
    };
    Build many;
    for (int i = 0; i < 10'001; ++i) many.chunk("JUNK", {});
    expectDefect(file(many), "more than 10000 chunks");
    const Bytes fact = Build{}.number(10, 4).bytes;
    EXPECT_TRUE(checkWav(file(Build{}.chunk("fact", fact))).ok);
    expectDefect(file(Build{}.chunk("fact", fact).chunk("fact", fact)), "2 'fact' chunks");
    Bytes large = fact;
    large.resize(2 << 20);
    expectDefect(file(Build{}.chunk("fact", large)), "chunk 'fact' has 2097152 bytes");
}

TEST(StrictWav, MarkersAreRead) {
    const auto point = [](Build& cue, std::uint32_t id, std::uint32_t frame) {
        cue.number(id, 4).number(frame, 4).text("data").number(0, 8).number(frame, 4);
    };
    Build cue;
    cue.number(2, 4);
    point(cue, 1, 3);
    point(cue, 2, 10);
    Build list;
    list.text("adtl");
    list.chunk("labl", Build{}.number(2, 4).text("end").number(0, 1).bytes);
    list.chunk("labl", Build{}.number(1, 4).text("verse").number(0, 1).bytes);
    const auto file = [&](const Bytes& cueBytes) {
        return riff(Build{}
                        .chunk("fmt ", fmtPcm())
                        .chunk("data", Bytes(60))
                        .chunk("cue ", cueBytes)
                        .chunk("LIST", list.bytes));
    };
    const Verdict verdict = checkWav(file(cue.bytes));
    ASSERT_TRUE(verdict.ok) << verdict.defect;
    ASSERT_EQ(verdict.labels.size(), 2U);
    EXPECT_EQ(verdict.labels[0].frame, 3U);
    EXPECT_EQ(verdict.labels[0].text, "verse");
    EXPECT_EQ(verdict.labels[1].text, "end");
    Bytes past = cue.bytes;
    patch(past, 4 + 20, 11, 4);
    expectDefect(file(past), "lies past the end");
    Bytes count = cue.bytes;
    patch(count, 0, 3, 4);
    expectDefect(file(count), "for 3 points");
    Bytes twice = cue.bytes;
    patch(twice, 4 + 24, 1, 4);
    expectDefect(file(twice), "two cue points 1");
    Bytes elsewhere = cue.bytes;
    patch(elsewhere, 4 + 8, 'X', 1);
    expectDefect(file(elsewhere), "not about data");
    list.bytes.at(19) = std::byte{'x'};  // the zero that ends "end"
    expectDefect(file(cue.bytes), "a label has no end");
    patch(list.bytes, 8, 99, 4);
    expectDefect(file(cue.bytes), "'labl' in adtl reaches past its list");
}

TEST(StrictWav, FileOf5GiBIsWalkedInConstantMemory) {
    const std::string path = testing::TempDir() + "strict_5gib.wav";
    const std::uint64_t dataBytes = 5ULL << 30;
    Bytes head = rf64(dataBytes / 6 * 6 + 72, dataBytes / 6 * 6, 0);
    {
        std::ofstream file(path, std::ios::binary);
        file.write(reinterpret_cast<const char*>(head.data()), 80);
    }
    std::error_code error;
    std::filesystem::resize_file(path, 80 + dataBytes / 6 * 6, error);
    if (error) {
        std::filesystem::remove(path);
        GTEST_SKIP() << "no sparse file of 5 GiB here: " << error.message();
    }
    const Verdict verdict = checkWavFile(path);
    std::filesystem::remove(path);
    EXPECT_TRUE(verdict.ok) << verdict.defect;
    EXPECT_EQ(verdict.frames, dataBytes / 6);
}

}  // namespace
}  // namespace wavcheck
