// Takes beyond 2 and 4 GiB, by the real writer and the real recovery, on a disk that keeps silence
// for nothing: every position is there, no minute is.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "iocore/recorder/take_writer.h"
#include "iocore/recovery/recovery_writer.h"
#include "tests/support/sparse_disk.h"
#include "tests/support/strict_wav_checker.h"
#include "tests/support/take_rig.h"

namespace holdfast {
namespace {

// A second of it has 49 MB: five gaps of 20 s fill more than 4 GiB.
const PcmFormat kWide{384'000, 64, SampleType::S16, 0};
constexpr std::uint64_t kFrameBytes = 128;

wavcheck::Verdict verdictOf(SparseDisk& disk, const std::string& name) {
    const auto file = disk.open(name, Access::read);
    if (!file) return {};
    return wavcheck::checkWav(*(*file)->size(), [&](std::uint64_t at, std::span<std::byte> into) {
        return (*file)->readAt(at, into).value_or(0) == into.size();
    });
}

class FarTake {
  public:
    explicit FarTake(const GrowthPolicy& growth = {}) {
        constexpr std::uint64_t kRingFrames = 8'192;
        auto memory = RingMemory::anonymous(SpscRing::memoryBytes(kWide, kRingFrames));
        ring_ = std::move(*SpscRing::create(std::move(*memory), kWide, kRingFrames, TakeId{}));
        producer_ = std::make_unique<SpscRing::Producer>(ring_->producer());
        TakeOptions options;
        options.names = TakeNames::of("take.wav");
        options.sessionId = TakeId::random();
        options.format = kWide;
        options.growth = growth;
        TakeObserver observer;
        observer.error = [](const Error& error) { ADD_FAILURE() << error.message(); };
        consumer_ = std::make_unique<SpscRing::Consumer>(ring_->consumer());
        take_ = std::make_unique<TakeWriter>(disk, *consumer_, options, observer);
        EXPECT_TRUE(take_->begin());
        deliver(20);
    }

    // Audio in the file from `frame` on; each frame tells its place.
    void deliver(std::uint64_t frames) {
        Bytes audio;
        for (std::uint64_t i = 0; i < frames; ++i) appendRampFrame(audio, kWide, end_ + i);
        producer_->write(audio);
        regions.emplace_back(end_, frames);
        end_ += frames;
        ASSERT_TRUE(take_->commit());
    }

    // Up to a byte of the file, most of it filled gaps.
    void growTo(std::uint64_t byte) {
        const std::uint64_t frame = (byte - kHeaderBlockBytes) / kFrameBytes;
        while (end_ < frame) {
            const std::uint64_t lost = std::min<std::uint64_t>(frame - end_, 20 * kWide.sampleRate);
            producer_->gap(lost, GapCause::injected);
            producer_->closeGap();
            end_ += lost;
            ASSERT_TRUE(take_->commit());
        }
    }

    bool finish() { return take_->finish().value_or(false); }
    [[nodiscard]] std::uint64_t safeFrames() const { return take_->safeFrames(); }
    [[nodiscard]] std::uint64_t end() const { return end_; }
    [[nodiscard]] StopReason wantsToStop() const { return take_->wantsToStop(); }

    SparseDisk disk;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> regions;  // of audio: first frame, frames

  private:
    std::unique_ptr<SpscRing> ring_;
    std::unique_ptr<SpscRing::Consumer> consumer_;
    std::unique_ptr<SpscRing::Producer> producer_;
    std::unique_ptr<TakeWriter> take_;
    std::uint64_t end_ = 0;
};

// The first delivered frame below `frames` that is not in its place; empty when all are.
std::string wrongAudio(SparseDisk& disk, const std::string& name, const FarTake& take,
                       std::uint64_t frames) {
    const auto file = disk.open(name, Access::read);
    if (!file) return "no file";
    for (const auto& [first, count] : take.regions) {
        for (std::uint64_t frame = first; frame < std::min(first + count, frames); ++frame) {
            Bytes expected;
            appendRampFrame(expected, kWide, frame);
            Bytes there(expected.size());
            (void)(*file)->readAt(kHeaderBlockBytes + frame * kFrameBytes, there);
            if (there != expected) return fmt::format("frame {} is another", frame);
        }
    }
    return "";
}

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
// Where something could wrap, and where RIFF ends.
const std::vector<std::uint64_t> kBorders{2 * kGiB, kHeaderBlockBytes + kMaxRiffDataBytes,
                                          4 * kGiB};

struct Crash {
    std::unique_ptr<SparseDisk> disk;  // as the kill leaves it
    std::uint64_t safeFrames = 0;
    std::uint64_t offset = 0;  // of the last write
};

// A take past 4 GiB, with what a kill after each write closeBy a border leaves.
struct FarCrashes {
    FarCrashes() {
        bool closeBy = false;
        take.disk.afterWrite([&](const std::string& name, std::uint64_t offset) {
            if (!closeBy || name != "take.wav") return;
            crashes.push_back({std::make_unique<SparseDisk>(take.disk), take.safeFrames(), offset});
        });
        for (const std::uint64_t border : kBorders) {
            take.growTo(border - 30 * kFrameBytes);
            closeBy = true;
            for (int commit = 0; commit < 6; ++commit) take.deliver(11);
            closeBy = false;
        }
        take.disk.afterWrite({});
    }
    FarTake take;
    std::vector<Crash> crashes;
};

RepairOptions withoutRing() {
    RepairOptions options;
    options.scan.openRing = [](const std::string&) -> Result<std::unique_ptr<DiskFile>> {
        return fail(Stage::disk, ENOENT, "no ring after a power cut");
    };
    return options;
}

TEST(FarPositions, EveryKillAroundABorderLeavesAWholeFile) {
    FarCrashes border;
    ASSERT_GE(border.crashes.size(), 3u * 6 * 2);
    std::size_t forms[3] = {};
    for (const Crash& crash : border.crashes) {
        const auto verdict = verdictOf(*crash.disk, "take.wav");
        ASSERT_TRUE(verdict.ok) << verdict.defect;
        ASSERT_GE(verdict.frames, crash.safeFrames);
        ASSERT_EQ(wrongAudio(*crash.disk, "take.wav", border.take, verdict.frames), "");
        ++forms[verdict.isRf64 ? 2 : verdict.hasDs64 ? 1 : 0];
    }
    for (const std::size_t count : forms) EXPECT_GT(count, 0u);
    ASSERT_TRUE(border.take.finish());
    const auto verdict = verdictOf(border.take.disk, "take.wav");
    EXPECT_TRUE(verdict.ok && verdict.isRf64 && !verdict.trailing) << verdict.defect;
    EXPECT_EQ(verdict.frames, border.take.end());
    EXPECT_GT(verdict.riffEnd, 4 * kGiB);
    EXPECT_EQ(wrongAudio(border.take.disk, "take.wav", border.take, border.take.end()), "");
    EXPECT_FALSE(verdict.labels.empty());
    EXPECT_LT(border.take.disk.storedBytes(), 64u << 20) << "the disk of the test is not sparse";
}

void tearHeader(SparseDisk& disk) {
    const auto file = disk.open("take.wav", Access::readWrite);
    Bytes half(256);
    ASSERT_TRUE((*file)->writeAt(0, half));
}

TEST(FarPositions, CopyOfACrashedTakeIsWholeAndRf64) {
    FarCrashes border;
    SparseDisk& disk = *border.crashes.back().disk;
    tearHeader(disk);
    const auto repaired = repairCopy(disk, "take.wav", withoutRing());
    ASSERT_TRUE(repaired) << repaired.error().message();
    EXPECT_EQ(repaired->outcome, RepairOutcome::recovered);
    const auto verdict = verdictOf(disk, "take.recovered.wav");
    ASSERT_TRUE(verdict.ok && verdict.isRf64) << verdict.defect;
    EXPECT_EQ(verdict.frames, border.take.end());
    EXPECT_EQ(repaired->report.verifiedFrames, border.take.end());
    EXPECT_EQ(wrongAudio(disk, "take.recovered.wav", border.take, verdict.frames), "");
}

TEST(FarPositions, RepairInPlaceOfEveryFormCanBeTakenBack) {
    FarCrashes border;
    std::string lastForm;
    for (Crash& crash : border.crashes) {
        // The first state of each form, and one whose header is torn.
        const auto before = verdictOf(*crash.disk, "take.wav");
        const bool torn = &crash == &border.crashes.back();
        const std::string form = torn             ? "torn"
                                 : before.isRf64  ? "RF64"
                                 : before.hasDs64 ? "filled"
                                                  : "RIFF";
        if (form == lastForm) continue;
        lastForm = form;
        if (torn) tearHeader(*crash.disk);
        SparseDisk original(*crash.disk);
        const auto repaired = repairInPlace(*crash.disk, "take.wav", withoutRing());
        ASSERT_TRUE(repaired) << form << ": " << repaired.error().message();
        EXPECT_EQ(repaired->outcome, RepairOutcome::recovered) << form;
        const auto after = verdictOf(*crash.disk, "take.wav");
        EXPECT_TRUE(after.ok && !after.trailing) << form << ": " << after.defect;
        EXPECT_GE(after.frames, crash.safeFrames) << form;
        EXPECT_EQ(after.isRf64, after.dataBytes > kMaxRiffDataBytes || before.isRf64) << form;
        ASSERT_TRUE(undoInPlace(*crash.disk, "take.wav")) << form;
        EXPECT_TRUE(crash.disk->sameAs(original, "take.wav")) << form;
    }
}

TEST(FarPositions, WavEndsBelowTheLimit) {
    FarTake take({FileType::wav, kMaxRiffDataBytes});
    take.growTo(4 * kGiB);
    EXPECT_EQ(take.wantsToStop(), StopReason::sizeLimit);
    ASSERT_TRUE(take.finish());
    const auto verdict = verdictOf(take.disk, "take.wav");
    EXPECT_TRUE(verdict.ok && !verdict.hasDs64) << verdict.defect;
    EXPECT_EQ(verdict.dataBytes, kMaxRiffDataBytes / kFrameBytes * kFrameBytes);
}

}  // namespace
}  // namespace holdfast
