// --control: what other programs ask of a running recording, and what "ok" is worth.
#include <csignal>
#include <filesystem>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/control_caller.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using Names = std::vector<std::string>;

class CaptureControl : public testing::Test {
  protected:
    void SetUp() override {
        if (testsWindowsPrograms()) GTEST_SKIP() << "its pipe is Wine's alone";
    }
    [[nodiscard]] ChildOptions recording() const {
        return rig_.command(
            {"-D", "synth:ramp", "--control", rig_.path("control"), "--json", "take"});
    }
    [[nodiscard]] std::vector<std::string> labels(const std::string& name) const {
        const auto verdict = wavcheck::checkWavFile(rig_.path(name));
        EXPECT_TRUE(verdict.ok) << verdict.defect;
        std::vector<std::string> texts;
        for (const auto& label : verdict.labels) texts.push_back(label.text);
        return texts;
    }

    CaptureRig rig_;
};

TEST_F(CaptureControl, EachCommandIsObeyedAndAnswered) {
    ChildProcess child(recording());
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    ControlCaller caller(rig_.path("control"));
    EXPECT_EQ(caller.ask("marker Goal"), "ok");
    EXPECT_EQ(caller.ask("pause"), "ok");
    EXPECT_EQ(nlohmann::json::parse(caller.ask("status"))["state"], "paused");
    EXPECT_EQ(caller.ask("pause"), "ok") << "it is paused";
    EXPECT_EQ(caller.ask("resume"), "ok");
    EXPECT_EQ(nlohmann::json::parse(caller.ask("status"))["state"], "recording");
    EXPECT_EQ(caller.ask("split"), "ok");
    const auto split = child.waitForLine(R"("event":"split")");
    ASSERT_TRUE(split) << child.err();
    const auto frames = [](const std::string& event) {
        return nlohmann::json::parse(event)["frame"].get<std::uint64_t>();
    };
    ASSERT_TRUE(child.waitUntil([&] { return frames(caller.ask("status")) > frames(*split); }));
    EXPECT_EQ(caller.ask("marker"), "ok");
    EXPECT_EQ(caller.ask("stop"), "ok");
    EXPECT_TRUE(wavcheck::checkWavFile(rig_.path("take-002.wav")).ok) << "finished by then";
    EXPECT_EQ(child.wait().status, 0) << child.err();
    EXPECT_EQ(rig_.files(), (Names{"take-002.wav", "take.wav"})) << "and the socket is gone";
    EXPECT_EQ(eventsOf(child.out()).back()["reason"], "asked");
    const auto first = labels("take.wav");
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[0], "Goal");
    EXPECT_TRUE(first[1].starts_with("pause")) << first[1];
    EXPECT_EQ(labels("take-002.wav"), Names{"Marker 2"});
}

// Between "ok" and the kill there is no commit to wait for.
TEST_F(CaptureControl, MarkerThatWasAnsweredSurvivesAKill) {
    auto command = recording();
    command.argv.insert(command.argv.end(), {"--commit-ms", "60000"});
    ChildProcess child(command);
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    ControlCaller caller(rig_.path("control"));
    EXPECT_EQ(caller.ask("marker Goal"), "ok");
    child.signal(SIGKILL);
    child.wait();
    ChildProcess repair(rig_.recovery({"repair", "--in-place", "take.wav"}));
    EXPECT_EQ(repair.wait().status, 1) << repair.err();
    EXPECT_EQ(labels("take.wav"), Names{"Goal"});
}

TEST_F(CaptureControl, PauseThatWasAnsweredSurvivesAKill) {
    ChildProcess child(recording());
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    ControlCaller caller(rig_.path("control"));
    EXPECT_EQ(caller.ask("pause"), "ok");
    child.signal(SIGKILL);
    child.wait();
    ChildProcess repair(rig_.recovery({"repair", "--in-place", "take.wav"}));
    EXPECT_EQ(repair.wait().status, 1) << repair.err();
    const auto pauses = labels("take.wav");
    ASSERT_EQ(pauses.size(), 1U);
    EXPECT_TRUE(pauses[0].starts_with("pause")) << pauses[0];
}

TEST_F(CaptureControl, StopSaysWhenAudioIsMissing) {
    ChildProcess child(rig_.command(
        {"-D", "synth:ramp?gap@4800=100", "--control", rig_.path("control"), "--json", "take"}));
    ASSERT_TRUE(child.waitForLine(R"("event":"gap")")) << child.err();
    ControlCaller caller(rig_.path("control"));
    EXPECT_TRUE(caller.ask("stop").starts_with("error exit status 3"));
    EXPECT_EQ(child.wait().status, 3);
}

TEST_F(CaptureControl, SplitBeginsATakeThatIsWaitedFor) {
    ChildProcess child(rig_.command({"-D", "synth:ramp", "--preroll", "200ms", "--control",
                                     rig_.path("control"), "--json", "take"}));
    ASSERT_TRUE(child.waitForLine(R"("event":"monitoring")")) << child.err();
    ControlCaller caller(rig_.path("control"));
    EXPECT_EQ(caller.ask("marker"), "error nothing is recorded yet");
    EXPECT_EQ(caller.ask("pause"), "error nothing is recorded yet");
    EXPECT_EQ(caller.ask("split"), "ok");
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    EXPECT_EQ(caller.ask("stop"), "ok");
    EXPECT_EQ(child.wait().status, 0);
}

// A caller that neither reads nor hangs up is in nobody's way, nor is one that stays to the end.
TEST_F(CaptureControl, CallersThatHangHoldNothingUp) {
    ChildProcess child(recording());
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    ControlCaller silent(rig_.path("control"));
    ControlCaller half(rig_.path("control"));
    half.send("marker without its end");
    child.signal(SIGTERM);
    EXPECT_EQ(child.wait().status, 0) << child.err();
    EXPECT_EQ(rig_.files(), Names{"take.wav"});
}

TEST_F(CaptureControl, PathThatCannotBeUsedIsTwoAndTouchesNothing) {
    writeFile(rig_.path("notes.txt"), "mine");
    const auto outcome = rig_.run(
        {"-D", "synth:ramp", "--speed", "max", "--control", "notes.txt", "-d", "1", "take"});
    EXPECT_EQ(outcome.end.status, 2);
    EXPECT_NE(outcome.err.find("--control notes.txt: is there already, and is no socket"),
              std::string::npos)
        << outcome.err;
    EXPECT_EQ(rig_.files(), Names{"notes.txt"});
    EXPECT_EQ(readFile(rig_.path("notes.txt")), "mine");
}

}  // namespace
}  // namespace holdfast
