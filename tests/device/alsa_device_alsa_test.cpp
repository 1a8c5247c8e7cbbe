// ALSA without a card: its plug-ins are the devices.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/live_recording_posix.h"
#include "tests/support/sound_server_test_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using namespace test;
using Words = std::vector<std::string>;

constexpr PcmFormat kStereo16{48'000, 2, SampleType::S16, 0x3};

class AlsaDevice : public testing::Test {
  protected:
    void SetUp() override {
        const std::string system = "/usr/share/alsa/alsa.conf";
        if (!std::ifstream(system)) GTEST_SKIP() << system << " is not there (libasound2-data)";
        signal_ = liveSignal(SyntheticKind::noise, kStereo16, 3);
        writeFile(rig_.path("signal.raw"),
                  {reinterpret_cast<const char*>(signal_.data()), signal_.size()});
        writeFile(conf_, "<" + system +
                             ">\npcm.tape { type file; slave.pcm \"null\"; file "
                             "\"/dev/null\"; infile \"" +
                             rig_.path("signal.raw") +
                             "\"; format raw }\n"
                             "pcm.cable { type pulse; device \"cable.monitor\" }\n"
                             "pcm.!default { type plug; slave.pcm \"tape\" }\n");
    }
    // With a sound server's address, or none that answers.
    ChildOptions recording(Words more, const char* server = nullptr) const {
        more.emplace_back("--json");
        ChildOptions options = rig_.command(more);
        options.environment.emplace_back("ALSA_CONFIG_PATH", conf_);
        if (server != nullptr) options.environment.emplace_back("PULSE_SERVER", server);
        return options;
    }
    // That the take is the beginning of the signal, so many frames long.
    void expectSignal(std::uint64_t frames) const {
        const Audio audio = audioOf(rig_.path("take.wav"));
        ASSERT_EQ(audio.size(), frames * kStereo16.bytesPerFrame());
        EXPECT_TRUE(std::equal(audio.begin(), audio.end(), signal_.begin()));
    }

    CaptureRig rig_;
    std::string conf_ = rig_.home() + "/asound.conf";
    Audio signal_;
};

TEST_F(AlsaDevice, TapeIsRecordedBitForBit) {
    const auto outcome = rig_.run(
        recording({"-D", "alsa:tape", "-r", "48000", "-c", "2", "-f", "S16", "-d", "2", "take"}));
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    expectSignal(96'000);
}

TEST_F(AlsaDevice, IsTakenWhereNoSoundServerAnswers) {
    const auto outcome =
        rig_.run(recording({"-r", "48000", "-c", "2", "-f", "S16", "-d", "1", "take"}));
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("alsa:default"), std::string::npos) << outcome.out;
    expectSignal(48'000);
}

TEST_F(AlsaDevice, NameThatMeansNothingIsFourAndSaysSo) {
    const auto outcome = rig_.run(recording({"-D", "alsa:nobody", "take"}));
    EXPECT_EQ(outcome.end.status, 4) << outcome.err;
    EXPECT_NE(outcome.err.find("'nobody'"), std::string::npos) << outcome.err;
    EXPECT_EQ(rig_.files(), Words{"signal.raw"});
}

TEST_F(AlsaDevice, PluginOfPulseAudioIsRecordedSampleForSample) {
    if (!missingPrograms(SoundServer::pulseAudio).empty()) GTEST_SKIP() << "no PulseAudio";
    PulseDaemon daemon;
    daemon.addCable("cable", kStereo16);
    ChildProcess child(
        recording({"-D", "alsa:cable", "-r", "48000", "-c", "2", "-f", "S16", "take"},
                  std::getenv("PULSE_SERVER")));
    if (!child.waitForLine(R"("event":"started")")) {
        if (child.err().find("pulse") != std::string::npos) GTEST_SKIP() << child.err();
        FAIL() << child.err();
    }
    daemon.play("cable", kStereo16, signal_);
    waitForMoreFrames(child, kStereo16.sampleRate);
    child.signal(SIGTERM);
    EXPECT_EQ(child.wait().status, 0) << child.out() << child.err();
    expectHolds(audioOf(rig_.path("take.wav")), signal_, kStereo16);
}

}  // namespace
}  // namespace holdfast
