// A disk that does not answer any more: the recording goes on in the spill folder, on a fresh
// thread, whatever call it was that hangs; and what the old thread does when the disk answers again
// harms nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "tests/support/hanging_series.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

constexpr std::size_t kMostOperations = 500;
constexpr std::size_t kLongestCommitBytes = 230 * 4;

// Runs `check` with the disk hanging at each operation in turn.
void atEveryOperation(int answer, const std::function<void(HangingSeries&)>& check) {
    std::size_t hung = 0;
    for (; hung < kMostOperations; ++hung) {
        HangingSeries hanging(hung, answer);
        if (!hanging.runUntilItHangs()) break;
        SCOPED_TRACE(testing::Message() << "hangs at operation " << hung << ", a " << hanging.what
                                        << "; answers " << answer);
        const auto wentOn = hanging.goOn();
        ASSERT_TRUE(wentOn) << wentOn.error().message();
        check(hanging);
        if (testing::Test::HasFatalFailure()) return;
    }
    EXPECT_GT(hung, 40u);
    EXPECT_LT(hung, kMostOperations);
}

TEST(HangingDisk, WhateverCallHangsEveryFrameIsThereOnce) {
    for (const int answer : {0, EIO}) {
        atEveryOperation(answer, [](HangingSeries& hanging) {
            ASSERT_TRUE(hanging.finish());
            EXPECT_TRUE(hanging.errorsOfOther.empty());
            ASSERT_TRUE(hanging.answer()) << "the file that was left is ended as well";
            std::string defect;
            const Bytes audio = hanging.rig.audio(&defect);
            ASSERT_EQ(defect, "");
            ASSERT_TRUE(audio == hanging.rig.expected)
                << audio.size() << " bytes instead of " << hanging.rig.expected.size()
                << "; parts of " << testing::PrintToString(hanging.rig.partFrames()) << " frames";
            EXPECT_EQ(hanging.rig.gaps.size() + hanging.gapsOfOther.size(), hanging.gapsMade);
            for (const auto& [name, bytes] : hanging.rig.disk.files()) {
                EXPECT_TRUE(name.ends_with(".wav") && !name.ends_with(".part.wav")) << name;
                const auto cues = std::ranges::count(wavcheck::checkWav(*bytes).chunks, "cue ",
                                                     &wavcheck::Chunk::id);
                EXPECT_LE(cues, 1) << name;
            }
        });
    }
}

// The header of a commit may have been written by a call that never came back: then the frames of
// that commit are in both files. None is missing.
TEST(HangingDisk, KillWhileItHangsLosesNothing) {
    atEveryOperation(0, [](HangingSeries& hanging) {
        const auto ring = hanging.rig.ring->memory().bytes();
        const RecoveredSeries recovered = recoverSeries(
            FaultDisk::fromImage(hanging.rig.disk.files()), Bytes(ring.begin(), ring.end()));
        ASSERT_EQ(recovered.defect, "");
        const Bytes& expected = hanging.rig.expected;
        const Bytes& audio = recovered.audio;
        ASSERT_GE(audio.size(), expected.size());
        EXPECT_LE(audio.size(), expected.size() + kLongestCommitBytes) << "of one commit at most";
        const auto seam = std::ranges::mismatch(audio, expected).in1;
        const auto rest = audio.end() - seam;
        ASSERT_LE(rest, std::ssize(expected));
        EXPECT_TRUE(std::equal(seam, audio.end(), expected.end() - rest));
    });
}

}  // namespace
}  // namespace holdfast
