// What the user knows and the file does not say: --assume, --reference; what is had without a
// header: extract; what caution refuses: --force.
#include <cstring>
#include <filesystem>

#include "tests/support/recover_rig_posix.h"
#include "tests/support/wav_forge.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using Words = RecoverRig::Words;

std::string textOf(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class RecoverOptionsCli : public testing::Test {
  protected:
    // A WAV that does not say its format; S24, stereo, 48 kHz.
    void writeMute(const std::string& name) {
        ForgedWav wav = forgeWav({.frames = kFrames});
        std::memcpy(wav.bytes.data() + wav.fmtAt - 8, "gone", 4);
        writeFile(rig_.path(name), textOf(wav.bytes));
    }

    static constexpr std::uint64_t kFrames = 20'000;
    const PcmFormat format_{48'000, 2, SampleType::S24, 0};
    RecoverRig rig_;
};

TEST_F(RecoverOptionsCli, FormatThatTheFileLacksIsAskedForAndTaken) {
    writeMute("mute.wav");
    writeFile(rig_.path("other.wav"), textOf(forgeWav({.frames = 100}).bytes));
    const auto asked = rig_.recover({"repair", "mute.wav"});
    EXPECT_EQ(asked.end.status, 8);
    EXPECT_NE(asked.out.find("--assume"), std::string::npos) << asked.out;
    for (const Words& how : {Words{"--assume", "48000,2,S24"}, Words{"--reference", "other.wav"}}) {
        Words words = {"repair", "mute.wav"};
        words.insert(words.end(), how.begin(), how.end());
        EXPECT_EQ(rig_.recoverJson(words)["exit"], 1);
        const std::string copy = rig_.contents()["mute.recovered.wav"];
        ASSERT_GT(copy.size(), 512U);
        const std::string audio = textOf(forgedAudio(format_, kFrames));
        EXPECT_TRUE(copy.substr(512, audio.size()) == audio);
        fs::remove(rig_.path("mute.recovered.wav"));
    }
}

TEST_F(RecoverOptionsCli, RawAudioIsAllAudio) {
    writeFile(rig_.path("audio.pcm"), textOf(forgedAudio(format_, kFrames)));
    EXPECT_EQ(rig_.recover({"check", "audio.pcm"}).end.status, 8);
    EXPECT_EQ(rig_.recoverJson({"repair", "audio.pcm", "--assume", "48000,2,S24"})["exit"], 1);
    EXPECT_EQ(rig_.contents()["audio.pcm.recovered.wav"].substr(512),
              textOf(forgedAudio(format_, kFrames)));
}

TEST_F(RecoverOptionsCli, ReferenceThatSaysNothingIsNamed) {
    writeMute("mute.wav");
    const auto outcome = rig_.recover({"repair", "mute.wav", "--reference", "mute.wav"});
    EXPECT_EQ(outcome.end.status, 8);
    EXPECT_NE(outcome.err.find("no reference"), std::string::npos) << outcome.err;
    EXPECT_EQ(rig_.files(), Words{"mute.wav"});
}

TEST_F(RecoverOptionsCli, ExtractGivesEveryCapturedFrameAsRawBytes) {
    const std::uint64_t captured = rig_.crash("take.wav", 30'000);
    const Files before = rig_.contents();
    const auto told = rig_.recoverJson({"extract", "--raw", "-o", "take.raw", "take.wav"});
    EXPECT_EQ(told["exit"], 1);
    const std::string raw = rig_.contents()["take.raw"];
    EXPECT_GE(told["recoverable_frames"], captured);
    const auto shown = rig_.recover({"extract", "-o", "-", "take.wav"});
    EXPECT_TRUE(shown.out == raw);
    // A taken name is refused, and replaced when that is asked for.
    EXPECT_EQ(rig_.recover({"extract", "-o", "take.raw", "take.wav"}).end.status, 8);
    writeFile(rig_.path("take.raw"), "old");
    EXPECT_EQ(rig_.recover({"extract", "--force", "-o", "take.raw", "take.wav"}).end.status, 1);
    EXPECT_TRUE(rig_.contents()["take.raw"] == raw);
    fs::remove(rig_.path("take.raw"));
    EXPECT_EQ(rig_.contents(), before);
    EXPECT_EQ(rig_.recoverJson({"repair", "take.wav"})["exit"], 1);
    EXPECT_TRUE(rig_.contents()["take.recovered.wav"].substr(512, raw.size()) == raw);
}

TEST_F(RecoverOptionsCli, ForceReplacesAnOutputButNoUnrecoveredTake) {
    rig_.crash("take.wav");
    rig_.crash("other.wav");
    writeFile(rig_.path("out.wav"), "something else");
    EXPECT_EQ(rig_.recover({"repair", "-o", "out.wav", "take.wav"}).end.status, 8);
    EXPECT_EQ(rig_.contents()["out.wav"], "something else");
    const std::string other = rig_.contents()["other.wav"];
    for (const char* command : {"repair", "extract"}) {
        const auto refused = rig_.recover({command, "--force", "-o", "other.wav", "take.wav"});
        EXPECT_EQ(refused.end.status, 8);
        EXPECT_TRUE(rig_.contents()["other.wav"] == other);
    }
    EXPECT_EQ(rig_.recoverJson({"repair", "--force", "-o", "out.wav", "take.wav"})["exit"], 1);
    EXPECT_GT(rig_.contents()["out.wav"].size(), 512U);
}

TEST_F(RecoverOptionsCli, WhatCannotBeMeantIsSixteen) {
    writeMute("mute.wav");
    for (const Words& words : std::vector<Words>{
             {"extract", "mute.wav"},
             {"extract", "-o", "x", "mute.wav", "mute.wav"},
             {"extract", "-o", "-", "--json", "mute.wav"},
             {"extract", "-o", "mute.wav", "mute.wav"},
             {"repair", "--assume", "48000,2", "mute.wav"},
             {"repair", "--assume", "48000,2,A8", "mute.wav"},
             {"repair", "--assume", "1,2,S16", "mute.wav"},
             {"repair", "--assume", "48000,2,S16", "--reference", "mute.wav", "mute.wav"}}) {
        const auto outcome = rig_.recover(words);
        EXPECT_EQ(outcome.end.status, 16) << words.back() << outcome.out << outcome.err;
    }
    EXPECT_EQ(rig_.files(), Words{"mute.wav"});
}

}  // namespace
}  // namespace holdfast
