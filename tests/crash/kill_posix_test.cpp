// kill -9 at random moments of real recordings: what is left opens everywhere with at least what
// was promised, and recovery brings back every frame that the device delivered.
//
// The device counts what it delivered in a page of the test's own, outside the ring. HOLDFAST_KILLS
// sets the number of kills (default 200), HOLDFAST_SEED the random moments; both are printed.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <regex>
#include <thread>

#include "iocore/base/little_endian.h"
#include "tests/support/capture_rig_posix.h"
#include "tests/support/frame_counts.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

constexpr int kShards = 8;
constexpr std::uint64_t kMostBytes = 200'000'000;

std::uint64_t numberFrom(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

struct Kind {
    std::string name;
    std::vector<std::string> arguments;
    std::uint32_t channels;
    std::uint32_t bytes;  // of a sample
    bool maxSpeed;
};

// Formats with even and odd frame sizes, in real time and as fast as the path goes.
std::vector<Kind> kinds() {
    return {{"S24 stereo", {"-f", "S24", "-c", "2"}, 2, 3, false},
            {"S24 mono", {"-f", "S24", "-c", "1", "--commit-ms", "50"}, 1, 3, false},
            {"S16 stereo, max", {"-f", "S16", "-c", "2", "--speed", "max"}, 2, 2, true},
            {"S32 8 channels, max", {"-f", "S32", "-c", "8", "--speed", "max"}, 8, 4, true}};
}

// A page of the test's own that the synthetic device counts its delivered frames into.
class Counter {
  public:
    explicit Counter(const std::string& path) : path_(path) {
        std::ofstream(path, std::ios::binary).write("\0\0\0\0\0\0\0\0", 8);
    }
    [[nodiscard]] std::uint64_t frames() const {
        const std::string bytes = readFile(path_);
        return loadLe<std::uint64_t>(reinterpret_cast<const std::byte*>(bytes.data()));
    }

  private:
    std::string path_;
};

// The first frame of the ramp that is not what the device delivered; `frames` when there is none.
std::uint64_t firstWrongFrame(const std::string& path, const Kind& kind) {
    const wavcheck::Verdict verdict = wavcheck::checkWavFile(path);
    EXPECT_TRUE(verdict.ok) << path << ": " << verdict.defect;
    std::ifstream file(path, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(verdict.dataOffset));
    const std::uint64_t mask = (std::uint64_t{1} << (8 * kind.bytes)) - 1;
    const std::size_t frameBytes = kind.bytes * kind.channels;
    std::vector<char> block(frameBytes * 65'536);
    std::uint64_t frame = 0;
    while (file.read(block.data(), static_cast<std::streamsize>(block.size())), file.gcount() > 0) {
        const auto* bytes = reinterpret_cast<const std::byte*>(block.data());
        const std::size_t count = static_cast<std::size_t>(file.gcount()) / frameBytes;
        for (std::size_t i = 0; i < count && frame < verdict.frames; ++i, ++frame) {
            for (std::uint32_t channel = 0; channel < kind.channels; ++channel) {
                std::uint64_t value = 0;
                for (std::uint32_t k = 0; k < kind.bytes; ++k) {
                    value |= std::uint64_t(bytes[i * frameBytes + channel * kind.bytes + k])
                             << (8 * k);
                }
                if (value != (frame & mask)) return frame;
            }
        }
    }
    return frame;
}

std::uint64_t lastSafeFrames(const std::string& out) {
    static const std::regex safe("\"safe_frames\":([0-9]+)");
    std::uint64_t last = 0;
    for (std::sregex_iterator it(out.begin(), out.end(), safe), end; it != end; ++it) {
        last = std::strtoull((*it)[1].str().c_str(), nullptr, 10);
    }
    return last;
}

class Kills : public testing::TestWithParam<int> {
  protected:
    // One recording, killed `delay` after its `started` event.
    void killOnce(const Kind& kind, std::chrono::microseconds delay) {
        const CaptureRig rig;
        const Counter counter(rig.home() + "/count");
        std::vector<std::string> arguments{"--device",   "synth:ramp", "--json",
                                           "--min-free", "0",          "--duration"};
        const std::uint64_t most = kMostBytes / (kind.channels * kind.bytes) / 48;
        arguments.push_back(fmt::format("{}ms", most));
        arguments.insert(arguments.end(), kind.arguments.begin(), kind.arguments.end());
        arguments.emplace_back("take.wav");
        ChildOptions options = rig.command(arguments);
        options.environment.emplace_back("HOLDFAST_SYNTH_COUNTER", rig.home() + "/count");
        std::string out;
        {
            ChildProcess child(options);
            ASSERT_TRUE(child.waitForLine("\"started\"")) << child.err();
            std::this_thread::sleep_for(delay);  // the random moment itself
            child.signal(SIGKILL);
            const ChildEnd end = child.wait();
            if (end.signal != SIGKILL) {  // done before: a finished take is checked as well
                ASSERT_EQ(end.status, 0) << child.err();
            }
            out = child.out();
        }
        const std::string take = rig.path("take.wav");
        const std::uint64_t safe = lastSafeFrames(out);
        checkAsLeft(take, kind, safe);
        // What the device delivers behind the wished length is not part of the take.
        checkRecovery(rig, kind, std::min(counter.frames(), most * 48));
    }

    static void checkAsLeft(const std::string& take, const Kind& kind, std::uint64_t safe) {
        const wavcheck::Verdict verdict = wavcheck::checkWavFile(take);
        ASSERT_TRUE(verdict.ok) << verdict.defect;
        ASSERT_GE(verdict.frames, safe);
        const auto frames = static_cast<std::int64_t>(verdict.frames);
        ASSERT_EQ(framesBySndfile(take), frames);
        ASSERT_EQ(framesBySox(take), frames);
        ASSERT_EQ(framesByFfprobe(take), frames);
        ASSERT_EQ(firstWrongFrame(take, kind), verdict.frames);
    }

    static void checkRecovery(const CaptureRig& rig, const Kind& kind, std::uint64_t delivered) {
        const std::string take = rig.path("take.wav");
        const bool finished = rig.files() == std::vector<std::string>{"take.wav"};
        const std::string before = readFile(take);
        const ChildOptions options = rig.recovery({"repair", "take.wav"});
        const CaptureOutcome repaired = rig.run(options);
        ASSERT_EQ(repaired.end.status, finished ? 0 : 1) << repaired.err << repaired.out;
        ASSERT_TRUE(readFile(take) == before) << "the input was touched";
        const std::string result = finished ? take : rig.path("take.recovered.wav");
        const wavcheck::Verdict verdict = wavcheck::checkWavFile(result);
        ASSERT_TRUE(verdict.ok) << verdict.defect;
        ASSERT_GE(verdict.frames, delivered) << "frames that the device delivered are missing";
        ASSERT_EQ(firstWrongFrame(result, kind), verdict.frames) << "a hole in the ramp";
        if (!finished) {
            ASSERT_TRUE(rig.rings().empty()) << "the ring's memory stays taken";
        }
    }
};

TEST_P(Kills, NoDeliveredFrameIsLost) {
    const std::uint64_t kills = numberFrom("HOLDFAST_KILLS", 200) / kShards;
    const std::uint64_t seed = numberFrom("HOLDFAST_SEED", std::random_device{}());
    fmt::print("seed {}, {} kills\n", seed, kills);
    std::mt19937_64 random(seed + static_cast<std::uint64_t>(GetParam()));
    const auto all = kinds();
    for (std::uint64_t n = 0; n < kills; ++n) {
        const Kind& kind = all[n % all.size()];
        // Fast takes soon have all their bytes: their moments lie close to the start.
        const std::uint64_t most = kind.maxSpeed ? 250'000 : 900'000;
        killOnce(kind, std::chrono::microseconds(random() % most));
        ASSERT_FALSE(HasFatalFailure()) << "kill " << n << ", " << kind.name << ", seed " << seed;
    }
}

INSTANTIATE_TEST_SUITE_P(Shard, Kills, testing::Range(0, kShards));

// Before `started` nothing is promised; what is left is nothing, or something that `scan` names.
TEST(KillsBeforeStart, LeaveNothingOrWhatScanNames) {
    std::mt19937_64 random(numberFrom("HOLDFAST_SEED", 4));
    for (int n = 0; n < 30; ++n) {
        const CaptureRig rig;
        const ChildOptions options =
            rig.command({"--device", "synth:ramp", "--json", "--min-free", "0", "take.wav"});
        {
            ChildProcess child(options);
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
            child.signal(SIGKILL);
            child.wait();
        }
        const ChildOptions scan = rig.recovery({"scan", "."});
        const CaptureOutcome named = rig.run(scan);
        if (rig.files().empty()) {
            EXPECT_EQ(named.end.status, 0);
        } else {
            EXPECT_EQ(named.end.status, 4) << named.out;
            EXPECT_NE(named.out.find("take"), std::string::npos) << named.out;
        }
    }
}

}  // namespace
}  // namespace holdfast
