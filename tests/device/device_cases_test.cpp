// What can befall a device while it is recorded, with the frames that were truly lost against those
// that were told of.
//
// With PulseAudio the device is a pipe into the server. Its feeder plays a running number by the
// clock, and throws away what nobody takes: as a sound card does. PipeWire's pipes resample and
// drop; there it is a cable into which the numbers are played, which cannot be pulled out under the
// player (device_loss_test.cpp does that, with the clock). What is missing between two numbers in
// the file was lost, and nothing else.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

#include "tests/support/cable_player_posix.h"
#include "tests/support/capture_rig_posix.h"
#include "tests/support/live_recording_posix.h"
#include "tests/support/sound_server_test_posix.h"

namespace holdfast {
namespace {

using namespace test;
using Clock = std::chrono::steady_clock;
using json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr PcmFormat kDevice{48'000, 2, SampleType::S16, 0x3};

// The frame's number in its two samples.
void appendNumber(std::vector<char>& block, std::uint32_t number) {
    for (unsigned byte = 0; byte < 4; ++byte) {
        block.push_back(static_cast<char>(number >> 8 * byte));
    }
}

// Into a pipe, by the clock; what nobody takes is gone.
class NumberFeeder {
  public:
    explicit NumberFeeder(std::string pipe)
        : pipe_(std::move(pipe)), thread_([this](const std::stop_token& over) { run(over); }) {}

  private:
    void run(const std::stop_token& over) {
        const auto start = Clock::now();
        std::uint32_t number = 1;
        int out = -1;
        std::vector<char> block;
        while (!over.stop_requested()) {
            std::this_thread::sleep_for(milliseconds(5));
            const std::chrono::duration<double> played = Clock::now() - start;
            const auto due = static_cast<std::uint32_t>(played.count() * kDevice.sampleRate);
            if (out < 0) out = openPipe();
            block.clear();
            for (; number < due; ++number) appendNumber(block, number);
            if (out < 0) continue;
            // Whole or not at all, as long as it fits a page.
            if (::write(out, block.data(), block.size()) < 0 && errno == EPIPE) {
                ::close(out);
                out = -1;
            }
        }
        if (out >= 0) ::close(out);
    }
    // What waits in it comes late, and what a server on a busy machine takes too late is gone.
    [[nodiscard]] int openPipe() const {
        const int out = ::open(pipe_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        if (out >= 0) ::fcntl(out, F_SETPIPE_SZ, 16'384);
        return out;
    }

    std::string pipe_;
    std::jthread thread_;
};

class DeviceCases : public SoundServerTest {
  protected:
    void SetUp() override {
        SoundServerTest::SetUp();
        if (IsSkipped()) return;
        std::signal(SIGPIPE, SIG_IGN);
        daemon_.emplace(GetParam());
        if (isPipeWire()) {
            daemon_->addCable("cable", kDevice);
            player_.emplace("s16le", [number = 1U](std::vector<char>& block) mutable {
                for (int frame = 0; frame < 480; ++frame) appendNumber(block, number++);
            });
            device_ = "cable.monitor";
        } else {
            plugIn();
            feeder_.emplace(pipe());
        }
    }
    [[nodiscard]] std::string pipe() const { return rig_.home() + "/device"; }
    void plugIn() {
        std::filesystem::remove(pipe());
        module_ = daemon_->pactl({"load-module", "module-pipe-source", "source_name=device",
                                  "file=" + pipe(), "format=s16le", "rate=48000", "channels=2"});
        while (module_.ends_with('\n')) module_.pop_back();
    }
    void record() {
        ChildOptions options = rig_.command({"--device", device_, "--format", "S16", "--on-lost",
                                             "wait", "--json", "--min-free", "0", "take.wav"});
        // The rig's programs know no sound server; this one shall know the test's own.
        options.environment.emplace_back("PULSE_SERVER", std::getenv("PULSE_SERVER"));
        child_.emplace(options);
        ASSERT_TRUE(child_->waitForLine(R"("event":"started")")) << child_->err();
        // Long enough for its pace to be known.
        waitForMoreFrames(*child_, 6 * kDevice.sampleRate);
    }
    // Lost by the numbers in the file, and told.
    struct Balance {
        std::uint64_t lost = 0;
        std::uint64_t told = 0;
        std::string causes;
    };
    Balance stop() {
        waitForMoreFrames(*child_, 3 * kDevice.sampleRate);
        child_->signal(SIGTERM);
        const int status = child_->wait().status;
        Balance balance;
        for (const json& event : eventsOf(child_->out())) {
            if (event["event"] != "gap") continue;
            balance.told += event["frames"].get<std::uint64_t>();
            const std::string cause = event["cause"];
            if (balance.causes.find(cause) == std::string::npos) {
                balance.causes += (balance.causes.empty() ? "" : ", ") + cause;
            }
        }
        EXPECT_EQ(status, balance.told > 0 ? 3 : 0) << child_->err();
        const Audio audio = audioOf(rig_.path("take.wav"));
        std::uint32_t last = 0;
        for (std::size_t at = 0; at + 4 <= audio.size(); at += 4) {
            std::uint32_t number = 0;
            for (std::size_t i = 0; i < 4; ++i) {
                number |= std::to_integer<std::uint32_t>(audio[at + i]) << 8 * i;
            }
            if (number == 0) continue;
            EXPECT_GT(number, last) << "twice, or out of order, at byte " << at;
            if (number <= last) break;
            if (last != 0) balance.lost += number - last - 1;
            last = number;
        }
        std::printf("| %s | %.3f s | %.3f s | %s |\n",
                    testing::UnitTest::GetInstance()->current_test_info()->name(),
                    static_cast<double>(balance.lost) / kDevice.sampleRate,
                    static_cast<double>(balance.told) / kDevice.sampleRate, balance.causes.c_str());
        return balance;
    }
    // Within one fragment, and as much again for a server that is busy.
    static void expectBalanced(const Balance& balance) {
        EXPECT_NEAR(static_cast<double>(balance.told), static_cast<double>(balance.lost),
                    2 * 0.125 * kDevice.sampleRate);
    }

    std::optional<PulseDaemon> daemon_;
    CaptureRig rig_;
    std::string module_;
    std::string device_ = "device";
    std::optional<NumberFeeder> feeder_;
    std::optional<CablePlayer> player_;
    std::optional<ChildProcess> child_;
};

INSTANTIATE_TEST_SUITE_P(Servers, DeviceCases, soundServers(), soundServerParam);

TEST_P(DeviceCases, NothingHappens) {
    record();
    const Balance balance = stop();
    EXPECT_EQ(balance.lost, 0U);
    EXPECT_EQ(balance.told, 0U);
}

TEST_P(DeviceCases, SourceIsRemovedAndPutBack) {
    if (isPipeWire()) GTEST_SKIP() << "see device_loss_test.cpp";
    record();
    daemon_->unload(module_);
    ASSERT_TRUE(child_->waitForLine(R"("event":"device_lost")")) << child_->err();
    std::this_thread::sleep_for(seconds(2));  // the loss itself
    plugIn();
    ASSERT_TRUE(child_->waitForLine(R"("event":"device_back")")) << child_->err();
    const Balance balance = stop();
    EXPECT_GT(balance.lost, kDevice.sampleRate);
    expectBalanced(balance);
}

TEST_P(DeviceCases, ServerIsKilledAndStartedAgain) {
    if (isPipeWire()) GTEST_SKIP() << "see device_loss_test.cpp";
    record();
    daemon_->kill();
    ASSERT_TRUE(child_->waitForLine(R"("event":"device_lost")")) << child_->err();
    daemon_->restart();
    plugIn();
    ASSERT_TRUE(child_->waitForLine(R"("event":"device_back")")) << child_->err();
    const Balance balance = stop();
    expectBalanced(balance);
}

TEST_P(DeviceCases, SourceIsSuspendedForFiveSeconds) {
    if (isPipeWire()) GTEST_SKIP() << "PipeWire never suspends a device that is recorded";
    record();
    daemon_->pactl({"suspend-source", "device", "1"});
    std::this_thread::sleep_for(seconds(5));  // the suspension itself
    daemon_->pactl({"suspend-source", "device", "0"});
    expectBalanced(stop());
}

TEST_P(DeviceCases, ReaderStandsForTenSeconds) {
    record();
    child_->signal(SIGSTOP);
    std::this_thread::sleep_for(seconds(10));  // the stall itself
    child_->signal(SIGCONT);
    expectBalanced(stop());
}

TEST_P(DeviceCases, DefaultSourceChanges) {
    daemon_->addCable("other", kStereo24);
    daemon_->pactl({"set-default-source", std::exchange(device_, "")});
    record();
    daemon_->pactl({"set-default-source", "other.monitor"});
    const Balance balance = stop();
    EXPECT_EQ(balance.lost, 0U);
    EXPECT_EQ(balance.told, 0U);
}

}  // namespace
}  // namespace holdfast
