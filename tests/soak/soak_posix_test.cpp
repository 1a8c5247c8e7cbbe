// Takes of many minutes in real time, from a live source whose every frame has a number.
//
// HOLDFAST_SOAK_MINUTES: how long (default 40; the clean ones are never longer than 10).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/cable_player_posix.h"
#include "tests/support/capture_rig_posix.h"
#include "tests/support/live_recording_posix.h"
#include "tests/support/sound_server_test_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using namespace test;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint32_t kNumbers = 1U << 24;  // of frames, before they begin anew
constexpr std::size_t kFrameBytes = 6;

minutes soakTime(minutes most) {
    const char* text = std::getenv("HOLDFAST_SOAK_MINUTES");
    const int wished = text != nullptr ? std::atoi(text) : 0;
    return std::min(wished > 0 ? minutes(wished) : minutes(40), most);
}

// Numbers from 1 on, in both channels.
class Numbers {
  public:
    void operator()(std::vector<char>& block) {
        for (int frame = 0; frame < 480; ++frame) {
            for (int channel = 0; channel < 2; ++channel) {
                for (unsigned byte = 0; byte < 3; ++byte) {
                    block.push_back(static_cast<char>(number_ >> 8 * byte));
                }
            }
            number_ = (number_ + 1) % kNumbers;
        }
    }

  private:
    std::uint32_t number_ = 1;
};

struct Count {
    std::uint64_t present = 0;
    std::uint64_t missing = 0;
    // Of the missing: silence stands in the place of as many. A server on a busy machine skips
    // cycles and delivers nothing for them; the recorder has all that it was given.
    std::uint64_t asSilence = 0;
};

Count countNumbers(const std::string& path) {
    const auto verdict = wavcheck::checkWavFile(path);
    EXPECT_TRUE(verdict.ok) << verdict.defect;
    std::ifstream file(path, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(verdict.dataOffset));
    std::vector<char> block(65'536 * kFrameBytes);
    Count count;
    std::uint32_t expected = 0;
    std::uint64_t zeros = 0;
    for (std::uint64_t left = verdict.frames; left > 0;) {
        const std::uint64_t frames = std::min<std::uint64_t>(left, block.size() / kFrameBytes);
        file.read(block.data(), static_cast<std::streamsize>(frames * kFrameBytes));
        left -= frames;
        for (std::size_t at = 0; at < frames * kFrameBytes; at += kFrameBytes) {
            const auto byte = [&](std::size_t i) {
                return std::uint32_t{static_cast<unsigned char>(block[at + i])} << 8 * i;
            };
            const std::uint32_t number = byte(0) | byte(1) | byte(2);
            if (number == 0 && expected == 0 && count.present == 0) continue;
            if (number == 0 && expected != 0) {
                ++zeros;
                continue;
            }
            const std::uint64_t skipped = count.present > 0 ? (number - expected) % kNumbers : 0;
            count.missing += skipped;
            count.asSilence += std::min(std::exchange(zeros, 0), skipped);
            expected = (number + 1) % kNumbers;
            ++count.present;
        }
    }
    return count;
}

std::uint64_t residentKiB(pid_t process) {
    std::ifstream status(fmt::format("/proc/{}/status", process));
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::stoull(line.substr(6));
    }
    return 0;
}

// Stands and goes on again at random, until it is destroyed.
class StallingDisk {
  public:
    explicit StallingDisk(TestMount& disk)
        : thread_([this, &disk](const std::stop_token& over) { run(disk, over); }) {}
    [[nodiscard]] unsigned stalls() const { return stalls_; }

