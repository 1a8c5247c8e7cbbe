// Every sample of the ramp, in every format, read back by libsndfile, and the file as other
// programs see it.
#include <fmt/format.h>
#include <sndfile.h>

#include <cstring>
#include <memory>

#include "iocore/base/pcm_format.h"
#include "tests/support/capture_rig_posix.h"
#include "tests/support/command_output.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

struct Shape {
    SampleType type;
    std::uint32_t channels;
    std::uint64_t frames;
};

std::string shapeName(const testing::TestParamInfo<Shape>& info) {
    return fmt::format("{}_{}ch_{}", sampleTypeName(info.param.type), info.param.channels,
                       info.param.frames);
}

class CaptureSamples : public testing::TestWithParam<Shape> {
  protected:
    CaptureRig rig_;
};

// What libsndfile gives for the ramp: integers left-aligned in 32 bits, floats as they are.
std::int32_t rampInteger(SampleType type, std::uint64_t frame) {
    const int unused = 32 - 8 * static_cast<int>(bytesPerSample(type));
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(frame) << unused);
}

float rampFloat(std::uint64_t frame) {
    return static_cast<float>(frame % (1u << 24)) / static_cast<float>(1u << 24);
}

using SoundFile = std::unique_ptr<SNDFILE, decltype(&sf_close)>;

std::uint64_t firstWrongFrame(SNDFILE* file, const Shape& shape) {
    std::vector<int> ints(shape.channels);
    std::vector<float> floats(shape.channels);
    for (std::uint64_t frame = 0; frame < shape.frames; ++frame) {
        const bool isFloat = shape.type == SampleType::F32;
        const sf_count_t got =
            isFloat ? sf_readf_float(file, floats.data(), 1) : sf_readf_int(file, ints.data(), 1);
        if (got != 1) return frame;
        for (std::uint32_t c = 0; c < shape.channels; ++c) {
            const bool right =
                isFloat ? floats[c] == rampFloat(frame) : ints[c] == rampInteger(shape.type, frame);
            if (!right) return frame;
        }
    }
    return shape.frames;
}

