// Devices that go and come back: what is in the file, at which place, and what a user is told. The
// ramp's frames are numbered by the device's own time, so each one's place is known.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using nlohmann::json;
using Names = std::vector<std::string>;
using Samples = std::vector<std::uint32_t>;

class DeviceLoss : public testing::Test {
  protected:
    // A mono ramp with these faults, of which every frame carries its number.
    static Names ramp(const std::string& faults, const Names& more) {
        Names all = {"-D", "synth:ramp?" + faults, "-c", "1", "-f", "S32", "--json"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    Samples samplesOf(const std::string& name) const {
        const auto verdict = wavcheck::checkWavFile(rig_.path(name));
        EXPECT_TRUE(verdict.ok) << name << ": " << verdict.defect;
        const std::string bytes = readFile(rig_.path(name));
        Samples samples(verdict.frames);
        std::memcpy(samples.data(), bytes.data() + verdict.dataOffset, 4 * samples.size());
        return samples;
    }
    // The events of that name, in order.
    static std::vector<json> those(const std::vector<json>& events, const std::string& name) {
        std::vector<json> found;
        std::ranges::copy_if(events, std::back_inserter(found),
                             [&](const json& event) { return event["event"] == name; });
        return found;
    }
    // Frame `first + i` in each place i of [begin, end).
    static void expectRamp(const Samples& samples, std::size_t begin, std::size_t end,
                           std::uint64_t first) {
        for (std::size_t i = begin; i < std::min(end, samples.size()); ++i) {
            ASSERT_EQ(samples[i], first + i - begin) << "frame " << i;
        }
    }
    static void expectSilence(const Samples& samples, std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < std::min(end, samples.size()); ++i) {
            ASSERT_EQ(samples[i], 0U) << "frame " << i;
        }
    }

    CaptureRig rig_;
};

TEST_F(DeviceLoss, DeviceThatIsBackGoesOnAtItsPlaceAndTheTakeIsThree) {
    const auto outcome =
        rig_.run(ramp("unplug@24000&back@300", {"--on-lost", "wait", "-d", "1500ms", "take"}));
    EXPECT_EQ(outcome.end.status, 3) << outcome.err;
    const auto events = eventsOf(outcome.out);
    const auto gaps = those(events, "gap");
    ASSERT_EQ(gaps.size(), 1U);
    const std::uint64_t missing = gaps[0]["frames"];
    EXPECT_EQ(gaps[0]["at"], 24'000);
    EXPECT_EQ(gaps[0]["filled"], missing);
    EXPECT_EQ(gaps[0]["cause"], "device_lost");
    EXPECT_GE(missing, 14'400U);

    const auto lost = those(events, "device_lost");
    ASSERT_EQ(lost.size(), 1U);
    EXPECT_EQ(lost[0]["frame"], 24'000);
    EXPECT_EQ(lost[0]["next"], "wait");
    const auto back = those(events, "device_back");
    ASSERT_EQ(back.size(), 1U);
    EXPECT_EQ(back[0]["frame"], 24'000 + missing);
    EXPECT_EQ(back[0]["missing_frames"], missing);
    // What is not heard has no level.
    const auto status = those(events, "status");
    EXPECT_TRUE(std::ranges::any_of(status, [](const json& now) {
        return now["state"] == "device_lost" && now["peak_dbfs"][0].is_null();
    }));

    const Samples samples = samplesOf("take.wav");
    ASSERT_EQ(samples.size(), 72'000U);
    expectRamp(samples, 0, 24'000, 0);
    expectSilence(samples, 24'000, 24'000 + missing);
    expectRamp(samples, 24'000 + missing, samples.size(), 24'000 + missing);
    EXPECT_EQ(events.back()["lost_frames"], missing);
    EXPECT_EQ(rig_.files(), Names{"take.wav"});
    EXPECT_EQ(rig_.rings(), Names{});
}

TEST_F(DeviceLoss, GapFollowsTheRulesOfGaps) {
    const auto record = [this](const std::string& gaps) {
        return rig_.run(ramp("unplug@24000&back@250&unplug@60000&back@500",
                             {"--on-lost", "wait", "--gaps", gaps, "-d", "2", "--speed", "max",
                              "--overwrite", "take"}));
    };
    auto outcome = record("fill");
    EXPECT_EQ(outcome.end.status, 3) << outcome.err;
    Samples samples = samplesOf("take.wav");
    EXPECT_EQ(samples.size(), 96'000U);
    expectRamp(samples, 0, 24'000, 0);
    expectSilence(samples, 24'000, 36'000);
    expectRamp(samples, 36'000, 60'000, 36'000);
    expectSilence(samples, 60'000, 84'000);
    expectRamp(samples, 84'000, 96'000, 84'000);
    EXPECT_EQ(eventsOf(outcome.out).back()["gaps"], 2);

    outcome = record("mark");
    EXPECT_EQ(outcome.end.status, 3) << outcome.err;
    samples = samplesOf("take.wav");
    EXPECT_EQ(samples.size(), 96'000U);
    expectRamp(samples, 0, 24'000, 0);
    expectRamp(samples, 24'000, 48'000, 36'000);
    expectRamp(samples, 48'000, 96'000, 84'000);

    outcome = record("stop");
    EXPECT_EQ(outcome.end.status, 3) << outcome.err;
    EXPECT_EQ(samplesOf("take.wav").size(), 24'000U);
    EXPECT_EQ(eventsOf(outcome.out).back()["reason"], "device_lost");
}

TEST_F(DeviceLoss, SilenceForALossIsNeverLongerThanAMinute) {
    const auto outcome =
        rig_.run(ramp("unplug@8000&back@90000",
                      {"--on-lost", "wait", "-r", "8000", "-d", "62", "--speed", "max", "take"}));
    EXPECT_EQ(outcome.end.status, 3) << outcome.err;
    const auto gaps = those(eventsOf(outcome.out), "gap");
    ASSERT_EQ(gaps.size(), 1U);
    EXPECT_EQ(gaps[0]["frames"], 720'000);
    EXPECT_EQ(gaps[0]["filled"], 480'000);
    const Samples samples = samplesOf("take.wav");
    EXPECT_EQ(samples.size(), 496'000U);
    expectSilence(samples, 8'000, 488'000);
    expectRamp(samples, 488'000, 496'000, 728'000);
}

TEST_F(DeviceLoss, MirrorHasTheSameGap) {
    std::filesystem::create_directory(rig_.path("mirror"));
    const auto outcome =
        rig_.run(ramp("unplug@24000&back@250", {"--on-lost", "wait", "-d", "1", "--speed", "max",
                                                "--mirror", "mirror", "take"}));
    EXPECT_EQ(outcome.end.status, 3) << outcome.err;
    EXPECT_EQ(samplesOf("mirror/take.wav"), samplesOf("take.wav"));
}

TEST_F(DeviceLoss, InterruptWhileWaitingEndsTheTake) {
    ChildProcess child(rig_.command(ramp("unplug@24000", {"--on-lost", "wait", "take"})));
    ASSERT_TRUE(child.waitForLine(R"("event":"device_lost")")) << child.err();
    ASSERT_TRUE(child.waitForLine(R"("state":"device_lost")")) << child.err();
    child.signal(stopSignal());
    EXPECT_EQ(child.wait().status, 3) << child.err();
    EXPECT_NE(child.err().find("the device had not come back"), std::string::npos) << child.err();
    const json stopped = eventsOf(child.out()).back();
    EXPECT_EQ(stopped["reason"], "asked");
    EXPECT_EQ(stopped["gaps"], 1);
    EXPECT_TRUE(stopped.contains("missing_device"));
    const Samples samples = samplesOf("take.wav");
    EXPECT_EQ(samples.size(), 24'000U + stopped["lost_frames"].get<std::uint64_t>());
    expectRamp(samples, 0, 24'000, 0);
    expectSilence(samples, 24'000, samples.size());
    EXPECT_EQ(rig_.files(), Names{"take.wav"});
}

TEST_F(DeviceLoss, DurationEndsTheTakeAlsoWhileWaiting) {
    for (const auto& [gaps, frames] :
         std::vector<std::pair<std::string, std::size_t>>{{"fill", 48'000}, {"mark", 24'000}}) {
        const auto outcome = rig_.run(ramp("unplug@24000", {"--on-lost", "wait", "--gaps", gaps,
                                                            "-d", "1", "--overwrite", "take"}));
        EXPECT_EQ(outcome.end.status, 3) << outcome.err;
        const json stopped = eventsOf(outcome.out).back();
        EXPECT_EQ(stopped["reason"], "duration");
        EXPECT_GE(stopped["lost_frames"], 24'000);
        EXPECT_EQ(samplesOf("take.wav").size(), frames);
    }
}

TEST_F(DeviceLoss, KillWhileWaitingCostsNothingThatWasThere) {
    {
        ChildProcess child(rig_.command(ramp("unplug@24000", {"--on-lost", "wait", "take"})));
        ASSERT_TRUE(child.waitForLine(R"("state":"device_lost")")) << child.err();
        child.signal(SIGKILL);
        EXPECT_EQ(child.wait().signal, SIGKILL);
    }
    EXPECT_LE(rig_.run(rig_.recovery({"repair", "--in-place", "take.wav"})).end.status, 1);
    const Samples samples = samplesOf("take.wav");
    ASSERT_GE(samples.size(), 24'000U);
    expectRamp(samples, 0, 24'000, 0);
    expectSilence(samples, 24'000, samples.size());
}

TEST_F(DeviceLoss, SleepOfTheMachineIsAGapOfItsLength) {
    if (testsWindowsPrograms())
        GTEST_SKIP() << "the clocks of Windows programs are not ours to set";
    ChildOptions command =
        rig_.command({"-D", "synth:ramp", "-c", "1", "-f", "S32", "--json", "-d", "4", "take"});
    command.environment.emplace_back("LD_PRELOAD",
                                     HOLDFAST_BIN_DIR "/preload_sleeping_machine_posix.so");
    const auto outcome = rig_.run(command);
    EXPECT_EQ(outcome.end.status, 3) << outcome.err;
    const auto gaps = those(eventsOf(outcome.out), "gap");
    ASSERT_EQ(gaps.size(), 1U) << outcome.out;
    EXPECT_EQ(gaps[0]["cause"], "suspended");
    // To the hundredth of a second: two clocks cannot be read at once.
    EXPECT_NEAR(gaps[0]["frames"].get<double>(), 96'000, 480);
}

}  // namespace
}  // namespace holdfast
