// The main job of the Windows program on real input: waveIn of Wine, from a live PulseAudio source.
//
// HOLDFAST_LIVE_SECONDS says how long each signal is (default 8).
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/live_recording_posix.h"
#include "tests/support/pulse_daemon_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using namespace test;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

constexpr std::uint64_t kMs = 48;  // frames

std::uint32_t liveSeconds() {
    const char* text = std::getenv("HOLDFAST_LIVE_SECONDS");
    const int seconds = text != nullptr ? std::atoi(text) : 0;
    return seconds > 0 ? static_cast<std::uint32_t>(seconds) : 8;
}

class WineLive : public testing::Test {
  protected:
    void SetUp() override {
        if (!testsWindowsPrograms()) {
            GTEST_SKIP() << "HOLDFAST_WINDOWS_BIN names no Windows programs";
        }
        cable_ = daemon_.addCable("cable", kStereo24);
        // Longer than winmm's names, and another that would be recorded if a stream could move.
        daemon_.addCable("another-cable-whose-name-is-longer-than-31-letters", kStereo24);
    }

    ChildOptions program(const Words& arguments) const {
        ChildOptions options = rig_.command(arguments);
        // The rig's programs know no sound server; these shall know the test's own.
        options.environment.emplace_back("PULSE_SERVER", std::getenv("PULSE_SERVER"));
        return options;
    }
    // Part of "Monitor of Cable-cable", and of no other's name.
    ChildOptions recordCable(const Words& more = {}) const {
        Words words{"--device", "of Cable-cable", "--format", "S24", "--json", "--min-free", "0",
                    "-q",       "take.wav"};
        words.insert(words.end(), more.begin(), more.end());
        return program(words);
    }
    [[nodiscard]] Audio audio() const { return audioOf(rig_.path("take.wav")); }

    PulseDaemon daemon_;
    std::string cable_;
    CaptureRig rig_;
};

std::vector<Json> eventsNamed(const ChildProcess& child, const std::string& name) {
    std::vector<Json> found;
    for (const Json& event : eventsOf(child.out())) {
        if (event["event"] == name) found.push_back(event);
    }
    return found;
}

