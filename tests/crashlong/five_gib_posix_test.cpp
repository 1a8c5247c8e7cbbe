// Real takes of 5 GiB by the real program: every sample, and kill -9 around the promotion to RF64.
//
// The ramp in 32 bits numbers every frame of such a take, so a lost, repeated or moved one shows.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "iocore/base/little_endian.h"
#include "iocore/riff/riff_format.h"
#include "tests/support/capture_rig_posix.h"
#include "tests/support/frame_counts.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

constexpr std::uint32_t kChannels = 8;
constexpr std::uint64_t kFrameBytes = 4 * kChannels;
constexpr std::uint64_t kRate = 192'000;
constexpr std::uint64_t kSeconds = 875;  // 5.4 GB
constexpr std::uint64_t kFrames = kRate * kSeconds;
constexpr std::uint64_t kLimitByte = kHeaderBlockBytes + kMaxRiffDataBytes;

ChildOptions recording(const CaptureRig& rig) {
    return rig.command({"--device", "synth:ramp", "--speed", "max", "--format", "S32", "--rate",
                        std::to_string(kRate), "--channels", std::to_string(kChannels),
                        "--duration", fmt::format("{}s", kSeconds), "--json", "take.wav"});
}

bool hasRoom(const CaptureRig& rig) {
    std::error_code error;
    const auto space = std::filesystem::space(rig.folder(), error);
    return !error && space.available > 3 * kFrames * kFrameBytes;
}

// Until it ends by itself: a slow disk is no hang.
ChildEnd endOf(ChildProcess& child) {
    for (int minute = 0; minute < 20 && ::kill(child.pid(), 0) == 0; ++minute) {
        child.waitUntil([] { return false; });
    }
    return child.wait();
}

// The first frame of the file's audio whose samples are not its number.
std::uint64_t firstWrongFrame(const std::string& path, const wavcheck::Verdict& verdict) {
    std::ifstream file(path, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(verdict.dataOffset));
    std::vector<std::uint32_t> block(kChannels << 17);
    std::uint64_t frame = 0;
    while (frame < verdict.frames) {
        file.read(reinterpret_cast<char*>(block.data()),
                  static_cast<std::streamsize>(block.size() * sizeof block[0]));
        const auto got = static_cast<std::uint64_t>(file.gcount()) / kFrameBytes;
        if (got == 0) return frame;
        for (std::uint64_t i = 0; i < got && frame < verdict.frames; ++i, ++frame) {
            for (std::uint32_t channel = 0; channel < kChannels; ++channel) {
                const auto* sample =
                    reinterpret_cast<const std::byte*>(&block[i * kChannels + channel]);
                if (loadLe<std::uint32_t>(sample) != static_cast<std::uint32_t>(frame)) {
                    return frame;
                }
            }
        }
    }
    return frame;
}

void expectReadable(const std::string& path, std::uint64_t frames) {
    for (const OtherReader& reader : installedReaders()) {
        if (!reader.knowsRf64) continue;
        EXPECT_EQ(reader.frames(path), static_cast<std::int64_t>(frames)) << reader.name;
    }
}

TEST(FiveGib, EverySampleArrivesAndTheFileIsRf64) {
    const CaptureRig rig;
    if (!hasRoom(rig)) GTEST_SKIP() << "not enough room in " << rig.folder();
    const std::string path = rig.path("take.wav");
    ChildProcess child(recording(rig));
    const ChildEnd end = endOf(child);
    ASSERT_EQ(end.status, 0) << child.err();
    const auto verdict = wavcheck::checkWavFile(path);
    ASSERT_TRUE(verdict.ok && !verdict.trailing) << verdict.defect;
    EXPECT_TRUE(verdict.isRf64);
    EXPECT_EQ(verdict.frames, kFrames);
    EXPECT_EQ(firstWrongFrame(path, verdict), kFrames);
    expectReadable(path, kFrames);
    EXPECT_EQ(rig.files(), std::vector<std::string>{"take.wav"});
}

// What the head of the file and its length say at one instant.
struct Look {
    std::string id;
    std::string second;
    std::uint64_t bytes = 0;
};

Look lookAt(const std::string& path) {
    std::array<char, 16> head{};
    Look look;
    std::error_code error;
    look.bytes = std::filesystem::file_size(path, error);
    if (error) look.bytes = 0;
    std::ifstream file(path, std::ios::binary);
    file.read(head.data(), head.size());
    look.id.assign(head.data(), 4);
    look.second.assign(head.data() + 12, 4);
    return look;
}

