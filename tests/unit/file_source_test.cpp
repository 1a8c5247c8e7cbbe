#include "iocore/capture/file_source.h"

#include <gtest/gtest.h>
#include <sndfile.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/support/feed_rig.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

using test::FeedRig;

constexpr std::uint32_t kChannels = 2;
constexpr std::uint32_t kFrames = 20'001;

// libsndfile may have been built without the libraries that FLAC needs.
bool isBuiltIn(int format) {
    int count = 0;
    sf_command(nullptr, SFC_GET_FORMAT_MAJOR_COUNT, &count, sizeof count);
    for (int i = 0; i < count; ++i) {
        SF_FORMAT_INFO known{};
        known.format = i;
        sf_command(nullptr, SFC_GET_FORMAT_MAJOR, &known, sizeof known);
        if (known.format == (format & SF_FORMAT_TYPEMASK)) return true;
    }
    return false;
}

class FileSource : public testing::Test {
  protected:
    ~FileSource() override { std::remove(path_.c_str()); }

    // Left-aligned random integers with `bits` significant bits, full range.
    static std::vector<int> randomInts(std::uint32_t bits) {
        std::mt19937 random(bits);
        std::vector<int> samples(kFrames * kChannels);
        for (int& sample : samples) {
            sample = static_cast<int>(static_cast<std::uint32_t>(random()) >> (32 - bits)
                                                                                  << (32 - bits));
        }
        samples[0] = INT32_MIN;
        return samples;
    }

    void write(int format, const std::vector<int>& samples) {
        withFile(format,
                 [&](SNDFILE* file) { return sf_writef_int(file, samples.data(), kFrames); });
    }
    void write(int format, const std::vector<float>& samples) {
        withFile(format,
                 [&](SNDFILE* file) { return sf_writef_float(file, samples.data(), kFrames); });
    }

    CaptureRequest request() const {
        CaptureRequest wished;
        wished.device = "file:" + path_;
        wished.maxSpeed = true;
        return wished;
    }