  private:
    void run(TestMount& disk, const std::stop_token& over) {
        std::mt19937 random(20'261'129);
        std::uniform_int_distribution<int> rest(500, 15'000);
        std::uniform_int_distribution<int> stall(50, 5'000);
        while (!over.stop_requested()) {
            std::this_thread::sleep_for(milliseconds(rest(random)));
            if (!disk.freeze()) continue;
            std::this_thread::sleep_for(milliseconds(stall(random)));
            disk.thaw();
            ++stalls_;
        }
    }

    std::atomic<unsigned> stalls_{0};
    std::jthread thread_;
};

// One thread for each processor that never rests.
class BusyProcessors {
  public:
    BusyProcessors() {
        for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
            threads_.emplace_back([](const std::stop_token& over) {
                for (volatile unsigned n = 0; !over.stop_requested();) n = n + 1;
            });
        }
    }

  private:
    std::vector<std::jthread> threads_;
};

class Soak : public SoundServerTest {
  protected:
    void SetUp() override {
        SoundServerTest::SetUp();
        if (IsSkipped()) return;
        daemon_.emplace(GetParam());
        daemon_->addCable("cable", kStereo24);
    }
    // Records the numbers for so long, and returns the memory that it took, a sample each 5 s.
    std::vector<std::uint64_t> record(const std::string& file, minutes length) {
        ChildOptions options = rig_.command({"--device", "cable.monitor", "--format", "S24",
                                             "--events-fd", "1", "--min-free", "0", file});
        options.environment.emplace_back("PULSE_SERVER", std::getenv("PULSE_SERVER"));
        ChildProcess child(options);
        std::vector<std::uint64_t> memory;
        EXPECT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
        const CablePlayer player("s24le", Numbers());
        const auto end = Clock::now() + length;
        while (Clock::now() < end) {
            const auto next = std::min(end, Clock::now() + seconds(5));
            EXPECT_TRUE(child.waitUntil([&] { return Clock::now() >= next; })) << child.err();
            memory.push_back(residentKiB(child.pid()));
        }
        child.signal(SIGINT);
        EXPECT_EQ(child.wait().status, 0) << child.err();
        for (const Json& event : eventsOf(child.out())) {
            EXPECT_NE(event["event"], "gap") << event;
            if (event["event"] == "stopped") last_ = event;
        }
        return memory;
    }
    void expectAllThere(const std::string& path, minutes length) {
        const Count count = countNumbers(path);
        EXPECT_EQ(count.missing, isPipeWire() ? count.asSilence : 0U);
        EXPECT_GT(count.present, static_cast<std::uint64_t>(seconds(length).count()) * 40'000);
        EXPECT_EQ(last_["lost_frames"], 0);
        std::printf("%s: %llu frames there, %llu missing, %llu of them silence from the server\n",
                    soundServerName(GetParam()).c_str(),
                    static_cast<unsigned long long>(count.present),
                    static_cast<unsigned long long>(count.missing),
                    static_cast<unsigned long long>(count.asSilence));
    }

    std::optional<PulseDaemon> daemon_;
    CaptureRig rig_;
    Json last_;
};

TEST_P(Soak, CleanTakeHasNoGap) {
    const minutes length = soakTime(minutes(10));
    record("take.wav", length);
    expectAllThere(rig_.path("take.wav"), length);
}

TEST_P(Soak, TroubledTakeLosesNothingAndItsMemoryIsFlat) {
    auto disk = TestMount::ext4(rig_.path("disk"), 2ULL << 30);
    if (!disk.isMounted()) GTEST_SKIP() << disk.why();
    const minutes length = soakTime(minutes(24 * 60));
    std::vector<std::uint64_t> memory;
    unsigned stalls = 0;
    {
        const BusyProcessors load;
        const StallingDisk trouble(disk);
        memory = record("disk/take.wav", length);
        stalls = trouble.stalls();
    }
    expectAllThere(rig_.path("disk/take.wav"), length);
    EXPECT_GT(stalls, 0U);
    ASSERT_GE(memory.size(), 8U);
    // The ring is touched in the first stalls; from the first quarter on nothing grows.
    const auto highest = [&](std::size_t from, std::size_t to) {
        return *std::max_element(memory.begin() + static_cast<std::ptrdiff_t>(from),
                                 memory.begin() + static_cast<std::ptrdiff_t>(to));
    };
    const std::uint64_t early = highest(0, memory.size() / 2);
    const std::uint64_t late = highest(memory.size() / 2, memory.size());
    EXPECT_LE(late, early + 1024);
    std::printf("%u stalls, memory %llu KiB in the first half, %llu KiB in the second\n", stalls,
                static_cast<unsigned long long>(early), static_cast<unsigned long long>(late));
}

INSTANTIATE_TEST_SUITE_P(, Soak, soundServers(), soundServerParam);

}  // namespace
}  // namespace holdfast
