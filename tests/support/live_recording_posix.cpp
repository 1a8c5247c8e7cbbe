#include "tests/support/live_recording_posix.h"

#include <gtest/gtest.h>

#include <algorithm>
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

std::uint64_t capturedFrames(const ChildProcess& child) {
    constexpr std::string_view key = "\"captured_frames\":";
    const std::string_view lines = std::string_view(child.out()).substr(0, child.out().rfind('\n'));
    const auto at = lines.rfind(key);
    if (at == std::string_view::npos) return 0;
    return std::strtoull(child.out().c_str() + at + key.size(), nullptr, 10);
}

void waitForMoreFrames(ChildProcess& child, std::uint64_t more) {
    const std::size_t seen = child.out().size();
    ASSERT_TRUE(child.waitUntil([&] { return child.out().find('\n', seen) != std::string::npos; }));
    const std::uint64_t now = capturedFrames(child);
    ASSERT_TRUE(child.waitUntil([&] { return capturedFrames(child) >= now + more; }))
        << child.err();
}

}  // namespace holdfast::test
