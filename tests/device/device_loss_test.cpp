// A take that outlives its device: a virtual cable that is pulled out and put back, a server that
// dies and is started again. What was played on either side is in the file bit for bit, and the gap
// between is as long as the clock says.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "iocore/base/clock_reading.h"
#include "iocore/capture/devices.h"
#include "tests/support/capture_rig_posix.h"
#include "tests/support/live_recording_posix.h"
#include "tests/support/sound_server_test_posix.h"

namespace holdfast {
namespace {

using nlohmann::json;
using namespace test;
using Clock = std::chrono::steady_clock;

// Blocks of 125 ms, and as much again for a server that is busy.
constexpr std::uint64_t kBlock = 2 * 6'000;

std::uint64_t framesSince(Clock::time_point begin, Clock::time_point end) {
    return framesIn(end - begin, kStereo24.sampleRate);
}

class DeviceLossTake : public SoundServerTest {
  protected:
    void SetUp() override {
        SoundServerTest::SetUp();
        if (!IsSkipped()) daemon_.emplace(GetParam());
    }
    void plugIn() { module_ = daemon_->addCable("cable", format_); }
    // Recording "cable", which is there.
    void record(const std::string& onLost) {
        ChildOptions options = rig_.command({"--device", "cable.monitor", "--on-lost", onLost,
                                             "--json", "--min-free", "0", "take.wav"});
        // The rig's programs know no sound server; this one shall know the test's own.
        options.environment.emplace_back("PULSE_SERVER", std::getenv("PULSE_SERVER"));
        child_.emplace(options);
        ASSERT_TRUE(child_->waitForLine(R"("event":"started")")) << child_->err();
    }
    // Until one says `wanted`, among those that come from now on.
    json waitForEvent(const std::string& name,
                      const std::function<bool(const json&)>& wanted = {}) {
        std::size_t looked = 0;
        json found;
        const bool there = child_->waitUntil([&] {
            const std::string& out = child_->out();
            for (; out.find('\n', looked) != std::string::npos;
                 looked = out.find('\n', looked) + 1) {
                const json event = json::parse(out.substr(looked, out.find('\n', looked) - looked));
                if (event["event"] != name || (wanted && !wanted(event))) continue;
                found = event;
                return true;
            }
            return false;
        });
        EXPECT_TRUE(there) << name << "\n" << child_->err();
        return found;
    }
    // Plays a second of noise of its own into a cable, until it is captured.
    Audio play(std::uint64_t seed, const std::string& sink = "cable") {
        Audio signal(format_.bytesPerSecond());
        SyntheticSignal(SyntheticKind::noise, format_, seed).fill(0, signal);
        daemon_->play(sink, format_, signal);
        waitForMoreFrames(*child_, format_.sampleRate);
        return signal;
    }
    // A second and more without the device.
    void waitForALongLoss() {
        waitForEvent("status", [](const json& status) {
            return status["state"] == "device_lost" && status["lost_frames"] >= 48'000;
        });
    }
    void stop(int status) {
        child_->signal(SIGINT);
        EXPECT_EQ(child_->wait().status, status) << child_->err();
        events_ = eventsOf(child_->out());
        audio_ = audioOf(rig_.path("take.wav"));
    }
    // The frame of the file at which `signal` begins.
    [[nodiscard]] std::optional<std::uint64_t> placeOf(const Audio& signal) const {
        const std::size_t at = find(audio_, signal);
        if (at == audio_.size()) return std::nullopt;
        return at / format_.bytesPerFrame();
    }
    [[nodiscard]] std::vector<json> those(const std::string& name) const {
        std::vector<json> found;
        std::ranges::copy_if(events_, std::back_inserter(found),
                             [&](const json& event) { return event["event"] == name; });
        return found;
    }
    // Both signals whole, in this order, on either side of the one gap, which is silence.
    void expectOneGapBetween(const Audio& before, const Audio& after) {
        const auto gaps = those("gap");
        ASSERT_EQ(gaps.size(), 1U);
        gapFrames_ = gaps[0]["frames"];
        const std::uint64_t at = gaps[0]["at"];
        EXPECT_EQ(gaps[0]["cause"], "device_lost");
        EXPECT_EQ(gaps[0]["filled"], gapFrames_);
        const auto first = placeOf(before);
        const auto second = placeOf(after);
        ASSERT_TRUE(first) << "what was played before is not there bit for bit";
        ASSERT_TRUE(second) << "what was played after is not there bit for bit";
        EXPECT_LE(*first + format_.sampleRate, at);
        EXPECT_GE(*second, at + gapFrames_);
        const auto silence = std::span(audio_).subspan(at * format_.bytesPerFrame(),
                                                       gapFrames_ * format_.bytesPerFrame());
        EXPECT_TRUE(std::ranges::all_of(silence, [](std::byte b) { return b == std::byte{0}; }));
    }

