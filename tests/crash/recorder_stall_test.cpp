// A disk that stops answering costs no frame while the ring is long enough; one that stops for
// longer costs exactly the frames that the recording says.
#include <gtest/gtest.h>

#include <chrono>

#include "iocore/base/little_endian.h"
#include "tests/support/stalled_recorder.h"

namespace holdfast {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RecorderStall, TwentySecondsCostNoFrame) {
    StalledRecorder stalled;
    stalled.start({.device = "synth:ramp",
                   .sampleRate = 48'000,
                   .channels = 8,
                   .sampleType = SampleType::S32,
                   .fragmentMs = 50},
                  30'000);
    ASSERT_NE(stalled.waitFor<StartedEvent>(seconds(10)), nullptr);
    stalled.gate->stallFor(seconds(20));
    ASSERT_TRUE(stalled.gate->waitUntilStalled(seconds(5)));
    const std::uint64_t safeAtStall = stalled.recorder->status().safeFrames;
    // The device goes on for as long as the disk stands.
    const auto end = std::chrono::steady_clock::now() + seconds(60);
    while (stalled.gate->waiting() > 0 && std::chrono::steady_clock::now() < end) {
        const RecorderStatus status = stalled.recorder->status();
        ASSERT_EQ(status.safeFrames, safeAtStall) << "claimed to be safe on a disk that stands";
        stalled.recorder->wait(milliseconds(100));
    }
    stalled.recorder->stop();
    const auto* stopped = stalled.waitFor<StoppedEvent>(seconds(60));
    ASSERT_NE(stopped, nullptr);
    EXPECT_TRUE(stopped->complete);
    EXPECT_EQ(stopped->lostFrames, 0u);
    EXPECT_GT(stopped->frames, 19u * 48'000);

    const auto audio = audioOfWav(stalled.wav());
    ASSERT_EQ(audio.size(), stopped->frames * 32);
    for (std::uint64_t sample = 0; sample < audio.size() / 4; ++sample) {
        ASSERT_EQ(loadLe<std::uint32_t>(audio.data() + 4 * sample), sample / 8);
    }
}

// The count in the samples says what is truly missing: it must be what was reported.
TEST(RecorderStall, LongerThanTheRingIsAnExactGap) {
    StalledRecorder stalled;
    stalled.start({.device = "synth:ramp",
                   .sampleRate = 48'000,
                   .channels = 1,
                   .sampleType = SampleType::S32,
                   .fragmentMs = 20},
                  500);
    ASSERT_NE(stalled.waitFor<StartedEvent>(seconds(10)), nullptr);
    stalled.gate->stall();
    ASSERT_TRUE(stalled.gate->waitUntilStalled(seconds(5)));
    const auto end = std::chrono::steady_clock::now() + seconds(30);
    while (stalled.recorder->status().lostFrames < 20'000 &&
           std::chrono::steady_clock::now() < end) {
        stalled.recorder->wait(milliseconds(20));
    }
    EXPECT_GE(stalled.recorder->status().lostFrames, 20'000u) << "the loss is shown at once";
    stalled.gate->release();
    ASSERT_NE(stalled.waitFor<GapEvent>(seconds(10)), nullptr);
    stalled.recorder->stop();
    const auto* stopped = stalled.waitFor<StoppedEvent>(seconds(30));
    ASSERT_NE(stopped, nullptr);
    EXPECT_TRUE(stopped->complete);

    const auto audio = audioOfWav(stalled.wav());
    std::uint64_t missing = 0;
    std::uint64_t silent = 0;
    std::uint64_t expected = 0;
    for (std::uint64_t frame = 0; frame < audio.size() / 4; ++frame) {
        const auto value = loadLe<std::uint32_t>(audio.data() + 4 * frame);
        if (value == 0 && frame > 0) {
            ++silent;
            continue;
        }
        missing += value - expected;
        expected = value + 1;
    }
    EXPECT_GT(missing, 0u);
    EXPECT_EQ(missing, stopped->lostFrames);
    EXPECT_EQ(silent, missing) << "filled with silence, so that nothing behind it moved";
}

}  // namespace
}  // namespace holdfast
