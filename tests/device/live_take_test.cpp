// The main job on real input: a live PulseAudio source, recorded by the program, killed, recovered,
// nothing missing.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/live_recording_posix.h"
#include "tests/support/pulse_daemon_posix.h"
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

TEST(LiveTake, TwentySecondsAreInTheFileSampleForSample) {
    PulseDaemon daemon;
    daemon.addCable("cable", kStereo24);
    const CaptureRig rig;
    const Audio signal = liveSignal(SyntheticKind::noise, kStereo24, 20);
    ChildProcess child(recordCable(rig));
    ASSERT_TRUE(child.waitForLine("\"started\"")) << child.err();
    daemon.play("cable", kStereo24, signal);
    waitForMoreFrames(child, 48'000);
    child.signal(SIGINT);
    EXPECT_EQ(child.wait().status, 0) << child.err();

    expectHolds(audioOf(rig.path("take.wav")), signal, kStereo24);
    EXPECT_EQ(rig.files(), std::vector<std::string>{"take.wav"});
}

TEST(LiveTake, KilledInTheMiddleNothingIsMissingAfterRecovery) {
    PulseDaemon daemon;
    daemon.addCable("cable", kStereo24);
    const CaptureRig rig;
    const Audio signal = liveSignal(SyntheticKind::noise, kStereo24, 4);
    std::uint64_t captured = 0;
    {
        ChildProcess child(recordCable(rig));
        ASSERT_TRUE(child.waitForLine("\"started\"")) << child.err();
        daemon.play("cable", kStereo24, signal);
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
    EXPECT_GE(audio.size(), captured * kStereo24.bytesPerFrame());
    expectHolds(audio, signal, kStereo24);
}

}  // namespace
}  // namespace holdfast
