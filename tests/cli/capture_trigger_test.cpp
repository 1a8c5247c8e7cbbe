// --trigger and --start-at: what is recorded of sounds, to the frame.
#include <fmt/format.h>

#include <csignal>
#include <cstring>
#include <ctime>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using Names = std::vector<std::string>;

constexpr std::uint32_t kLoud = 0x4000'0000;  // -6 dBFS; the rest of the ramp is below -60
constexpr std::uint64_t kPreroll = 960;       // 20 ms
constexpr std::uint64_t kHold = 2400;         // 50 ms

struct Stretch {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool operator==(const Stretch&) const = default;
};

class CaptureTrigger : public testing::Test {
  protected:
    // A device whose samples are their frames' numbers, loud in these stretches.
    void makeDevice(const std::string& length, const std::vector<Stretch>& sounds) {
        const auto made = rig_.run({"-D", "synth:ramp", "-c", "1", "-f", "S32", "-d", length,
                                    "--speed", "max", rig_.home() + "/device"});
        ASSERT_EQ(made.end.status, 0) << made.err;
        std::string bytes = readFile(device());
        for (const Stretch& sound : sounds) {
            for (std::uint64_t frame = sound.begin; frame < sound.end; ++frame) {
                const std::uint32_t sample = static_cast<std::uint32_t>(frame) | kLoud;
                std::memcpy(bytes.data() + 512 + frame * 4, &sample, 4);
            }
        }
        writeFile(device(), bytes);
    }
    [[nodiscard]] std::string device() const { return rig_.home() + "/device.wav"; }
    [[nodiscard]] Names arguments(const Names& more) const {
        Names all = {"-D",        "file:" + pathForProgram(device()),
                     "--trigger", "-12,50ms",
                     "--preroll", "20ms",
                     "--json",    "take"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    // Which frames of the device a file holds, without a hole.
    [[nodiscard]] Stretch framesIn(const std::string& name) const {
        const auto verdict = wavcheck::checkWavFile(rig_.path(name));
        EXPECT_TRUE(verdict.ok) << name << verdict.defect;
        const std::string bytes = readFile(rig_.path(name));
        std::vector<std::uint32_t> frames(verdict.frames);
        std::memcpy(frames.data(), bytes.data() + verdict.dataOffset, frames.size() * 4);
        for (auto& frame : frames) frame &= ~kLoud;
        for (std::size_t i = 1; i < frames.size(); ++i) {
            EXPECT_EQ(frames[i], frames[0] + i) << name;
            if (frames[i] != frames[0] + i) break;
        }
        if (frames.empty()) return {};
        return {frames[0], frames[0] + frames.size()};
    }

    CaptureRig rig_;
};

TEST_F(CaptureTrigger, EachSoundIsAFileFromItsPrerollToItsHoldExactToTheFrame) {
    makeDevice("3s", {{10'000, 10'500}, {50'001, 50'002}, {60'000, 60'001}, {62'400, 62'401}});
    const auto outcome = rig_.run(arguments({"--speed", "max"}));
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_EQ(rig_.files(), (Names{"take-002.wav", "take-003.wav", "take.wav"}));
    EXPECT_EQ(framesIn("take.wav"), (Stretch{10'000 - kPreroll, 10'500 + kHold}));
    EXPECT_EQ(framesIn("take-002.wav"), (Stretch{50'001 - kPreroll, 50'002 + kHold}));
    EXPECT_EQ(framesIn("take-003.wav"), (Stretch{60'000 - kPreroll, 62'401 + kHold}))
        << "a sound within the hold goes on";
    EXPECT_EQ(rig_.rings(), Names{});
    std::vector<std::string> order;
    for (const auto& event : eventsOf(outcome.out)) {
        if (event["event"] != "status") order.push_back(event["event"]);
    }
    EXPECT_EQ(order, (Names{"monitoring", "started", "closed", "waiting", "split", "closed",
                            "waiting", "split", "closed", "waiting", "stopped"}));
    EXPECT_EQ(eventsOf(outcome.out).back()["frames"], 500 + 1 + 2401 + 3 * (kPreroll + kHold));
}

// A frame is in one file alone: the pre-roll is as short as the silence was.
TEST_F(CaptureTrigger, SoundRightBehindAnotherLosesNothingAndRepeatsNothing) {
    makeDevice("2s", {{10'000, 10'001}, {12'401, 12'402}, {15'000, 15'001}});
    const auto outcome = rig_.run(arguments({"--speed", "max"}));
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_EQ(framesIn("take.wav"), (Stretch{10'000 - kPreroll, 12'401}));
    EXPECT_EQ(framesIn("take-002.wav"), (Stretch{12'401, 12'402 + kHold}));
    EXPECT_EQ(framesIn("take-003.wav"), (Stretch{12'402 + kHold, 15'001 + kHold}));
}

// In each the last frames come with the end of the device.
TEST_F(CaptureTrigger, SoundAtTheVeryEndIsRecorded) {
    makeDevice("1s", {{47'999, 48'000}});
    const auto outcome = rig_.run(arguments({"--speed", "max"}));
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_EQ(framesIn("take.wav"), (Stretch{47'999 - kPreroll, 48'000}));
    EXPECT_EQ(rig_.files(), Names{"take.wav"});
}

TEST_F(CaptureTrigger, SilenceIsOneAndLeavesNothing) {
    makeDevice("1s", {});
    const auto outcome = rig_.run(arguments({"--speed", "max"}));
    EXPECT_EQ(outcome.end.status, 1) << outcome.err;
    EXPECT_EQ(rig_.files(), Names{});
    EXPECT_EQ(rig_.rings(), Names{});
}

TEST_F(CaptureTrigger, DurationIsThatOfAllFiles) {
    makeDevice("3s", {{10'000, 10'500}, {50'000, 50'500}, {90'000, 90'500}});
    const std::uint64_t one = kPreroll + 500 + kHold;
    const auto outcome = rig_.run(arguments({"--speed", "max", "-d", "100ms"}));
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_EQ(framesIn("take.wav"), (Stretch{10'000 - kPreroll, 10'500 + kHold}));
    EXPECT_EQ(framesIn("take-002.wav"),
              (Stretch{50'000 - kPreroll, 50'000 - kPreroll + 4800 - one}));
}

TEST_F(CaptureTrigger, MirrorHoldsTheSame) {
    makeDevice("2s", {{10'000, 10'500}, {50'000, 50'500}});
    const auto outcome = rig_.run(arguments({"--speed", "max", "--mirror", rig_.home()}));
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    for (const char* name : {"take.wav", "take-002.wav"}) {
        EXPECT_EQ(readFile(rig_.path(name)).substr(512),
                  readFile(rig_.home() + "/" + name).substr(512))
            << name;
    }
}

// In real time, with a kill while nothing is recorded: the file is finished, the ring is nobody's.
TEST_F(CaptureTrigger, KillBetweenTwoSoundsLeavesNothingToRepair) {
    makeDevice("30s", {{10'000, 10'500}});
    ChildProcess child(rig_.command(arguments({})));
    ASSERT_TRUE(child.waitForLine(R"("event":"waiting")")) << child.err();
    child.signal(SIGKILL);
    child.wait();
    EXPECT_EQ(rig_.files(), Names{"take.wav"});
    EXPECT_EQ(framesIn("take.wav"), (Stretch{10'000 - kPreroll, 10'500 + kHold}));
    ChildProcess list(rig_.recovery({"list"}));
    EXPECT_EQ(list.wait().status, 0) << list.out();
    const auto next = rig_.run({"-D", "synth:ramp", "--speed", "max", "-d", "1", "next"});
    EXPECT_EQ(next.end.status, 0) << next.err;
    EXPECT_EQ(rig_.rings(), Names{});
}

TEST_F(CaptureTrigger, KillInTheSecondSoundLosesNoFrameOfItsPreroll) {
    makeDevice("30s", {{10'000, 10'500}, {40'000, 1'440'000}});
    ChildProcess child(rig_.command(arguments({})));
    ASSERT_TRUE(child.waitForLine(R"("event":"split")")) << child.err();
    ASSERT_TRUE(child.waitForLine(R"("frame":)")) << child.err();
    child.signal(SIGKILL);
    child.wait();
    const bool hasItsName = readFile(rig_.path("take-002.wav")).size() > 0;
    const std::string name = hasItsName ? "take-002.wav" : "take-002.part.wav";
    ChildProcess repair(rig_.recovery({"repair", "--in-place", name}));
    EXPECT_EQ(repair.wait().status, 1) << repair.err();
    const Stretch second = framesIn("take-002.wav");
    EXPECT_EQ(second.begin, 40'000 - kPreroll);
    EXPECT_GE(second.end, 40'001U);
}

TEST_F(CaptureTrigger, BextOfEachFileHasItsOwnTime) {
    makeDevice("2s", {{10'000, 10'500}, {50'000, 50'500}});
    const auto outcome = rig_.run(arguments({"--speed", "max", "--bext", "TimeReference=1000000"}));
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    const auto reference = [&](const char* name) {
        const std::string bytes = readFile(rig_.path(name));
        const std::size_t bext = bytes.find("bext");
        std::uint64_t frames = 0;
        if (bext != std::string::npos) std::memcpy(&frames, bytes.data() + bext + 8 + 338, 8);
        return frames;
    };
    EXPECT_EQ(reference("take.wav"), 1'000'000U);
    EXPECT_EQ(reference("take-002.wav"), 1'040'000U) << "40,000 frames later by the device";
}

TEST_F(CaptureTrigger, StartAtBeginsThenAndNotBefore) {
    const std::time_t soon = std::time(nullptr) + 2;
    std::array<char, 32> text{};
    std::tm local{};
    ::gmtime_r(&soon, &local);  // the rig's programs live in UTC
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &local);
    ChildProcess child(rig_.command(
        {"-D", "synth:ramp", "--start-at", text.data(), "-d", "200ms", "--json", "take"}));
    ASSERT_TRUE(child.waitForLine(R"("event":"monitoring")")) << child.err();
    EXPECT_EQ(rig_.files(), Names{});
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    EXPECT_GE(std::time(nullptr), soon);
    EXPECT_EQ(child.wait().status, 0) << child.err();
    EXPECT_EQ(wavcheck::checkWavFile(rig_.path("take.wav")).frames, 9600U);
}

TEST_F(CaptureTrigger, WhatCannotBeIsTwo) {
    for (const Names& wrong :
         {Names{"--trigger", "-40"}, Names{"--trigger", "5,1s"}, Names{"--start-at", "25:00"},
          Names{"--start-at", "2001-01-01T12:00"},
          Names{"--trigger", "-40,1s", "--start-at", "12:00"}}) {
        Names all = {"-D", "synth:ramp", "take"};
        all.insert(all.end(), wrong.begin(), wrong.end());
        EXPECT_EQ(rig_.run(all).end.status, 2) << fmt::format("{}", fmt::join(wrong, " "));
    }
    EXPECT_EQ(rig_.files(), Names{});
}

}  // namespace
}  // namespace holdfast
