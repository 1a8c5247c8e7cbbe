#include "tests/support/live_recording_posix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string_view>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast::test {

Audio liveSignal(SyntheticKind kind, const PcmFormat& format, std::uint32_t seconds) {
    Audio frames(std::size_t{seconds} * format.bytesPerSecond());
    SyntheticSignal(kind, format, 77).fill(0, frames);
    return frames;
}

Audio audioOf(const std::string& path) {
    const wavcheck::Verdict verdict = wavcheck::checkWavFile(path);
    EXPECT_TRUE(verdict.ok) << verdict.defect;
    const std::string file = readFile(path);
    const auto* begin = reinterpret_cast<const std::byte*>(file.data()) + verdict.dataOffset;
    return {begin, begin + verdict.dataBytes};
}

std::size_t find(const Audio& audio, std::span<const std::byte> wanted) {
    const auto at = std::search(audio.begin(), audio.end(),
                                std::boyer_moore_horspool_searcher(wanted.begin(), wanted.end()));
    return static_cast<std::size_t>(at - audio.begin());
}

void expectHolds(const Audio& audio, const Audio& signal, const PcmFormat& format) {
    const std::size_t begin = find(audio, std::span(signal).first(64 * format.bytesPerFrame()));
    ASSERT_LT(begin, audio.size()) << "the signal's beginning is not in the file";
    ASSERT_GE(audio.size() - begin, signal.size());
    const auto differs = std::mismatch(signal.begin(), signal.end(), audio.data() + begin);
    EXPECT_EQ(differs.first, signal.end())
        << "first difference in byte " << differs.first - signal.begin();
}

namespace {

// A number of the last status event that has arrived whole; 0 without one.
std::uint64_t lastStatus(const ChildProcess& child, std::string_view key) {
    const std::string_view lines = std::string_view(child.out()).substr(0, child.out().rfind('\n'));
    const auto event = lines.rfind("\"event\":\"status\"");
    if (event == std::string_view::npos) return 0;
    const auto at = lines.find(key, event);
    return std::strtoull(child.out().c_str() + at + key.size(), nullptr, 10);
}

}  // namespace

std::uint64_t capturedFrames(const ChildProcess& child) {
    return lastStatus(child, "\"captured_frames\":");
}

void waitForMoreFrames(ChildProcess& child, std::uint64_t more) {
    // What was told before now waits in the pipe as well.
    const std::chrono::nanoseconds asked = std::chrono::steady_clock::now().time_since_epoch();
    ASSERT_TRUE(child.waitUntil([&] {
        return lastStatus(child, "\"t_ns\":") >= static_cast<std::uint64_t>(asked.count());
    }));
    const std::uint64_t now = capturedFrames(child);
    ASSERT_TRUE(child.waitUntil([&] { return capturedFrames(child) >= now + more; }))
        << child.err();
}

}  // namespace holdfast::test
