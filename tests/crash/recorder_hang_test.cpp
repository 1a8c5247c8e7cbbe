// A disk that does not answer any more, with the recorder's own threads: what goes on, what is
// told, and what becomes of the thread that stands in it.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "iocore/base/little_endian.h"
#include "tests/support/fault_disk.h"
#include "tests/support/stalled_recorder.h"

namespace holdfast {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kDeadline{60};

const CaptureRequest kRamp{.device = "synth:ramp",
                           .sampleRate = 48'000,
                           .channels = 1,
                           .sampleType = SampleType::S32,
                           .fragmentMs = 20};

class RecorderHang : public testing::Test {
  protected:
    void startWithSpill() {
        stalled_.start(kRamp, 8'000, [this](RecorderOptions& options) {
            options.spillFolder = std::move(*openFolder(stalled_.otherFolder.path().string()));
        });
        ASSERT_NE(stalled_.waitFor<StartedEvent>(kDeadline), nullptr);
    }
    void hang() {
        stalled_.gate->stall();
        ASSERT_TRUE(stalled_.gate->waitUntilStalled(kDeadline));
    }
    const StoppedEvent* stop() {
        stalled_.recorder->stop();
        return stalled_.waitFor<StoppedEvent>(kDeadline);
    }
    [[nodiscard]] std::string spilled() const {
        return (stalled_.otherFolder.path() / "take-002.wav").string();
    }
    // The ramp, through both files.
    void expectEveryFrameOnce(std::uint64_t frames) const {
        std::vector<std::byte> audio = audioOfWav(stalled_.wav());
        const auto rest = audioOfWav(spilled());
        EXPECT_FALSE(audio.empty());
        EXPECT_FALSE(rest.empty());
        audio.insert(audio.end(), rest.begin(), rest.end());
        ASSERT_EQ(audio.size(), frames * 4);
        for (std::uint64_t frame = 0; frame < frames; ++frame) {
            ASSERT_EQ(loadLe<std::uint32_t>(audio.data() + 4 * frame), frame);
        }
    }
    // When the thread that was left has ended its file.
    bool waitForNoJournal() {
        return stalled_.waitUntil(kDeadline, [this] {
            std::this_thread::yield();
            return !std::filesystem::exists(stalled_.wav() + ".journal");
        });
    }

    StalledRecorder stalled_;
};

TEST_F(RecorderHang, GoesOnInTheSpillFolderAndNothingIsMissing) {
    startWithSpill();
    hang();
    stalled_.recorder->addMarker("while it hangs");
    const auto* went = stalled_.waitFor<PartEvent>(kDeadline);
    ASSERT_NE(went, nullptr);
    EXPECT_EQ(went->reason, PartReason::diskHang);
    EXPECT_EQ(went->path, spilled());
    stalled_.gate->release();
    ASSERT_TRUE(waitForNoJournal()) << "the disk answers: its file is ended";
    const auto* stopped = stop();
    ASSERT_NE(stopped, nullptr);
    EXPECT_TRUE(stopped->complete);
    EXPECT_EQ(stopped->lostFrames, 0u);
    EXPECT_EQ(stopped->unfinishedParts, 0u);
    EXPECT_EQ(stopped->parts, 2u);
    expectEveryFrameOnce(stopped->frames);
    EXPECT_NE(stalled_.waitFor<MarkerEvent>(kDeadline), nullptr);
}

TEST_F(RecorderHang, DiskThatNeverAnswersIsSaidAndItsThreadHarmsNothingLater) {
    startWithSpill();
    hang();
    ASSERT_NE(stalled_.waitFor<PartEvent>(kDeadline), nullptr);
    const auto* stopped = stop();
    ASSERT_NE(stopped, nullptr) << "the end must not wait for that disk";
    EXPECT_TRUE(stopped->complete);
    EXPECT_EQ(stopped->unfinishedParts, 1u);
    const std::uint64_t frames = stopped->frames;
    stalled_.recorder.reset();
    // Nobody is there any more when the disk answers.
    stalled_.gate->release();
    ASSERT_TRUE(waitForNoJournal());
    expectEveryFrameOnce(frames);
}