TEST_F(WineLive, DevicesAreListedByEndpointAndFullName) {
    const CaptureOutcome outcome = rig_.run(program({"--list-devices", "--json"}));
    ASSERT_EQ(outcome.end.status, 0) << outcome.err;
    const Json devices = Json::parse(outcome.out)["devices"];
    const auto named = [&](const std::string& part) {
        return std::ranges::find_if(devices, [&](const Json& device) {
            return device["name"].get<std::string>().find(part) != std::string::npos;
        });
    };
    const auto cable = named("Cable-cable");
    ASSERT_NE(cable, devices.end()) << outcome.out;
    EXPECT_EQ((*cable)["id"].get<std::string>().substr(0, 8), "{0.0.1.0");
    EXPECT_EQ((*cable)["rate"], 48'000);
    EXPECT_EQ((*cable)["channels"], 2);
    EXPECT_NE(named("another-cable-whose-name-is-longer-than-31-letters"), devices.end())
        << outcome.out;
    EXPECT_EQ(std::ranges::count_if(devices, [](const Json& device) { return device["default"]; }),
              1);
}

TEST_F(WineLive, EveryFrameIsInTheFileSampleForSampleAndThereIsNoGap) {
    const Audio signal = liveSignal(SyntheticKind::noise, kStereo24, liveSeconds());
    ChildProcess child(recordCable());
    ASSERT_TRUE(child.waitForLine("\"started\"")) << child.err();
    daemon_.play("cable", kStereo24, signal);
    waitForMoreFrames(child, 1'000 * kMs);
    child.signal(SIGINT);
    EXPECT_EQ(child.wait().status, 0) << child.out() << child.err();
    EXPECT_TRUE(eventsNamed(child, "gap").empty());
    expectHolds(audio(), signal, kStereo24);
    EXPECT_EQ(rig_.files(), Words{"take.wav"});
    EXPECT_TRUE(rig_.rings().empty());
}

TEST_F(WineLive, WithoutAFormatNothingIsLostEither) {
    const Audio signal = liveSignal(SyntheticKind::noise, kStereo24, 2);
    ChildProcess child(
        program({"-D", "of Cable-cable", "--json", "--min-free", "0", "-q", "take.wav"}));
    ASSERT_TRUE(child.waitForLine("\"started\"")) << child.err();
    const Json started = eventsNamed(child, "started").at(0);
    EXPECT_EQ(started["converted"], false);
    daemon_.play("cable", kStereo24, signal);
    waitForMoreFrames(child, 1'000 * kMs);
    child.signal(SIGINT);
    EXPECT_EQ(child.wait().status, 0) << child.err();
    // Wine's devices are float ones: each sample of 24 bits has its float.
    ASSERT_EQ(started["file_format"]["format"], "F32");
    Audio asFloat;
    for (std::size_t at = 0; at < signal.size(); at += 3) {
        const auto bits = std::to_integer<std::uint32_t>(signal[at]) << 8 |
                          std::to_integer<std::uint32_t>(signal[at + 1]) << 16 |
                          std::to_integer<std::uint32_t>(signal[at + 2]) << 24;
        const float sample = static_cast<float>(static_cast<std::int32_t>(bits)) / 2147483648.0F;
        const auto bytes = std::as_bytes(std::span(&sample, 1));
        asFloat.insert(asFloat.end(), bytes.begin(), bytes.end());
    }
    expectHolds(audio(), asFloat, {48'000, 2, SampleType::F32, 0x3});
}

TEST_F(WineLive, KilledInTheMiddleNothingIsMissingAfterRecovery) {
    const Audio signal = liveSignal(SyntheticKind::noise, kStereo24, 3);
    ChildProcess child(recordCable());
    ASSERT_TRUE(child.waitForLine("\"started\"")) << child.err();
    daemon_.play("cable", kStereo24, signal);
    waitForMoreFrames(child, 1'000 * kMs);
    child.signal(SIGKILL);
    child.wait();
    const std::uint64_t captured = capturedFrames(child);
    ASSERT_TRUE(wavcheck::checkWavFile(rig_.path("take.wav")).ok) << "as the kill left it";
    const CaptureOutcome repaired = rig_.run(rig_.recovery({"repair", "--in-place", "take.wav"}));
    EXPECT_EQ(repaired.end.status, 1) << repaired.out << repaired.err;
    EXPECT_GE(audio().size(), captured * kStereo24.bytesPerFrame());
    expectHolds(audio(), signal, kStereo24);
}

// Too few buffers, so that the driver throws audio away.
class WineLoss : public WineLive, public testing::WithParamInterface<const char*> {};

// Of channel 0: the ramp carries the frame's number.
std::uint32_t sampleAt(const Audio& audio, std::uint64_t frame) {
    const std::byte* at = audio.data() + frame * kStereo24.bytesPerFrame();
    return std::to_integer<std::uint32_t>(at[0]) | std::to_integer<std::uint32_t>(at[1]) << 8 |
           std::to_integer<std::uint32_t>(at[2]) << 16;
}

TEST_P(WineLoss, IsCountedAndWrittenWhereAudioReallyIsMissing) {
    const Audio signal = liveSignal(SyntheticKind::ramp, kStereo24, liveSeconds());
    ChildOptions options = recordCable();
    options.environment.emplace_back("HOLDFAST_WAVEIN_HEADERS", GetParam());
    ChildProcess child(options);
    ASSERT_TRUE(child.waitForLine("\"started\"")) << child.err();
    daemon_.play("cable", kStereo24, signal);
    waitForMoreFrames(child, 1'000 * kMs);
    child.signal(SIGINT);
    EXPECT_EQ(child.wait().status, 3) << child.err();

    // Gaps are filled with silence, so the file goes on in time: what is there of the ramp stands
    // where it was played, however much is missing.
    const Audio file = audio();
    const std::uint64_t frames = file.size() / kStereo24.bytesPerFrame();
    std::uint64_t present = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint32_t firstSample = 0;
    std::uint32_t lastSample = 0;
    std::int64_t furthest = 0;
    for (std::uint64_t frame = 0; frame < frames; ++frame) {
        const std::uint32_t sample = sampleAt(file, frame);
        if (sample == 0) continue;
        if (present == 0) {
            first = frame;
            firstSample = sample;
        }
        ASSERT_GT(sample, lastSample) << "twice, or out of order, in frame " << frame;
        ++present;
        last = frame;
        lastSample = sample;
        const auto off = static_cast<std::int64_t>(frame - first) -
                         static_cast<std::int64_t>(sample - firstSample);
        furthest = std::max(furthest, std::abs(off));
    }
    const std::uint64_t missing = lastSample - firstSample + 1 - present;
    EXPECT_GT(missing, signal.size() / kStereo24.bytesPerFrame() / 10) << "the driver lost nothing";

    std::uint64_t told = 0;
    std::uint64_t toldInSignal = 0;
    for (const Json& gap : eventsNamed(child, "gap")) {
        EXPECT_EQ(gap["cause"], "driver_overrun");
        told += gap["frames"].get<std::uint64_t>();
        const auto at = gap["at"].get<std::uint64_t>();
        if (at >= first && at <= last) toldInSignal += gap["frames"].get<std::uint64_t>();
    }
    const std::uint64_t tolerance = missing / 20 + 60 * kMs;
    EXPECT_NEAR(static_cast<double>(toldInSignal), static_cast<double>(missing),
                static_cast<double>(tolerance));
    // A gap's length is read from the clock, and deliveries come late on a busy machine.
    EXPECT_LE(furthest, static_cast<std::int64_t>(250 * kMs)) << "the file does not keep time";
    const Json stopped = eventsNamed(child, "stopped").at(0);
    EXPECT_EQ(stopped["lost_frames"], told);
    EXPECT_GT(stopped["gaps"], 0);
    std::printf("%s: %llu frames missing, %llu told, off by %lld at most\n", GetParam(),
                static_cast<unsigned long long>(missing),
                static_cast<unsigned long long>(toldInSignal), static_cast<long long>(furthest));
}

INSTANTIATE_TEST_SUITE_P(TooFewBuffers, WineLoss, testing::Values("1x5", "2x1"),
                         [](const auto& test) { return std::string("Of") + test.param; });

// A device that goes away while it is recorded.
class WineUnplug : public WineLive {
  protected:
    // Records the ramp until `unplug` was called, and is to end by itself.
    template <typename Unplug>
    void expectCompleteWithoutADevice(const Unplug& unplug) {
        const Audio signal = liveSignal(SyntheticKind::ramp, kStereo24, 2);
        ChildProcess child(recordCable());
        ASSERT_TRUE(child.waitForLine("\"started\"")) << child.err();
        daemon_.play("cable", kStereo24, signal);
        waitForMoreFrames(child, 1'000 * kMs);
        unplug();
        const ChildEnd end = child.wait();
        if (!mayCrashAtTheEnd_ || end.signal != SIGSEGV) {
            EXPECT_EQ(end.status, 3) << child.out() << child.err();
        }

        expectHolds(audio(), signal, kStereo24);
        const Json stopped = eventsNamed(child, "stopped").at(0);
        EXPECT_EQ(stopped["complete"], true);
        EXPECT_EQ(stopped["exit"], 3);
        EXPECT_EQ(stopped["frames"].get<std::uint64_t>() * kStereo24.bytesPerFrame(),
                  audio().size());
        EXPECT_GE(stopped["frames"].get<std::uint64_t>(), capturedFrames(child));
        EXPECT_EQ(stopped["lost_frames"], 0);
        EXPECT_EQ(rig_.files(), Words{"take.wav"});
    }
    bool mayCrashAtTheEnd_ = false;
};

TEST_F(WineUnplug, SourceThatIsRemovedEndsTheTakeWithAllThatWasDelivered) {
    expectCompleteWithoutADevice([&] { daemon_.unload(cable_); });
}

TEST_F(WineUnplug, ServerThatDiesEndsItToo) {
    expectCompleteWithoutADevice([&] { daemon_.kill(); });
}

TEST_F(WineUnplug, ServerThatStandsIsLeftBehindAtADeadline) {
    // Wine may crash when it ends a thread that stands in its sound driver. All is said by then.
    mayCrashAtTheEnd_ = true;
    expectCompleteWithoutADevice([&] { daemon_.freeze(); });
}

}  // namespace
}  // namespace holdfast
