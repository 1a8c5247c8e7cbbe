// The main job on real input: a live source of each sound server, recorded by the program, killed,
// recovered, nothing missing.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/live_recording_posix.h"
#include "tests/support/pulse_daemon_posix.h"
#include "tests/support/sound_server_test_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using namespace test;

ChildOptions recordCable(const CaptureRig& rig) {
    ChildOptions options =
        rig.command({"--device", "cable.monitor", "--json", "--min-free", "0", "take.wav"});
    // The rig's programs know no sound server; this one shall know the test's own.
    options.environment.emplace_back("PULSE_SERVER", std::getenv("PULSE_SERVER"));
    return options;
}

class LiveTake : public SoundServerTest {};

INSTANTIATE_TEST_SUITE_P(Servers, LiveTake, soundServers(), soundServerParam);

TEST_P(LiveTake, TwentySecondsAreInTheFileSampleForSample) {
    PulseDaemon daemon(GetParam());
    const PcmFormat format = shown(kStereo24);
    daemon.addCable("cable", format);
    const CaptureRig rig;
    const Audio signal = liveSignal(SyntheticKind::noise, format, 20);
    ChildProcess child(recordCable(rig));
    ASSERT_TRUE(child.waitForLine("\"started\"")) << child.err();
    daemon.play("cable", format, signal);
    waitForMoreFrames(child, 48'000);
    child.signal(SIGINT);
    EXPECT_EQ(child.wait().status, 0) << child.err();

    expectHolds(audioOf(rig.path("take.wav")), signal, format);
    EXPECT_EQ(rig.files(), std::vector<std::string>{"take.wav"});
}

TEST_P(LiveTake, KilledInTheMiddleNothingIsMissingAfterRecovery) {
    PulseDaemon daemon(GetParam());
    const PcmFormat format = shown(kStereo24);
    daemon.addCable("cable", format);
    const CaptureRig rig;
    const Audio signal = liveSignal(SyntheticKind::noise, format, 4);
    std::uint64_t captured = 0;
    {
        ChildProcess child(recordCable(rig));
        ASSERT_TRUE(child.waitForLine("\"started\"")) << child.err();
        daemon.play("cable", format, signal);
        waitForMoreFrames(child, 48'000);
        child.signal(SIGKILL);
        EXPECT_EQ(child.wait().signal, SIGKILL);
        captured = capturedFrames(child);
    }
    ASSERT_TRUE(wavcheck::checkWavFile(rig.path("take.wav")).ok) << "as the kill left it";

    const ChildOptions repair = rig.recovery({"repair", "--in-place", "take.wav"});
    const CaptureOutcome repaired = rig.run(repair);
    EXPECT_EQ(repaired.end.status, 1) << repaired.err;
    const Audio audio = audioOf(rig.path("take.wav"));
    EXPECT_GE(audio.size(), captured * format.bytesPerFrame());
    expectHolds(audio, signal, format);
}

}  // namespace
}  // namespace holdfast