    PcmFormat format_ = shown(kStereo24);
    std::optional<PulseDaemon> daemon_;
    std::string module_;
    const CaptureRig rig_;
    std::optional<ChildProcess> child_;
    std::vector<json> events_;
    Audio audio_;
    std::uint64_t gapFrames_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Servers, DeviceLossTake, soundServers(), soundServerParam);

TEST_P(DeviceLossTake, CableThatIsPutBackGoesOnWithAGapOfItsLength) {
    plugIn();
    record("wait");
    const Audio before = play(1);
    const auto outBegins = Clock::now();
    daemon_->unload(module_);
    const auto isOut = Clock::now();
    EXPECT_EQ(waitForEvent("device_lost")["device"], "cable.monitor");
    waitForALongLoss();
    const auto inBegins = Clock::now();
    plugIn();
    EXPECT_EQ(waitForEvent("device_back")["device"], "cable.monitor");
    const auto isBack = Clock::now();
    const Audio after = play(2);
    stop(3);
    expectOneGapBetween(before, after);
    EXPECT_GE(gapFrames_ + kBlock, framesSince(isOut, inBegins));
    EXPECT_LE(gapFrames_, framesSince(outBegins, isBack) + kBlock);
}

TEST_P(DeviceLossTake, ServerThatIsStartedAgainGoesOnWithAGapOfItsLength) {
    plugIn();
    record("wait");
    const Audio before = play(1);
    const auto deathBegins = Clock::now();
    daemon_->kill();
    const auto isDead = Clock::now();
    waitForEvent("device_lost");
    EXPECT_FALSE(listDevices());
    waitForALongLoss();
    const auto startBegins = Clock::now();
    daemon_->restart();
    plugIn();
    const auto devices = listDevices();
    ASSERT_TRUE(devices) << devices.error().message();
    EXPECT_TRUE(std::ranges::any_of(
        *devices, [](const DeviceInfo& device) { return device.id == "cable.monitor"; }));
    waitForEvent("device_back");
    const auto isBack = Clock::now();
    const Audio after = play(2);
    stop(3);
    expectOneGapBetween(before, after);
    EXPECT_GE(gapFrames_ + kBlock, framesSince(isDead, startBegins));
    EXPECT_LE(gapFrames_, framesSince(deathBegins, isBack) + kBlock);
}

TEST_P(DeviceLossTake, FallbackGoesOnWithTheDefaultDeviceAndSaysSo) {
    plugIn();
    PcmFormat mono = shown({48'000, 1, SampleType::S16, 0x4});
    daemon_->addCable("other", mono, "mono");
    daemon_->pactl({"set-default-source", "other.monitor"});
    record("fallback");
    const Audio before = play(1);
    daemon_->unload(module_);
    EXPECT_EQ(waitForEvent("device_lost")["next"], "fallback");
    const json moved = waitForEvent("moved");
    EXPECT_EQ(moved["device"], "other.monitor");
    EXPECT_EQ(moved["device_format"]["channels"], 1);
    EXPECT_EQ(moved["converted"], true);
    EXPECT_GT(moved["missing_frames"], 0);
    // One channel made two: the same sample twice.
    Audio signal(mono.bytesPerSecond());
    SyntheticSignal(SyntheticKind::noise, mono, 2).fill(0, signal);
    daemon_->play("other", mono, signal);
    waitForMoreFrames(*child_, format_.sampleRate);
    plugIn();
    const json back = waitForEvent("device_back");
    EXPECT_EQ(back["device"], "cable.monitor");
    EXPECT_EQ(back["recorded"], false);
    stop(3);
    ASSERT_EQ(those("gap").size(), 1U);
    EXPECT_TRUE(placeOf(before));
    const std::uint32_t from = bytesPerSample(mono.sampleType);
    const std::uint32_t to = bytesPerSample(format_.sampleType);
    Audio doubled;
    for (std::size_t i = 0; i < signal.size(); i += from) {
        for (int channel = 0; channel < 2; ++channel) {
            doubled.insert(doubled.end(), to - from, std::byte{0});
            doubled.insert(doubled.end(), signal.begin() + static_cast<std::ptrdiff_t>(i),
                           signal.begin() + static_cast<std::ptrdiff_t>(i + from));
        }
    }
    EXPECT_TRUE(placeOf(doubled)) << "what the other device heard is not there bit for bit";
}

TEST_P(DeviceLossTake, SuspensionIsNoLoss) {
    if (isPipeWire()) GTEST_SKIP() << "PipeWire never suspends a device that is recorded";
    plugIn();
    record("wait");
    const Audio before = play(1);
    daemon_->pactl({"suspend-sink", "cable", "1"});
    daemon_->pactl({"suspend-sink", "cable", "0"});
    EXPECT_EQ(waitForEvent("gap")["cause"], "suspended");
    const Audio after = play(2);
    stop(3);
    EXPECT_TRUE(those("device_lost").empty());
    EXPECT_TRUE(placeOf(before));
    EXPECT_TRUE(placeOf(after));
}

}  // namespace
}  // namespace holdfast
