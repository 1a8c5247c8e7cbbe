// What a sound server throws away without a word is found by the clock; what has no clock is not
// measured by it.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <thread>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/live_recording_posix.h"
#include "tests/support/sound_server_test_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using namespace test;
using std::chrono::seconds;
using json = nlohmann::json;

class GapWatchdog : public SoundServerTest {
  protected:
    void SetUp() override {
        SoundServerTest::SetUp();
        if (!IsSkipped()) daemon_.emplace(GetParam());
    }
    ChildOptions recording(const std::string& device) const {
        ChildOptions options = rig_.command(
            {"--device", device, "--format", "S24", "--json", "--min-free", "0", "take.wav"});
        // The rig's programs know no sound server; this one shall know the test's own.
        options.environment.emplace_back("PULSE_SERVER", std::getenv("PULSE_SERVER"));
        return options;
    }
    static std::vector<json> those(const ChildProcess& child, const std::string& name) {
        std::vector<json> found;
        for (const json& event : eventsOf(child.out())) {
            if (event["event"] == name) found.push_back(event);
        }
        return found;
    }

    std::optional<PulseDaemon> daemon_;
    CaptureRig rig_;
};

// The ramp's numbers in channel 0; silence is 0.
std::vector<std::uint32_t> numbersIn(const Audio& audio, const PcmFormat& format) {
    std::vector<std::uint32_t> numbers;
    for (std::size_t at = 0; at + format.bytesPerFrame() <= audio.size();
         at += format.bytesPerFrame()) {
        numbers.push_back(std::to_integer<std::uint32_t>(audio[at]) |
                          std::to_integer<std::uint32_t>(audio[at + 1]) << 8 |
                          std::to_integer<std::uint32_t>(audio[at + 2]) << 16);
    }
    return numbers;
}

TEST_P(GapWatchdog, RecorderThatStandsTellsWhatTheServerThrewAway) {
    // Wide enough for the server's buffer, which holds 4 MiB, to be full soon.
    const PcmFormat format{isPipeWire() ? 48'000U : 192'000U, 8, SampleType::S24, 0xFF};
    daemon_->addCable("cable", format);
    const Audio signal = liveSignal(SyntheticKind::ramp, format, 20);
    ChildProcess child(recording("cable.monitor"));
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    auto playing = std::async(std::launch::async, [&] { daemon_->play("cable", format, signal); });
    waitForMoreFrames(child, 3 * format.sampleRate);
    child.signal(SIGSTOP);
    std::this_thread::sleep_for(seconds(10));  // the stall itself
    child.signal(SIGCONT);
    playing.wait();
    waitForMoreFrames(child, format.sampleRate);
    child.signal(SIGTERM);
    EXPECT_EQ(child.wait().status, 3) << child.err();

    const auto numbers = numbersIn(audioOf(rig_.path("take.wav")), format);
    std::uint64_t present = 0;
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    for (const std::uint32_t number : numbers) {
        if (number == 0) continue;
        ASSERT_GT(number, last) << "twice, or out of order";
        if (present++ == 0) first = number;
        last = number;
    }
    const std::uint64_t lost = last - first + 1 - present;
    ASSERT_GT(lost, format.sampleRate) << "the server lost nothing";

    std::uint64_t told = 0;
    for (const json& gap : those(child, "gap")) {
        EXPECT_EQ(gap["cause"], "clock");
        told += gap["frames"].get<std::uint64_t>();
    }
    const auto started = those(child, "started").at(0);
    const double fragment = started["fragment_ms"].get<double>() * format.sampleRate / 1000;
    EXPECT_NEAR(static_cast<double>(told), static_cast<double>(lost), fragment);
    EXPECT_EQ(those(child, "stopped").at(0)["lost_frames"], told);
    std::printf("| overrun, %s | %.3f s | %.3f s | clock |\n", soundServerName(GetParam()).c_str(),
                static_cast<double>(lost) / format.sampleRate,
                static_cast<double>(told) / format.sampleRate);
}

// A pipe delivers as fast as it is written, and its pauses are nobody's loss.
TEST_P(GapWatchdog, PipeThatIsSlowerThanTimeHasNoGaps) {
    const std::string pipe = rig_.path("pipe");
    daemon_->pactl({"load-module", "module-pipe-source", "source_name=pipe", "file=" + pipe,
                    "format=s16le", "rate=48000", "channels=1"});
    const std::jthread feeder([&](const std::stop_token& over) {
        std::ofstream out(pipe, std::ios::binary);
        const std::string block(2 * 2'400, '\x11');  // 50 ms in 100 ms
        while (!over.stop_requested()) {
            out.write(block.data(), static_cast<std::streamsize>(block.size())).flush();
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
    });
    ChildProcess child(recording("pipe"));
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    waitForMoreFrames(child, 6 * 48'000);
    child.signal(SIGTERM);
    EXPECT_EQ(child.wait().status, 0) << child.out() << child.err();
    EXPECT_TRUE(those(child, "gap").empty());
}

INSTANTIATE_TEST_SUITE_P(Servers, GapWatchdog, soundServers(), soundServerParam);

}  // namespace
}  // namespace holdfast