TEST_F(RecorderHang, SpillFolderThatCannotBeUsedIsSaidAndTheDiskIsWaitedFor) {
    startWithSpill();
    std::error_code kept;
    std::filesystem::remove_all(stalled_.otherFolder.path(), kept);
    if (kept) {
        (void)stop();
        GTEST_SKIP() << "a folder that is open cannot be removed here";
    }
    hang();
    ASSERT_NE(stalled_.waitFor<ErrorEvent>(kDeadline), nullptr);
    stalled_.gate->release();
    const auto* stopped = stop();
    ASSERT_NE(stopped, nullptr);
    EXPECT_TRUE(stopped->complete);
    EXPECT_EQ(stopped->parts, 1u);
    EXPECT_EQ(audioOfWav(stalled_.wav()).size(), stopped->frames * 4);
}

TEST_F(RecorderHang, MirrorThatHangsDoesNotHoldUpTheEnd) {
    stalled_.start(kRamp, 60'000, [this](RecorderOptions& options) {
        options.mirrorFolder = std::exchange(
            options.folder, std::move(*openFolder(stalled_.otherFolder.path().string())));
        options.diskPatience = milliseconds(200);
    });
    ASSERT_NE(stalled_.waitFor<StartedEvent>(kDeadline), nullptr);
    hang();
    const auto* stopped = stop();
    ASSERT_NE(stopped, nullptr);
    EXPECT_TRUE(stopped->complete);
    EXPECT_FALSE(stopped->mirrorComplete);
    EXPECT_EQ(stopped->lostFrames, 0u);
    EXPECT_NE(stalled_.waitFor<ErrorEvent>(kDeadline), nullptr);
    stalled_.recorder.reset();
    stalled_.gate->release();
    EXPECT_TRUE(std::filesystem::exists(stalled_.wav() + ".journal")) << "left for recovery";
}

// A copy that has ended before is none that the recording could do with.
TEST_F(RecorderHang, DiskOfTheOnlyCopyThatGoesOnIsWaitedFor) {
    FaultDisk full;
    stalled_.start(kRamp, 60'000, [&](RecorderOptions& options) {
        options.mirrorFolder = std::exchange(options.folder, full.handle());
        options.diskPatience = milliseconds(100);
    });
    ASSERT_NE(stalled_.waitFor<StartedEvent>(kDeadline), nullptr);
    full.setCapacity(400'000);
    ASSERT_TRUE(stalled_.waitUntil(kDeadline, [this] {
        return std::ranges::any_of(stalled_.events, [](const RecorderEvent& event) {
            const auto* error = std::get_if<ErrorEvent>(&event.what);
            return error != nullptr && error->error.text.find("alone") != std::string::npos;
        });
    }));
    hang();
    const std::uint64_t before = stalled_.recorder->status().capturedFrames;
    ASSERT_TRUE(stalled_.waitUntil(kDeadline, [&] {
        return stalled_.recorder->status().capturedFrames > before + 48'000;
    })) << "ended while it was captured";
    stalled_.gate->release();
    const auto* stopped = stop();
    ASSERT_NE(stopped, nullptr);
    EXPECT_TRUE(stopped->mirrorComplete);
    EXPECT_GT(stopped->mirrorFrames, before + 48'000);
}

// What one copy loses because its own disk is slow is no reason to stop the other.
TEST_F(RecorderHang, GapOfOneCopyEndsThatCopyOnly) {
    stalled_.start(kRamp, 400, [this](RecorderOptions& options) {
        options.mirrorFolder = std::move(*openFolder(stalled_.otherFolder.path().string()));
        options.gapMode = GapMode::stop;
    });
    ASSERT_NE(stalled_.waitFor<StartedEvent>(kDeadline), nullptr);
    hang();
    ASSERT_TRUE(stalled_.waitUntil(kDeadline,
                                   [this] { return stalled_.recorder->status().lostFrames > 0; }));
    stalled_.gate->release();
    const auto* told = stalled_.waitFor<ErrorEvent>(kDeadline);
    ASSERT_NE(told, nullptr);
    EXPECT_EQ(told->error.text, "the recording goes on in the mirror alone");
    const std::uint64_t alone = stalled_.recorder->status().capturedFrames;
    ASSERT_TRUE(stalled_.waitUntil(
        kDeadline, [&] { return stalled_.recorder->status().capturedFrames > alone + 4'800; }));
    const auto* stopped = stop();
    ASSERT_NE(stopped, nullptr);
    EXPECT_EQ(stopped->reason, StopReason::gap);
    EXPECT_TRUE(stopped->mirrorComplete);
    EXPECT_GT(stopped->mirrorFrames, stopped->frames);
}

}  // namespace
}  // namespace holdfast
