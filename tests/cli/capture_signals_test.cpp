// Signals, pipes and events: nothing that reads the program's output, and no way to end it, harms a
// take.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/command_output.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using Names = std::vector<std::string>;

class CaptureSignals : public testing::Test {
  protected:
    void expectWholeTake(const std::string& name, std::uint64_t leastFrames) {
        const auto verdict = wavcheck::checkWavFile(rig_.path(name));
        EXPECT_TRUE(verdict.ok) << verdict.defect;
        EXPECT_GE(verdict.frames, leastFrames);
        EXPECT_EQ(rig_.files(), Names{name});
        EXPECT_EQ(rig_.rings(), Names{});
    }

    CaptureRig rig_;
    const Names endless_ = {"-D", "synth:ramp", "--json", "take"};
};

TEST_F(CaptureSignals, StopSignalsFinalise) {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        ChildProcess child(rig_.command({"-D", "synth:ramp", "--json", "--overwrite", "take"}));
        ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
        child.signal(number);
        EXPECT_EQ(child.wait().status, 0) << number << child.err();
        EXPECT_EQ(eventsOf(child.out()).back()["reason"], "asked");
        expectWholeTake("take.wav", 1);
    }
}

// nohup: the terminal goes, the recording does not.
TEST_F(CaptureSignals, IgnoredHangUpStaysIgnored) {
    auto command = rig_.command({"-D", "synth:ramp", "-d", "600ms", "--json", "take"});
    command.ignoredSignals = {SIGHUP};
    ChildProcess child(command);
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    child.signal(SIGHUP);
    EXPECT_EQ(child.wait().status, 0);
    EXPECT_EQ(eventsOf(child.out()).back()["reason"], "duration");
    expectWholeTake("take.wav", 28'800);
}

// Every sync of the disk takes half a second, so that the finish is still busy.
TEST_F(CaptureSignals, SecondInterruptLeavesTheTakeForRecovery) {
    if (outputOf("strace -V").status != 0) GTEST_SKIP() << "strace is not installed";
    auto command = rig_.command(endless_);
    const Names slowDisk = {"strace",
                            "-D",
                            "-f",
                            "-o",
                            "/dev/null",
                            "-e",
                            "trace=fdatasync",
                            "-e",
                            "inject=fdatasync:delay_enter=500000"};
    command.argv.insert(command.argv.begin(), slowDisk.begin(), slowDisk.end());
    ChildProcess child(command);
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    child.signal(SIGINT);
    ASSERT_TRUE(child.waitForLine(R"("state":"finalising")")) << child.err();
    child.signal(SIGINT);
    EXPECT_EQ(child.wait().status, 130) << child.err();
    EXPECT_NE(
        child.err().find("holdfast-recover repair --in-place '" + rig_.path("take.wav") + "'"),
        std::string::npos)
        << child.err();
    EXPECT_EQ(rig_.files(), (Names{"take.wav", "take.wav.journal"}));
    EXPECT_EQ(rig_.rings().size(), 1U);
    EXPECT_TRUE(wavcheck::checkWavFile(rig_.path("take.wav")).frames > 0);
}

TEST_F(CaptureSignals, MarkerSignalBecomesACuePoint) {
    ChildProcess child(rig_.command(endless_));
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    child.signal(SIGUSR2);
    const auto line = child.waitForLine(R"("event":"marker")");
    ASSERT_TRUE(line);
    EXPECT_EQ(eventsOf(*line)[0]["durable"], true);
    child.signal(SIGTERM);
    EXPECT_EQ(child.wait().status, 0);
    const auto verdict = wavcheck::checkWavFile(rig_.path("take.wav"));
    ASSERT_EQ(verdict.labels.size(), 1U);
    EXPECT_EQ(verdict.labels[0].frame, eventsOf(*line)[0]["frame"]);
}

TEST_F(CaptureSignals, EventsRunFromStartedToStopped) {
    const auto outcome =
        rig_.run({"-D", "synth:ramp?gap@9600=480", "-d", "600ms", "--json", "take"});
    EXPECT_EQ(outcome.end.status, 3);
    const auto events = eventsOf(outcome.out);
    ASSERT_GE(events.size(), 3U);
    std::uint64_t lastTime = 0;
    Names order;
    for (const auto& event : events) {
        EXPECT_EQ(event["v"], 1);
        EXPECT_TRUE(event["event"].is_string() && event["frame"].is_number_unsigned());
        ASSERT_TRUE(event["t_ns"].is_number_unsigned()) << event;
        if (event["event"] == "status") {
            EXPECT_LE(event["safe_frames"], event["frame"]);
            continue;
        }
        EXPECT_GE(event["t_ns"], lastTime);
        lastTime = event["t_ns"];
        order.push_back(event["event"]);
    }
    EXPECT_EQ(order, (Names{"started", "gap", "closed", "stopped"}));
    const auto& stopped = events.back();
    EXPECT_EQ(stopped["frames"], 28'800);
    EXPECT_EQ(stopped["lost_frames"], 480);
    EXPECT_EQ(stopped["exit"], 3);
    EXPECT_EQ(stopped["complete"], true);
    EXPECT_EQ(stopped["path"], pathForProgram(rig_.path("take.wav")));
}

// One frame of an odd length is not committed before the finish.
TEST_F(CaptureSignals, ShortestTakeIsStartedAndStopped) {
    for (const char* device : {"synth:ramp?unplug@1", "synth:ramp?unplug@960"}) {
        const auto outcome =
            rig_.run({"-D", device, "-c", "1", "-f", "S24", "--json", "--overwrite", "take"});
        EXPECT_EQ(outcome.end.status, 3) << outcome.err;
        Names order;
        for (const auto& event : eventsOf(outcome.out)) {
            if (event["event"] != "status") order.push_back(event["event"]);
        }
        EXPECT_EQ(order, (Names{"started", "closed", "stopped"}));
    }
}

TEST_F(CaptureSignals, RefusedStartIsAnEventToo) {
    const auto events = eventsOf(rig_.run({"-D", "synth:ramp?error@open", "--json", "a"}).out);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0]["event"], "error");
    EXPECT_EQ(events[0]["stage"], "device");
}

