// --preroll: what came before the start is in the recording.
#include <csignal>
#include <cstring>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using Names = std::vector<std::string>;

constexpr std::uint64_t kPreroll = 24'000;

class CapturePreroll : public testing::Test {
  protected:
    void SetUp() override {
        if (testsWindowsPrograms()) GTEST_SKIP() << "no signal asks for a start there";
    }
    [[nodiscard]] ChildOptions monitoring() const {
        return rig_.command(
            {"-D", "synth:ramp", "-c", "1", "-f", "S32", "--preroll", "500ms", "--json", "take"});
    }
    // The ramp's samples are the frames' numbers.
    [[nodiscard]] std::vector<std::uint32_t> samples() const {
        const auto verdict = wavcheck::checkWavFile(rig_.path("take.wav"));
        EXPECT_TRUE(verdict.ok) << verdict.defect;
        const std::string bytes = readFile(rig_.path("take.wav"));
        std::vector<std::uint32_t> frames(verdict.frames);
        std::memcpy(frames.data(), bytes.data() + verdict.dataOffset, frames.size() * 4);
        return frames;
    }

    CaptureRig rig_;
};

TEST_F(CapturePreroll, IsInTheTakeExactlyAndWithoutASeam) {
    ChildProcess child(rig_.command({"-D", "synth:ramp", "-c", "1", "-f", "S32", "--preroll",
                                     "500ms", "--duration", "1500ms", "--json", "take"}));
    ASSERT_TRUE(child.waitForLine(R"("event":"monitoring")")) << child.err();
    ASSERT_TRUE(child.waitForLine(R"("preroll_frames":24000,)")) << child.err();
    EXPECT_EQ(rig_.files(), Names{}) << "before the start there is no file";
    child.signal(SIGUSR1);
    EXPECT_EQ(child.wait().status, 0) << child.err();
    const auto events = eventsOf(child.out());
    std::uint64_t preroll = 0;
    for (const auto& event : events) {
        if (event["event"] == "started") preroll = event["preroll_frames"];
    }
    EXPECT_EQ(preroll, kPreroll);
    const auto frames = samples();
    ASSERT_EQ(frames.size(), 72'000U) << "--duration counts from the pre-roll's begin";
    EXPECT_EQ(events.back()["frames"], frames.size());
    for (std::size_t i = 1; i < frames.size(); ++i) ASSERT_EQ(frames[i], frames[0] + i) << i;
    EXPECT_EQ(rig_.rings(), Names{});
}

TEST_F(CapturePreroll, StopBeforeTheStartIsOneAndLeavesNothing) {
    ChildProcess child(rig_.command({"-D", "synth:ramp", "--preroll", "500ms", "--json", "take"}));
    ASSERT_TRUE(child.waitForLine(R"("event":"monitoring")")) << child.err();
    child.signal(SIGTERM);
    EXPECT_EQ(child.wait().status, 1) << child.err();
    EXPECT_NE(child.err().find("it was not started"), std::string::npos) << child.err();
    EXPECT_EQ(rig_.files(), Names{});
    EXPECT_EQ(rig_.rings(), Names{});
}

TEST_F(CapturePreroll, KillAfterTheStartLosesNoFrameOfThePreroll) {
    ChildProcess child(monitoring());
    ASSERT_TRUE(child.waitForLine(R"("preroll_frames":24000,)")) << child.err();
    child.signal(SIGUSR1);
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    child.signal(SIGKILL);
    EXPECT_EQ(child.wait().signal, SIGKILL);
    ChildProcess repair(rig_.recovery({"repair", "--in-place", "take.wav"}));
    EXPECT_EQ(repair.wait().status, 1) << repair.err();
    const auto frames = samples();
    ASSERT_GE(frames.size(), kPreroll);
    for (std::size_t i = 1; i < frames.size(); ++i) ASSERT_EQ(frames[i], frames[0] + i) << i;
}

// A kill of a program that only monitors leaves its ring; there is no recording in it.
TEST_F(CapturePreroll, RingOfAKilledMonitorIsRemovedByTheNext) {
    ChildProcess child(monitoring());
    ASSERT_TRUE(child.waitForLine(R"("event":"monitoring")")) << child.err();
    child.signal(SIGKILL);
    EXPECT_EQ(child.wait().signal, SIGKILL);
    EXPECT_EQ(rig_.files(), Names{});
    ASSERT_EQ(rig_.rings().size(), 1U);
    ChildProcess next(monitoring());
    ASSERT_TRUE(next.waitForLine(R"("event":"monitoring")")) << next.err();
    EXPECT_EQ(rig_.rings().size(), 1U) << "its own";
    next.signal(SIGTERM);
    EXPECT_EQ(next.wait().status, 1) << next.err();
    EXPECT_EQ(rig_.rings(), Names{});
}

}  // namespace
}  // namespace holdfast