struct Moment {
    std::string name;
    bool (*isNow)(const Look& look);
};

std::vector<Moment> moments() {
    return {
        {"JustBelowTheLimit", [](const Look& now) { return now.bytes > kLimitByte - 12'000'000; }},
        {"AudioIsPastTheLimit", [](const Look& now) { return now.bytes > kLimitByte; }},
        {"Ds64IsFilled", [](const Look& now) { return now.second == "ds64"; }},
        {"ItIsRf64", [](const Look& now) { return now.id == "RF64"; }},
        {"Past4GiB", [](const Look& now) { return now.bytes > (1ULL << 32) + 20'000'000; }}};
}

std::uint64_t lastSafeFrames(const std::string& out) {
    std::uint64_t safe = 0;
    for (std::size_t at = 0, end; (end = out.find('\n', at)) != std::string::npos; at = end + 1) {
        const auto event = nlohmann::json::parse(out.substr(at, end - at));
        if (event["event"] == "status") safe = event["safe_frames"];
    }
    return safe;
}

class FiveGibKill : public testing::TestWithParam<Moment> {
  protected:
    // Frames that the device had delivered when it was killed; the last promise goes to `safe`.
    static std::uint64_t killAt(const CaptureRig& rig, std::uint64_t& safe) {
        const std::string path = rig.path("take.wav");
        const std::string counter = rig.home() + "/count";
        writeFile(counter, std::string(8, '\0'));
        ChildOptions options = recording(rig);
        options.environment.emplace_back("HOLDFAST_SYNTH_COUNTER", counter);
        ChildProcess child(options);
        const auto lives = [&] { return ::kill(child.pid(), 0) == 0; };
        // The pipe holds what is told on the last stretch.
        const auto isLastStretch = [&] { return lookAt(path).bytes > kLimitByte - 200'000'000; };
        while (lives() && !child.waitUntil(isLastStretch)) continue;
        while (lives() && !GetParam().isNow(lookAt(path))) {
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
        child.signal(SIGKILL);
        const ChildEnd end = child.wait();
        EXPECT_EQ(end.signal, SIGKILL) << child.err();
        safe = lastSafeFrames(child.out());
        const std::string count = readFile(counter);
        return loadLe<std::uint64_t>(reinterpret_cast<const std::byte*>(count.data()));
    }
};

TEST_P(FiveGibKill, NoDeliveredFrameIsLost) {
    const CaptureRig rig;
    if (!hasRoom(rig)) GTEST_SKIP() << "not enough room in " << rig.folder();
    const std::string path = rig.path("take.wav");
    std::uint64_t safe = 0;
    const std::uint64_t delivered = killAt(rig, safe);
    const auto left = wavcheck::checkWavFile(path);
    ASSERT_TRUE(left.ok) << left.defect;
    fmt::print("{}: {}{}, {} bytes of audio, {} safe and {} delivered frames\n", GetParam().name,
               left.isRf64 ? "RF64" : "RIFF", left.hasDs64 ? " with ds64" : "", left.dataBytes,
               safe, delivered);
    EXPECT_GE(left.frames, safe);
    EXPECT_GT(left.dataBytes, kMaxRiffDataBytes - 300'000'000);
    EXPECT_EQ(firstWrongFrame(path, left), left.frames);
    expectReadable(path, left.frames);

    const ChildOptions repair = rig.recovery({"repair", "--in-place", "take.wav"});
    ChildProcess recovery(repair);
    ASSERT_EQ(endOf(recovery).status, 1) << recovery.err() << recovery.out();
    const auto verdict = wavcheck::checkWavFile(path);
    ASSERT_TRUE(verdict.ok && !verdict.trailing) << verdict.defect;
    EXPECT_GE(verdict.frames, delivered);
    EXPECT_EQ(verdict.isRf64, left.isRf64 || verdict.dataBytes > kMaxRiffDataBytes);
    EXPECT_EQ(firstWrongFrame(path, verdict), verdict.frames);
    expectReadable(path, verdict.frames);
    EXPECT_TRUE(rig.rings().empty()) << "the ring's memory stays taken";
}

INSTANTIATE_TEST_SUITE_P(When, FiveGibKill, testing::ValuesIn(moments()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace holdfast