TEST_P(CaptureSamples, RampArrivesSampleForSample) {
    const Shape shape = GetParam();
    // 8 kHz: a millisecond is 8 frames; odd counts come from a device that ends there.
    const auto outcome =
        rig_.run({"-D", fmt::format("synth:ramp?unplug@{}", shape.frames), "-r", "8000", "-c",
                  std::to_string(shape.channels), "-f", std::string(sampleTypeName(shape.type)),
                  "--speed", "max", "take"});
    ASSERT_EQ(outcome.end.status, 3) << outcome.err;

    const auto verdict = wavcheck::checkWavFile(rig_.path("take.wav"));
    EXPECT_TRUE(verdict.ok) << verdict.defect;
    EXPECT_FALSE(verdict.trailing);
    EXPECT_EQ(verdict.frames, shape.frames);
    EXPECT_EQ(verdict.dataOffset, 512U);
    EXPECT_EQ(verdict.channels, shape.channels);
    EXPECT_EQ(verdict.sampleRate, 8'000U);
    EXPECT_EQ(verdict.bits, 8 * bytesPerSample(shape.type));
    EXPECT_EQ(verdict.isFloat, shape.type == SampleType::F32);
    // FORMAT.md, section 2: plain tags up to stereo, EXTENSIBLE with the mask above.
    EXPECT_EQ(verdict.isExtensible, shape.channels > 2);
    if (shape.channels > 2) {
        EXPECT_EQ(verdict.channelMask, defaultChannelMask(shape.channels));
    }

    SF_INFO info{};
    const SoundFile file(sf_open(rig_.path("take.wav").c_str(), SFM_READ, &info), sf_close);
    ASSERT_TRUE(file) << sf_strerror(nullptr);
    EXPECT_EQ(static_cast<std::uint64_t>(info.frames), shape.frames);
    EXPECT_EQ(firstWrongFrame(file.get(), shape), shape.frames);
}

std::vector<Shape> allShapes() {
    std::vector<Shape> shapes;
    for (const auto type : {SampleType::S16, SampleType::S24, SampleType::S32, SampleType::F32}) {
        for (const std::uint32_t channels : {1U, 2U, 3U, 8U, 64U}) {
            shapes.push_back({type, channels, 4'000});
        }
    }
    // Odd bytes at the end, and a ramp that wraps 16 bits.
    shapes.push_back({SampleType::S24, 1, 4'001});
    shapes.push_back({SampleType::S24, 1, 1});
    shapes.push_back({SampleType::S24, 3, 4'001});
    shapes.push_back({SampleType::S16, 1, 70'001});
    return shapes;
}

// Noise, so that no byte is like its neighbour: into a file, and from that file into another.
TEST_P(CaptureSamples, NoiseFromAFileArrivesBitForBit) {
    const Shape shape = GetParam();
    const std::vector<std::string> format{"-r",      "8000",
                                          "-c",      std::to_string(shape.channels),
                                          "-f",      std::string(sampleTypeName(shape.type)),
                                          "--speed", "max"};
    std::vector<std::string> first{"-D", "synth:noise?seed=5", "-d", "3s", "first"};
    first.insert(first.end(), format.begin(), format.end());
    ASSERT_EQ(rig_.run(first).end.status, 0);
    std::vector<std::string> second{"-D", "file:" + rig_.path("first.wav"), "second"};
    second.insert(second.end(), format.begin(), format.end());
    const auto outcome = rig_.run(second);
    ASSERT_EQ(outcome.end.status, 0) << outcome.err;

    const std::string before = readFile(rig_.path("first.wav"));
    const std::string after = readFile(rig_.path("second.wav"));
    ASSERT_EQ(before.size(), after.size());
    EXPECT_TRUE(before.substr(512) == after.substr(512));
}

INSTANTIATE_TEST_SUITE_P(Formats, CaptureSamples, testing::ValuesIn(allShapes()), shapeName);

TEST(CaptureFileType, Rf64IsRf64FromTheStartAndWavIsPlain) {
    const CaptureRig rig;
    for (const std::string type : {"auto", "wav", "rf64"}) {
        const auto outcome = rig.run({"-D", "synth:ramp", "-r", "8000", "-c", "2", "-f", "F32",
                                      "-d", "1", "--speed", "max", "--file-type", type, type});
        ASSERT_EQ(outcome.end.status, 0) << outcome.err;
        const std::string path = rig.path(type + ".wav");
        const auto verdict = wavcheck::checkWavFile(path);
        EXPECT_TRUE(verdict.ok && !verdict.trailing) << verdict.defect;
        EXPECT_EQ(verdict.isRf64, type == "rf64");
        EXPECT_EQ(verdict.hasDs64, type == "rf64");
        SF_INFO info{};
        const SoundFile file(sf_open(path.c_str(), SFM_READ, &info), sf_close);
        ASSERT_TRUE(file) << sf_strerror(nullptr);
        EXPECT_EQ(info.frames, 8'000);
        EXPECT_EQ(firstWrongFrame(file.get(), {SampleType::F32, 2, 8'000}), 8'000u);
    }
}

class CaptureReaders : public testing::Test {
  protected:
    // The answer of another program about a stereo S24 take with a marker-free second of tone.
    void SetUp() override {
        ASSERT_EQ(rig_.run({"-D", "synth:tone", "-d", "1", "--speed", "max", "take"}).end.status,
                  0);
    }
    [[nodiscard]] std::string take() const { return "'" + rig_.path("take.wav") + "'"; }

    CaptureRig rig_;
};

TEST_F(CaptureReaders, SoxReadsItAll) {
    if (outputOf("sox --version").status != 0) GTEST_SKIP() << "sox is not installed";
    const auto samples = outputOf("soxi -s " + take());
    EXPECT_EQ(samples.text, "48000\n");
    const auto all = outputOf("sox " + take() + " -n stat");
    EXPECT_EQ(all.status, 0) << all.text;
    EXPECT_EQ(all.text.find("WARN"), std::string::npos) << all.text;
}

TEST_F(CaptureReaders, FfprobeReadsItAll) {
    if (outputOf("ffprobe -version").status != 0) GTEST_SKIP() << "ffprobe is not installed";
    const auto answer = outputOf(
        "ffprobe -v warning -show_entries stream=codec_name,channels,duration_ts -of csv=p=0 " +
        take());
    EXPECT_EQ(answer.text, "pcm_s24le,2,48000\n");
}

TEST_F(CaptureReaders, PythonReadsItAll) {
    if (outputOf("python3 -c 'import wave'").status != 0) GTEST_SKIP() << "no Python wave module";
    const auto answer = outputOf(
        "python3 -c \"import wave,sys; w=wave.open(sys.argv[1]); "
        "print(w.getnchannels(), w.getsampwidth(), "
        "len(w.readframes(10**9)))\" " +
        take());
    EXPECT_EQ(answer.text, "2 3 288000\n");
}

}  // namespace
}  // namespace holdfast
