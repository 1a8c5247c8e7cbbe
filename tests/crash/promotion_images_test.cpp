// Every state that a crash can leave of a take that outgrows RIFF, at whichever commit, and the
// proof that a broken promotion is seen: FORMAT.md, "Promotion".
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "iocore/recovery/recovery_writer.h"
#include "tests/support/image_judge.h"
#include "tests/support/strict_wav_checker.h"
#include "tests/support/take_rig.h"

namespace holdfast {
namespace {

struct Promotion {
    std::string name;
    GrowthPolicy growth;
};

// Frames in the file at the commits below: 700, 1374, 1875, and 1953 at the end.
constexpr std::uint64_t kFrameBytes = 4;
std::vector<Promotion> promotions() {
    const auto after = [](std::uint64_t frames) {
        return GrowthPolicy{FileType::autoPromote, frames * kFrameBytes};
    };
    return {{"AtTheFirstCommit", after(699)},
            {"InTheMiddle", after(1'374)},
            {"AtTheEnd", after(1'875)},
            {"FromTheStart", {FileType::rf64, kMaxRiffDataBytes}}};
}

struct GrowingTake {
    GrowingTake(const PcmFormat& format, const GrowthPolicy& growth)
        : rig(FaultDisk(), RigOptions{.format = format, .growth = growth}) {
        EXPECT_TRUE(rig.take->begin());
        rig.deliver(700);
        EXPECT_TRUE(rig.commit());
        rig.deliver(301);
        rig.lose(40);
        rig.deliver(333);
        EXPECT_TRUE(rig.commit());
        EXPECT_TRUE(rig.take->addMarker("here", rig.take->writtenFrames()));
        rig.deliver(501);
        EXPECT_TRUE(rig.commit());
        rig.deliver(78);
        const auto finished = rig.finish();
        EXPECT_TRUE(finished && *finished);
        EXPECT_TRUE(rig.errors.empty());
    }
    TakeRig rig;
};

const PcmFormat kStereo{48'000, 2, SampleType::S16, 0};
const PcmFormat kFloat{48'000, 1, SampleType::F32, 0};  // has a fact chunk

class PromotionImages : public testing::TestWithParam<Promotion> {};

TEST_P(PromotionImages, EveryCrashStateIsSafe) {
    for (const PcmFormat& format : {kStereo, kFloat}) {
        const GrowingTake take(format, GetParam().growth);
        const Judged judged = judge(take.rig.disk, format, take.rig.expected);
        EXPECT_EQ(judged.defects, 0u) << judged.first;
        fmt::print("{}, {}: {} kill and {} power images, {} defects\n", GetParam().name,
                   format.describe(), judged.kill.distinct, judged.power.distinct, judged.defects);
        const wavcheck::Verdict end = wavcheck::checkWav(*take.rig.disk.files().at("take.wav"));
        EXPECT_TRUE(end.ok && end.isRf64 && !end.trailing) << end.defect;
        EXPECT_EQ(end.labels.size(), 2u);
    }
}

// Otherwise the images prove nothing about the promotion.
TEST_P(PromotionImages, EveryFormOfTheHeaderIsAmongTheStates) {
    const GrowingTake take(kStereo, GetParam().growth);
    std::map<std::pair<bool, bool>, int> seen;
    const auto look = [&](const CrashImage& image) {
        for (const char* name : {"take.part.wav", "take.wav"}) {
            const wavcheck::Verdict verdict = wavcheck::checkWav(image.at(name));
            if (verdict.ok) ++seen[{verdict.isRf64, verdict.hasDs64}];
        }
    };
    forEachKillImage(take.rig.disk, look, {.tornSectors = false});
    const std::size_t forms = GetParam().growth.fileType == FileType::rf64 ? 1 : 3;
    EXPECT_EQ(seen.size(), forms);
}

TEST_P(PromotionImages, RecoveryNeverHasLessThanAPlayerSaw) {
    for (const PcmFormat& format : {kStereo, kFloat}) {
        const GrowingTake take(format, GetParam().growth);
        const Judged judged = judgeRecovery(take.rig.disk, format, take.rig.expected);
        EXPECT_EQ(judged.defects, 0u) << judged.first;
        fmt::print("{}, {}: recovery of {} kill and {} power images, {} defects\n", GetParam().name,
                   format.describe(), judged.kill.distinct, judged.power.distinct, judged.defects);
    }
}

// What is wrong with a repair in place of the image and with taking it back.
std::string defectOfInPlace(const CrashImage& image) {
    const std::string name = image.has("take.wav") ? "take.wav" : "take.part.wav";
    if (!image.has(name)) return "";
    const Bytes before = image.at(name);
    const wavcheck::Verdict seen = wavcheck::checkWav(before);
    FaultDisk disk = FaultDisk::fromImage(image);
    RepairOptions options;
    options.scan.openRing = [](const std::string&) -> Result<std::unique_ptr<DiskFile>> {
        return fail(Stage::disk, ENOENT, "no ring after a power cut");
    };
    const auto repaired = repairInPlace(disk, name, options);
    if (!repaired) return "repair failed: " + repaired.error().message();
    if (repaired->outcome == RepairOutcome::removed) return defectOfRemoval(image, name);
    if (repaired->outcome != RepairOutcome::recovered) {
        return *disk.files().at(name) == before ? "" : "changed what it left alone";
    }
    const wavcheck::Verdict after = wavcheck::checkWav(*disk.files().at(repaired->resultName));
    if (!after.ok) return "after repair: " + after.defect;
    if (seen.ok && after.frames < seen.frames) return "fewer frames than a player saw";
    if (after.frames < image.acknowledged) return "fewer frames than were promised";
    const auto undone = undoInPlace(disk, repaired->resultName);
    if (!undone) return "undo failed: " + undone.error().message();
    return *disk.files().at(repaired->resultName) == before ? "" : "undo left other bytes";
}

TEST_P(PromotionImages, RepairInPlaceOfEveryStateIsSoundAndCanBeTakenBack) {
    const GrowingTake take(kStereo, GetParam().growth);
    std::uint64_t images = 0;
    std::string first;
    const auto look = [&](const CrashImage& image) {
        ++images;
        const std::string defect = defectOfInPlace(image);
        if (!defect.empty() && first.empty()) first = image.label + ": " + defect;
    };
    forEachKillImage(take.rig.disk, look);
    PowerOptions options;
    options.exhaustive = 6;
    options.randomSubsets = 16;
    options.sectorBytes = 128;
    forEachPowerImage(take.rig.disk, options, look);
    EXPECT_EQ(first, "");
    EXPECT_GT(images, 100u);
}

INSTANTIATE_TEST_SUITE_P(At, PromotionImages, testing::ValuesIn(promotions()),
                         [](const auto& instance) { return instance.param.name; });

// ---- a failing disk ----

// Each write and each barrier of the promoting commit fails once: it is done again, and the take
// ends as if nothing had been.
TEST(PromotionFaults, FailureOfAnyStepIsMadeGood) {
    for (const DiskOp::Kind kind : {DiskOp::Kind::write, DiskOp::Kind::sync}) {
        for (std::size_t nth = 0; nth < 3; ++nth) {
            TakeRig rig(FaultDisk(), {.growth = {FileType::autoPromote, 4'000}});
            ASSERT_TRUE(rig.take->begin());
            rig.deliver(1'000);
            ASSERT_TRUE(rig.commit());
            rig.deliver(500);
            std::size_t met = 0;
            bool failed = false;
            rig.disk.addHook([&](const DiskOp& op, std::size_t) {
                if (op.kind != kind || op.name != "take.wav" || met++ != nth) return 0;
                failed = true;
                return EIO;
            });
            ASSERT_TRUE(rig.commit());
            ASSERT_TRUE(failed);
            ASSERT_TRUE(rig.finish().value_or(false));
            std::string defect;
            EXPECT_EQ(audioOf(rig.disk, &defect), rig.expected) << defect;
            const auto end = wavcheck::checkWav(*rig.disk.files().at("take.wav"));
            EXPECT_TRUE(end.isRf64);
            EXPECT_EQ(judge(rig.disk, rig.options.format, rig.expected).first, "");
        }
    }
}

TEST(PromotionFaults, WavEndsAtTheLimitAndStaysRiff) {
    TakeRig rig(FaultDisk(), {.growth = {FileType::wav, 4'000}});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(1'500);
    ASSERT_TRUE(rig.commit());
    EXPECT_EQ(rig.take->wantsToStop(), StopReason::sizeLimit);
    ASSERT_TRUE(rig.finish());
    const auto end = wavcheck::checkWav(*rig.disk.files().at("take.wav"));
    EXPECT_TRUE(end.ok && !end.hasDs64) << end.defect;
    EXPECT_EQ(end.frames, 1'000u);
}

// ---- a broken promotion is seen: the true log with one thing wrong ----

bool startsWith(const DiskOp& op, std::string_view id, std::size_t at) {
    return isHeaderWrite(op) &&
           std::equal(id.begin(), id.end(), op.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                      [](char a, std::byte b) { return std::byte(a) == b; });
}
bool isRf64(const DiskOp& op) {
    return startsWith(op, "RF64", 0);
}
bool isFilled(const DiskOp& op) {
    return startsWith(op, "RIFF", 0) && startsWith(op, "ds64", 12);
}

// The order that a torn sector needs: before the first RF64 block a RIFF block with ds64 filled,
// of the same commit as the last one, and a barrier between.
std::string defectOfOrder(const Log& log) {
    const auto flip = std::ranges::find_if(log, isRf64);
    if (flip == log.end()) return "never promoted";
    const auto fill = std::find_if(log.begin(), flip, isFilled);
    if (fill == flip) return "ds64 is not filled before the flip";
    const auto last = std::find_if(std::make_reverse_iterator(fill), log.rend(), isHeaderWrite);
    if (last == log.rend()) return "no block before";
    if (decodeHeaderBlock(last->bytes).block.seal != decodeHeaderBlock(fill->bytes).block.seal) {
        return "the filled block is of another commit";
    }
    const bool synced =
        std::any_of(fill, flip, [](const DiskOp& op) { return isWavOp(op, DiskOp::Kind::sync); });
    return synced ? "" : "no barrier between fill and flip";
}

std::string defectWhen(const std::function<void(Log&)>& breakIt) {
    const GrowingTake take(kStereo, promotions()[1].growth);
    Log log = take.rig.disk.log();
    breakIt(log);
    const std::string order = defectOfOrder(log);
    if (!order.empty()) return order;
    return judge(FaultDisk::importLog(log), kStereo, take.rig.expected).first;
}

TEST(BrokenPromotion, UnbrokenLogHasNoDefect) {
    EXPECT_EQ(defectWhen([](Log&) {}), "");
}

TEST(BrokenPromotion, FlipWithoutFilledDs64IsCaught) {
    EXPECT_NE(defectWhen([](Log& log) { std::erase_if(log, isFilled); }), "");
}

TEST(BrokenPromotion, FlipWithoutABarrierBeforeItIsCaught) {
    EXPECT_NE(defectWhen([](Log& log) {
                  const auto fill = std::ranges::find_if(log, isFilled);
                  if (fill == log.end()) return;
                  log.erase(std::find_if(fill, log.end(), [](const DiskOp& op) {
                      return isWavOp(op, DiskOp::Kind::sync);
                  }));
              }),
              "");
}

TEST(BrokenPromotion, FillWithOtherSizesThanRiffsIsCaught) {
    EXPECT_NE(defectWhen([](Log& log) {
                  const auto fill = std::ranges::find_if(log, isFilled);
                  if (fill == log.end()) return;
                  std::fill_n(fill->bytes.begin() + 20, 24, std::byte{0});
              }),
              "");
}

TEST(BrokenPromotion, FlipInTwoWritesIsCaught) {
    EXPECT_NE(defectWhen([](Log& log) {
                  const auto flip = std::ranges::find_if(log, isRf64);
                  if (flip == log.end()) return;
                  DiskOp id = *flip;
                  id.bytes.resize(8);
                  log.insert(flip, id);
              }),
              "");
}

}  // namespace
}  // namespace holdfast
