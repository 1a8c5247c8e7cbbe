// The main job on real input: a live PulseAudio source, recorded by the program, killed, recovered,
// nothing missing.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "iocore/capture/synthetic_signal.h"
#include "tests/support/capture_rig_posix.h"
#include "tests/support/pulse_daemon_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using test::PulseDaemon;
using Audio = std::vector<std::byte>;

constexpr PcmFormat kStereo24{48'000, 2, SampleType::S24, 0x3};

Audio noise(const PcmFormat& format, std::uint32_t seconds) {
    Audio frames(std::size_t{seconds} * format.bytesPerSecond());
    SyntheticSignal(SyntheticKind::noise, format, 77).fill(0, frames);
    return frames;
}

Audio audioOf(const std::string& path) {
    const wavcheck::Verdict verdict = wavcheck::checkWavFile(path);
    EXPECT_TRUE(verdict.ok) << verdict.defect;
    const std::string file = readFile(path);
    const auto* begin = reinterpret_cast<const std::byte*>(file.data()) + verdict.dataOffset;
    return {begin, begin + verdict.dataBytes};
}

// Where `wanted` begins in `audio`; audio.size() when it is not there.
std::size_t find(const Audio& audio, std::span<const std::byte> wanted) {
    const auto at = std::search(audio.begin(), audio.end(),
                                std::boyer_moore_horspool_searcher(wanted.begin(), wanted.end()));
    return static_cast<std::size_t>(at - audio.begin());
}

ChildOptions recordCable(const CaptureRig& rig) {
    ChildOptions options =
        rig.command({"--device", "cable.monitor", "--json", "--min-free", "0", "take.wav"});
    // The rig's programs know no sound server; this one shall know the test's own.
    options.environment.emplace_back("PULSE_SERVER", std::getenv("PULSE_SERVER"));
    return options;
}

// Of the last status event that has arrived whole.
std::uint64_t capturedFrames(const ChildProcess& child) {
    constexpr std::string_view key = "\"captured_frames\":";
    const std::string_view lines = std::string_view(child.out()).substr(0, child.out().rfind('\n'));
    const auto at = lines.rfind(key);
    if (at == std::string_view::npos) return 0;
    return std::strtoull(child.out().c_str() + at + key.size(), nullptr, 10);
}

// Until `more` frames were captured beyond those of now: what was on its way is in.
void waitForMoreFrames(ChildProcess& child, std::uint64_t more) {
    const std::size_t seen = child.out().size();
    ASSERT_TRUE(child.waitUntil([&] { return child.out().find('\n', seen) != std::string::npos; }));
    const std::uint64_t now = capturedFrames(child);
    ASSERT_TRUE(child.waitUntil([&] { return capturedFrames(child) >= now + more; }))
        << child.err();
}

TEST(LiveTake, TwentySecondsAreInTheFileSampleForSample) {
    PulseDaemon daemon;
    daemon.addCable("cable", kStereo24);
    const CaptureRig rig;
    const Audio signal = noise(kStereo24, 20);
    ChildProcess child(recordCable(rig));
    ASSERT_TRUE(child.waitForLine("\"started\"")) << child.err();
    daemon.play("cable", kStereo24, signal);
    waitForMoreFrames(child, 48'000);
    child.signal(SIGINT);
    EXPECT_EQ(child.wait().status, 0) << child.err();

    const Audio audio = audioOf(rig.path("take.wav"));
    const auto head = std::span(signal).first(64 * kStereo24.bytesPerFrame());
    const std::size_t begin = find(audio, head);
    ASSERT_LT(begin, audio.size()) << "the signal's beginning is not in the file";
    ASSERT_GE(audio.size() - begin, signal.size());
    EXPECT_TRUE(std::equal(signal.begin(), signal.end(), audio.data() + begin));
    EXPECT_EQ(rig.files(), std::vector<std::string>{"take.wav"});
}

TEST(LiveTake, KilledInTheMiddleNothingIsMissingAfterRecovery) {
    PulseDaemon daemon;
    daemon.addCable("cable", kStereo24);
    const CaptureRig rig;
    const Audio signal = noise(kStereo24, 4);
    std::uint64_t captured = 0;
    {
        ChildProcess child(recordCable(rig));
        ASSERT_TRUE(child.waitForLine("\"started\"")) << child.err();
        daemon.play("cable", kStereo24, signal);
        waitForMoreFrames(child, 48'000);
        child.signal(SIGKILL);
        EXPECT_EQ(child.wait().signal, SIGKILL);
        captured = capturedFrames(child);
    }
    ASSERT_TRUE(wavcheck::checkWavFile(rig.path("take.wav")).ok) << "as the kill left it";

    const ChildOptions repair = rig.recovery({"repair", "--in-place", "take.wav"});
    const CaptureOutcome repaired = rig.run(repair);
    EXPECT_EQ(repaired.end.status, 1) << repaired.err;
    const Audio audio = audioOf(rig.path("take.wav"));
    EXPECT_GE(audio.size(), captured * kStereo24.bytesPerFrame());
    const std::size_t begin = find(audio, std::span(signal).first(64 * kStereo24.bytesPerFrame()));
    ASSERT_LT(begin, audio.size());
    ASSERT_GE(audio.size() - begin, signal.size());
    EXPECT_TRUE(std::equal(signal.begin(), signal.end(), audio.data() + begin));
}

}  // namespace
}  // namespace holdfast
