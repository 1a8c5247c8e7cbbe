// A disk that does not answer any more: the recording goes on in the spill folder, on a fresh
// thread, whatever call it was that hangs; and what the old thread does when the disk answers again
// harms nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <string_view>
#include <utility>

#include "tests/support/hanging_series.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using LastPart = HangingSeries::LastPart;

constexpr std::size_t kMostOperations = 500;
constexpr std::size_t kLongestCommitBytes = 230 * 4;

bool startsWith(const Bytes& bytes, std::string_view text) {
    return bytes.size() >= text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

// Runs `check` with the disk hanging at each operation in turn.
void atEveryOperation(int answer, LastPart last, const std::function<void(HangingSeries&)>& check) {
    std::size_t hung = 0;
    for (; hung < kMostOperations; ++hung) {
        HangingSeries hanging(hung, answer, last);
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
    for (const auto& [answer, last] :
         {std::pair(0, LastPart::hasAudio), std::pair(EIO, LastPart::hasAudio),
          std::pair(0, LastPart::isEmpty)}) {
        atEveryOperation(answer, last, [](HangingSeries& hanging) {
            ASSERT_TRUE(hanging.more());
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
            std::size_t markers = 0;
            for (const auto& [name, bytes] : hanging.rig.disk.files()) {
                for (const auto& label : wavcheck::checkWav(*bytes).labels) {
                    if (label.text == "here" || label.text == "later") ++markers;
                }
                EXPECT_TRUE(name.ends_with(".wav") && !name.ends_with(".part.wav")) << name;
                const auto cues = std::ranges::count(wavcheck::checkWav(*bytes).chunks, "cue ",
                                                     &wavcheck::Chunk::id);
                EXPECT_LE(cues, 1) << name;
            }
            EXPECT_EQ(markers, hanging.markersMade);
        });
    }
}

// Kills the program, repairs what is there, and compares it with what was captured: all of it, and
// at the seam of the two files at most `twice` bytes twice.
void expectAllAfterAKill(const HangingSeries& hanging, std::size_t twice) {
    const auto ring = hanging.rig.ring->memory().bytes();
    const RecoveredSeries recovered = recoverSeries(FaultDisk::fromImage(hanging.rig.disk.files()),
                                                    Bytes(ring.begin(), ring.end()));
    ASSERT_EQ(recovered.defect, "");
    const Bytes& expected = hanging.rig.expected;
    const Bytes& audio = recovered.audio;
    ASSERT_GE(audio.size(), expected.size());
    ASSERT_LE(audio.size(), expected.size() + twice);
    const auto seam = std::ranges::mismatch(audio, expected).in1;
    const auto rest = audio.end() - seam;
    ASSERT_LE(rest, std::ssize(expected));
    EXPECT_TRUE(std::equal(seam, audio.end(), expected.end() - rest));
}

// The header of a commit may have been written by a call that never came back: then the frames of
// that commit are in both files, until the first one is ended.
TEST(HangingDisk, KillWhileItHangsLosesNothing) {
    atEveryOperation(0, LastPart::hasAudio, [](HangingSeries& hanging) {
        expectAllAfterAKill(hanging, kLongestCommitBytes);
        ASSERT_TRUE(hanging.more());
        expectAllAfterAKill(hanging, kLongestCommitBytes);
        ASSERT_TRUE(hanging.answer());
        expectAllAfterAKill(hanging, 0);
    });
}

// What is in the file behind its audio is told apart from it after any crash.
TEST(HangingDisk, EndOfTheDataIsOnTheDiskBeforeAnyChunkBehindIt) {
    atEveryOperation(0, LastPart::hasAudio, [](HangingSeries& hanging) {
        const std::size_t before = hanging.rig.disk.logSize();
        ASSERT_TRUE(hanging.answer());
        const auto log = hanging.rig.disk.log();
        bool isSaid = false;
        for (std::size_t i = before; i < log.size(); ++i) {
            const bool isJournal = log[i].name.ends_with(".journal");
            if (isJournal && log[i].kind == DiskOp::Kind::write) isSaid = false;
            if (isJournal && log[i].kind == DiskOp::Kind::sync) isSaid = true;
            const bool isTrailer = log[i].kind == DiskOp::Kind::write && !isJournal &&
                                   startsWith(log[i].bytes, "cue ") && i > before;
            EXPECT_TRUE(isSaid || !isTrailer) << describe(log[i], i);
        }
    });
}

}  // namespace
}  // namespace holdfast