    // Plays the whole file; the rig holds what came out.
    std::unique_ptr<FeedRig> play(const CaptureRequest& wished) {
        auto opened = openCaptureSource(wished);
        if (!opened) {
            ADD_FAILURE() << opened.error().message();
            return nullptr;
        }
        grant_ = (*opened)->grant();
        auto rig = std::make_unique<FeedRig>(grant_.format, 7'777);
        EXPECT_TRUE((*opened)->start(rig->feed()));
        EXPECT_TRUE(rig->drainUntilEnd());
        (*opened)->stop();
        EXPECT_EQ(rig->feed().ended(), CaptureEnd::endOfInput);
        EXPECT_TRUE(rig->gaps.empty());
        EXPECT_EQ(rig->frames(), kFrames);
        return rig;
    }

    CaptureGrant grant_;
    TempFolder folder_;  // its own: tests run side by side
    std::string path_ = (folder_.path() / "audio").string();

  private:
    template <typename Write>
    void withFile(int format, Write writeAll) {
        SF_INFO info{};
        info.samplerate = 44'100;
        info.channels = kChannels;
        info.format = format;
        SNDFILE* file = sf_open(path_.c_str(), SFM_WRITE, &info);
        ASSERT_NE(file, nullptr) << sf_strerror(nullptr);
        EXPECT_EQ(writeAll(file), sf_count_t{kFrames});
        sf_close(file);
    }
};

TEST_F(FileSource, IntegersArriveBitForBitInTheNearestTypeThatHoldsThem) {
    struct Row {
        int format;
        std::uint32_t bits;
        SampleType type;
        SampleType native;
    };
    for (const Row& row : {
             Row{SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 8, SampleType::S24, SampleType::S16},
             Row{SF_FORMAT_AIFF | SF_FORMAT_PCM_S8, 8, SampleType::S24, SampleType::S16},
             Row{SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16, SampleType::S24, SampleType::S16},
             Row{SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16, SampleType::S24, SampleType::S16},
             Row{SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 24, SampleType::S24, SampleType::S24},
             Row{SF_FORMAT_WAV | SF_FORMAT_PCM_24, 24, SampleType::S24, SampleType::S24},
             Row{SF_FORMAT_RF64 | SF_FORMAT_PCM_24, 24, SampleType::S24, SampleType::S24},
             Row{SF_FORMAT_WAV | SF_FORMAT_PCM_32, 32, SampleType::S32, SampleType::S32},
             Row{SF_FORMAT_CAF | SF_FORMAT_PCM_32, 32, SampleType::S32, SampleType::S32},
         }) {
        if (!isBuiltIn(row.format)) continue;
        const auto samples = randomInts(row.bits);
        write(row.format, samples);
        const auto rig = play(request());
        ASSERT_NE(rig, nullptr);
        EXPECT_EQ(grant_.format.sampleType, row.type);
        EXPECT_EQ(grant_.deviceFormat.sampleType, row.native);
        EXPECT_EQ(grant_.format.sampleRate, 44'100U);
        EXPECT_EQ(grant_.format.channels, kChannels);
        EXPECT_FALSE(grant_.converted);
        EXPECT_FALSE(grant_.paced);
        const std::uint32_t unused = 32 - 8 * bytesPerSample(row.type);
        for (std::uint32_t i = 0; i < samples.size(); ++i) {
            ASSERT_EQ(rig->sampleAt(i / kChannels, i % kChannels), samples[i] >> unused)
                << "sample " << i << " of format " << std::hex << row.format;
        }
    }
}

TEST_F(FileSource, FloatsArriveBitForBitAlsoBeyondFullScale) {
    std::mt19937 random(3);
    std::vector<float> samples(kFrames * kChannels);
    for (float& sample : samples) sample = static_cast<float>(random()) * 0x1p-30F - 2.0F;
    samples[1] = 1e-40F;
    for (int type : {SF_FORMAT_FLOAT, SF_FORMAT_DOUBLE}) {
        write(SF_FORMAT_WAV | type, samples);
        const auto rig = play(request());
        ASSERT_NE(rig, nullptr);
        EXPECT_EQ(grant_.format.sampleType, SampleType::F32);
        EXPECT_EQ(grant_.converted, type == SF_FORMAT_DOUBLE);
        ASSERT_EQ(rig->audio.size(), samples.size() * sizeof(float));
        EXPECT_EQ(std::memcmp(rig->audio.data(), samples.data(), rig->audio.size()), 0);
    }
}

TEST_F(FileSource, AWishedTypeThatHoldsLessIsSaidToConvert) {
    const auto samples = randomInts(24);
    write(SF_FORMAT_WAV | SF_FORMAT_PCM_24, samples);
    auto wished = request();
    wished.sampleType = SampleType::S16;
    const auto rig = play(wished);
    ASSERT_NE(rig, nullptr);
    EXPECT_TRUE(grant_.converted);
    EXPECT_EQ(rig->sampleAt(5, 1), samples[11] >> 16);

    wished.sampleType = SampleType::F32;
    const auto floats = play(wished);
    ASSERT_NE(floats, nullptr);
    EXPECT_FALSE(grant_.converted);
    float value = 0;
    std::memcpy(&value, floats->audio.data() + 11 * sizeof(value), sizeof(value));
    EXPECT_EQ(value, static_cast<float>(samples[11] >> 8) / 8'388'608.0F);
}

TEST_F(FileSource, FloatsBeyondFullScaleClipInAnIntegerType) {
    std::vector<float> samples(kFrames * kChannels, 0.5F);
    samples[0] = 1.5F;
    samples[1] = -1.5F;
    samples[2] = 0.0F / 1.0F;
    write(SF_FORMAT_WAV | SF_FORMAT_FLOAT, samples);
    auto wished = request();
    wished.sampleType = SampleType::S24;
    const auto rig = play(wished);
    ASSERT_NE(rig, nullptr);
    EXPECT_TRUE(grant_.converted);
    EXPECT_EQ(rig->sampleAt(0, 0), 0x7F'FFFF);
    EXPECT_EQ(rig->sampleAt(0, 1), -0x80'0000);
    EXPECT_EQ(rig->sampleAt(1, 0), 0);
    EXPECT_EQ(rig->sampleAt(1, 1), 0x40'0000);
}

TEST_F(FileSource, AnotherRateOrChannelCountIsRefusedWithBothNumbers) {
    write(SF_FORMAT_WAV | SF_FORMAT_PCM_16, randomInts(16));
    auto wished = request();
    wished.sampleRate = 48'000;
    auto opened = openCaptureSource(wished);
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().text.find("44100 Hz, not 48000"), std::string::npos);
    wished.sampleRate = 44'100;
    wished.channels = 1;
    opened = openCaptureSource(wished);
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().text.find("2 channels, not 1"), std::string::npos);
}

TEST_F(FileSource, NoFileAndNoAudioAreErrorsOfTheDevice) {
    auto wished = request();
    auto opened = openCaptureSource(wished);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().stage, Stage::device);
    EXPECT_NE(opened.error().text.find(path_), std::string::npos);
    wished.device = "file:";
    opened = openCaptureSource(wished);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().stage, Stage::usage);
}

TEST_F(FileSource, InRealTimeAFullRingSkipsInTheFileAsADeviceWould) {
    const auto samples = randomInts(24);
    write(SF_FORMAT_WAV | SF_FORMAT_PCM_24, samples);
    auto wished = request();
    wished.maxSpeed = false;
    wished.fragmentMs = 10;
    auto opened = openCaptureSource(wished);
    ASSERT_TRUE(opened);
    FeedRig rig((*opened)->grant().format, 1'000);
    ASSERT_TRUE((*opened)->start(rig.feed()));
    while (rig.ring().fill().pendingLost == 0) std::this_thread::yield();
    ASSERT_TRUE(rig.drainUntilEnd());
    (*opened)->stop();
    ASSERT_FALSE(rig.gaps.empty());
    std::uint64_t lost = 0;
    for (const Gap& gap : rig.gaps) lost += gap.frames;
    EXPECT_EQ(rig.frames() + lost, kFrames);
    EXPECT_EQ(rig.gaps[0].atFrame, 1'000U);
    const std::uint64_t resumed = 1'000 + rig.gaps[0].frames;
    EXPECT_EQ(rig.sampleAt(1'000, 0), samples[resumed * kChannels] >> 8);
    EXPECT_EQ(rig.sampleAt(rig.frames() - 1, 1), samples.back() >> 8);
}

}  // namespace
}  // namespace holdfast
