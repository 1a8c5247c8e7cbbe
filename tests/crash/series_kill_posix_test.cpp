// kill -9 of recordings in several files: after a repair of whatever `scan` finds, each captured
// frame is there exactly once, in order, over all parts.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "iocore/base/little_endian.h"
#include "tests/support/recover_rig_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

constexpr int kShards = 4;
constexpr std::uint64_t kSmallDiskBytes = 3u << 20;

std::uint64_t numberFrom(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

// What makes parts, and for how long the recorder may live.
struct Kind {
    std::string name;
    Names arguments;
    std::uint64_t frames;  // of the whole recording
    std::uint64_t mostMicroseconds;
    bool spills;
};

std::vector<Kind> kinds() {
    return {{"time", {"--split-time", "1s", "-d", "4", "take"}, 192'000, 3'000'000, false},
            {"size",
             {"--split-size", "400K", "--speed", "max", "-d", "60", "take"},
             2'880'000,
             250'000,
             false},
            {"spill",
             {"-r", "384000", "-d", "5", "--spill", "other", "small/take"},
             1'920'000,
             4'000'000,
             true}};
}

// Files of the recording, in their order: "take.wav", "take-002.wav", …
std::vector<fs::path> partsIn(const CaptureRig& rig) {
    std::vector<fs::path> parts;
    for (const auto& entry : fs::recursive_directory_iterator(rig.folder())) {
        if (entry.path().extension() == ".wav") parts.push_back(entry.path());
    }
    std::ranges::sort(parts, {}, [](const fs::path& path) { return path.stem().string(); });
    return parts;
}

class SeriesKills : public testing::TestWithParam<int> {
  protected:
    void killOnce(const Kind& kind, std::chrono::microseconds delay) {
        const RecoverRig rig;
        std::optional<TestMount> small;
        if (kind.spills) {
            small.emplace(TestMount::small(rig.path("small"), kSmallDiskBytes));
            if (!small->isMounted()) return;
            fs::create_directory(rig.path("other"));
        }
        const std::string counter = rig.home() + "/count";
        writeFile(counter, std::string(8, '\0'));
        Names arguments = {"-D", "synth:ramp", "-c", "1", "-f", "S32", "--json", "--min-free", "0"};
        arguments.insert(arguments.end(), kind.arguments.begin(), kind.arguments.end());
        ChildOptions options = rig.command(arguments);
        options.environment.emplace_back("HOLDFAST_SYNTH_COUNTER", counter);
        {
            ChildProcess child(options);
            ASSERT_TRUE(child.waitForLine("\"started\"")) << child.err();
            std::this_thread::sleep_for(delay);  // the random moment itself
            child.signal(SIGKILL);
            const ChildEnd end = child.wait();
            if (end.signal != SIGKILL) {
                ASSERT_EQ(end.status, 0) << child.err();
            }
        }
        const std::string counted = readFile(counter);
        const auto delivered =
            loadLe<std::uint64_t>(reinterpret_cast<const std::byte*>(counted.data()));
        if (small) small->grow(4 * kSmallDiskBytes);  // a repair in place asks for that
        repairAll(rig);
        if (!HasFatalFailure()) expectEachFrameOnce(rig, std::min(delivered, kind.frames));
    }

    // As a user: what `scan` names is repaired.
    static void repairAll(const RecoverRig& rig) {
        for (const auto& found : eventsOf(rig.recover({"scan", ".", "--json"}).out)) {
            if (found["event"] != "found") continue;
            const std::string path = found["path"];
            if (found["recoverable_frames"] == 0) {  // "it can be deleted: no audio is lost"
                ASSERT_TRUE(fs::remove(pathFromProgram(path))) << path;
                continue;
            }
            const auto repaired = rig.recover({"repair", "--in-place", path});
            ASSERT_LE(repaired.end.status, 1) << path << repaired.out << repaired.err;
        }
    }

    void expectEachFrameOnce(const CaptureRig& rig, std::uint64_t delivered) {
        std::uint64_t next = 0;
        for (const fs::path& path : partsIn(rig)) {
            const auto verdict = wavcheck::checkWavFile(path.string());
            ASSERT_TRUE(verdict.ok) << path << ": " << verdict.defect;
            const std::string bytes = readFile(path.string());
            for (std::uint64_t i = 0; i < verdict.frames; ++i, ++next) {
                std::uint32_t value = 0;
                std::memcpy(&value, bytes.data() + verdict.dataOffset + 4 * i, 4);
                ASSERT_EQ(value, static_cast<std::uint32_t>(next)) << path << ", frame " << i;
            }
            ++parts_;
        }
        ASSERT_GE(next, delivered) << "frames that the device delivered are missing";
    }

    std::uint64_t parts_ = 0;
};

TEST_P(SeriesKills, EachFrameIsThereOnceOverAllParts) {
    const std::uint64_t kills =
        std::max<std::uint64_t>(numberFrom("HOLDFAST_KILLS", 200) / 8 / kShards, kinds().size());
    const std::uint64_t seed = numberFrom("HOLDFAST_SEED", std::random_device{}());
    std::mt19937_64 random(seed + static_cast<std::uint64_t>(GetParam()));
    const auto all = kinds();
    for (std::uint64_t n = 0; n < kills; ++n) {
        const Kind& kind = all[n % all.size()];
        killOnce(kind, std::chrono::microseconds(random() % kind.mostMicroseconds));
        ASSERT_FALSE(HasFatalFailure()) << "kill " << n << ", " << kind.name << ", seed " << seed;
    }
    fmt::print("seed {}, {} kills, {} files\n", seed, kills, parts_);
}

INSTANTIATE_TEST_SUITE_P(Shard, SeriesKills, testing::Range(0, kShards));

}  // namespace
}  // namespace holdfast