TEST_F(CaptureSignals, EventsGoToTheirOwnDescriptor) {
    auto command = rig_.command({"-D", "synth:ramp", "-d", "100ms", "--events-fd", "9", "take"});
    command.argv.insert(command.argv.begin(), {"sh", "-c", "exec \"$@\" 9>events", "sh"});
    const auto outcome = rig_.run(command);
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(eventsOf(readFile(rig_.path("events"))).back()["event"], "stopped");
}

TEST_F(CaptureSignals, ReaderThatGoesAwayHarmsNothing) {
    ChildProcess child(rig_.command({"-D", "synth:ramp", "-d", "600ms", "--json", "take"}));
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    child.closeStdout();
    EXPECT_EQ(child.wait().status, 0) << child.err();
    expectWholeTake("take.wav", 28'800);
}

// A thousand gaps are more events than a pipe holds, and nobody reads one of them.
TEST_F(CaptureSignals, PipeThatNobodyReadsHarmsNothing) {
    std::string device = "synth:ramp?gap@1000=1";
    for (int gap = 2; gap <= 1000; ++gap) device += "&gap@" + std::to_string(gap * 1000) + "=1";
    auto command = rig_.command({"-D", device, "-d", "25", "--speed", "max", "--json", "take"});
    command.nobodyReadsStdout = true;
    ChildProcess child(command);
    const ChildEnd end = child.wait();
    EXPECT_EQ(end.signal, 0);
    EXPECT_EQ(end.status, 3) << child.err();
    expectWholeTake("take.wav", 1'200'000);
}

// The numbers 0 to 2 are free: a file of the take that got one of them would get the messages.
TEST_F(CaptureSignals, ClosedOutputsHarmNothing) {
    auto command =
        rig_.command({"-v", "-D", "synth:ramp?gap@4800=1&gap@24000=1", "--json", "take"});
    command.argv.insert(command.argv.begin(), {"sh", "-c", "exec \"$@\" 0<&- 1>&- 2>&-", "sh"});
    ChildProcess child(command);
    const auto audioBytes = [&] { return wavcheck::checkWavFile(rig_.path("take.wav")).dataBytes; };
    EXPECT_TRUE(child.waitUntil([&] { return audioBytes() > 48'000 * 6; }));
    child.signal(SIGKILL);
    child.wait();
    EXPECT_TRUE(wavcheck::checkWavFile(rig_.path("take.wav")).ok);
    EXPECT_TRUE(readFile(rig_.path("take.wav.journal")).starts_with("HFJOURN1"));
    for (const std::string& ring : rig_.rings()) {
        const std::string bytes = readFile(rig_.ringFolder() + "/" + ring);
        EXPECT_TRUE(bytes.starts_with("HLFRING1")) << bytes.substr(0, 40);
    }
    EXPECT_EQ(rig_.rings().size(), 1U);
}

// A terminal in front of it, made by script(1).
TEST_F(CaptureSignals, KeysWorkAndTheTerminalIsGivenBack) {
    if (outputOf("script --version").status != 0) GTEST_SKIP() << "script is not installed";
    auto command = rig_.command({});
    command.environment.push_back({"TERM", "xterm"});
    command.argv = {"script", "-qec",
                    HOLDFAST_BIN_DIR "/holdfast-capture -D synth:tone take; stty -a", "/dev/null"};
    command.keepsStdinOpen = true;
    ChildProcess child(command);
    const auto seen = [&](const char* text) {
        return child.waitUntil([&] { return child.out().find(text) != std::string::npos; });
    };
    EXPECT_TRUE(seen("REC 0:00:00")) << child.out();
    EXPECT_TRUE(seen("-18.0 R -18.0 dBFS")) << child.out();
    child.type("m");
    EXPECT_TRUE(seen("Marker 1 at")) << child.out();
    child.type(" ");
    EXPECT_TRUE(seen("PAUSE")) << child.out();
    child.type(" ");
    EXPECT_TRUE(seen("resumed")) << child.out();
    child.type("n?q");
    EXPECT_TRUE(seen("complete")) << child.out();
    child.wait();
    EXPECT_NE(child.out().find(" icanon"), std::string::npos) << child.out();
    EXPECT_NE(child.out().find(" echo "), std::string::npos) << child.out();
    EXPECT_EQ(child.out().find("-icanon"), std::string::npos);
    const auto verdict = wavcheck::checkWavFile(rig_.path("take.wav"));
    EXPECT_TRUE(verdict.ok) << verdict.defect;
    EXPECT_EQ(verdict.labels.size(), 2U);  // the marker and the pause
}

TEST_F(CaptureSignals, InterruptBeforeTheFirstAudioLeavesNothing) {
    ChildProcess child(rig_.command({"-D", "synth:ramp?stall@0=60000", "--json", "take"}));
    ASSERT_TRUE(child.waitForLine(R"("state":"starting")"));
    EXPECT_TRUE(child.waitForErrorLine("no audio arrives yet"));
    child.signal(SIGINT);
    EXPECT_EQ(child.wait().status, 1);
    EXPECT_EQ(rig_.files(), Names{});
    EXPECT_EQ(rig_.rings(), Names{});
}

}  // namespace
}  // namespace holdfast
