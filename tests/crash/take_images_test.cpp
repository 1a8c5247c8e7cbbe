// Every state that a crash can leave of a short take (start, commits, gap, marker, stop), and the
// proof that the checker sees a protocol that is broken: FORMAT.md, sections 3 and 4.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "iocore/recorder/take_writer.h"
#include "tests/support/image_judge.h"
#include "tests/support/take_rig.h"

namespace holdfast {
namespace {

// Start, three commits with a gap and a marker among them, stop.
struct ShortTake {
    explicit ShortTake(const PcmFormat& format, std::optional<BextInfo> bext = {})
        : rig(FaultDisk(), RigOptions{.format = format, .bext = std::move(bext)}) {
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
        rig.deliver(77);
        const auto finished = rig.finish();
        EXPECT_TRUE(finished && *finished);
        EXPECT_TRUE(rig.errors.empty());
    }
    TakeRig rig;
};

class TakeImages : public testing::TestWithParam<PcmFormat> {};

TEST_P(TakeImages, EveryCrashStateOfAShortTakeIsSafe) {
    const ShortTake take(GetParam());
    const Judged judged = judge(take.rig.disk, GetParam(), take.rig.expected);
    EXPECT_EQ(judged.defects, 0u) << judged.first;
    EXPECT_GT(judged.kill.distinct, 40u);
    EXPECT_GT(judged.power.distinct, 400u);
    fmt::print("{}: {} kill images ({} distinct), {} power images ({} distinct), {} defects\n",
               GetParam().describe(), judged.kill.generated, judged.kill.distinct,
               judged.power.generated, judged.power.distinct, judged.defects);
}

TEST_P(TakeImages, RecoveryNeverHasLessThanAPlayerSaw) {
    const ShortTake take(GetParam());
    const Judged judged = judgeRecovery(take.rig.disk, GetParam(), take.rig.expected);
    EXPECT_EQ(judged.defects, 0u) << judged.first;
    fmt::print("{}: recovery of {} kill and {} power images, {} defects\n", GetParam().describe(),
               judged.kill.distinct, judged.power.distinct, judged.defects);
}

// Its bext chunk is part of what was promised: from `started` on no recovery lacks it.
TEST_P(TakeImages, BextIsNeverLost) {
    const BextInfo bext{{.description = "hearing 7"}, {2024, 2, 29, 3'661, 0}};
    const ShortTake take(GetParam(), bext);
    const Bytes chunk = encodeChunk({'b', 'e', 'x', 't'}, encodeBext(bext, GetParam(), 0));
    EXPECT_EQ(timesThere(*take.rig.disk.files().at("take.wav"), chunk), 1u);
    const Judged seen = judge(take.rig.disk, GetParam(), take.rig.expected);
    EXPECT_EQ(seen.defects, 0u) << seen.first;
    const Judged judged = judgeRecovery(take.rig.disk, GetParam(), take.rig.expected, chunk);
    EXPECT_EQ(judged.defects, 0u) << judged.first;
    fmt::print("{}: with bext {} kill and {} power images, {} defects\n", GetParam().describe(),
               judged.kill.distinct, judged.power.distinct, judged.defects);
}

INSTANTIATE_TEST_SUITE_P(Formats, TakeImages,
                         testing::Values(PcmFormat{48'000, 2, SampleType::S16, 0},
                                         PcmFormat{48'000, 1, SampleType::S24, 0},
                                         PcmFormat{8'000, 3, SampleType::F32, 0}),
                         [](const auto& instance) {
                             return fmt::format("{}x{}", sampleTypeName(instance.param.sampleType),
                                                instance.param.channels);
                         });

// ---- a broken protocol is seen: the true log with one thing wrong ----

// The first defect in the images of the log after `breakIt`.
std::string defectWhen(const std::function<void(Log&)>& breakIt) {
    const PcmFormat format{48'000, 2, SampleType::S16, 0};
    const ShortTake take(format);
    Log log = take.rig.disk.log();
    const std::size_t before = log.size();
    breakIt(log);
    EXPECT_NE(before, 0u);
    return judge(FaultDisk::importLog(log), format, take.rig.expected).first;
}

// Removes each sync of the WAV whose neighbour before it satisfies `follows`.
void dropSyncsAfter(Log& log, const std::function<bool(const DiskOp&)>& follows) {
    for (std::size_t i = log.size() - 1; i > 0; --i) {
        if (!isWavOp(log[i], DiskOp::Kind::sync)) continue;
        std::size_t before = i - 1;
        while (before > 0 && !isWavOp(log[before], DiskOp::Kind::write)) --before;
        if (follows(log[before])) log.erase(log.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

TEST(BrokenProtocol, UnbrokenLogHasNoDefect) {
    EXPECT_EQ(defectWhen([](Log&) {}), "");
}

TEST(BrokenProtocol, DroppedAudioBarrierIsCaught) {
    EXPECT_NE(defectWhen([](Log& log) { dropSyncsAfter(log, isAudioWrite); }), "");
}

TEST(BrokenProtocol, DroppedHeaderBarrierIsCaught) {
    EXPECT_NE(defectWhen([](Log& log) { dropSyncsAfter(log, isHeaderWrite); }), "");
}

TEST(BrokenProtocol, EmptySyncIsCaught) {
    EXPECT_NE(defectWhen([](Log& log) {
                  std::erase_if(log,
                                [](const DiskOp& op) { return op.kind == DiskOp::Kind::sync; });
              }),
              "");
}

// The header promises what is written only after it.
TEST(BrokenProtocol, HeaderBeforeAudioIsCaught) {
    EXPECT_NE(defectWhen([](Log& log) {
                  for (std::size_t i = 1; i < log.size(); ++i) {
                      std::size_t audio = i;
                      if (!isHeaderWrite(log[i])) continue;
                      while (audio > 0 && !isAudioWrite(log[audio])) --audio;
                      if (audio == 0) continue;
                      std::rotate(log.begin() + static_cast<std::ptrdiff_t>(audio),
                                  log.begin() + static_cast<std::ptrdiff_t>(i),
                                  log.begin() + static_cast<std::ptrdiff_t>(i) + 1);
                  }
              }),
              "");
}

// As mmioAscend would do it: RIFF size and data size in two writes, a plain kill apart.
TEST(BrokenProtocol, SizesInTwoWritesAreCaught) {
    EXPECT_NE(defectWhen([](Log& log) {
                  for (std::size_t i = log.size(); i-- > 0;) {
                      if (!isHeaderWrite(log[i])) continue;
                      DiskOp second = log[i];
                      log[i].bytes.resize(500);
                      second.offset = 500;
                      second.bytes.erase(second.bytes.begin(), second.bytes.begin() + 500);
                      log.insert(log.begin() + static_cast<std::ptrdiff_t>(i) + 1, second);
                  }
              }),
              "");
}

TEST(BrokenProtocol, RenameWithoutFolderSyncIsCaught) {
    EXPECT_NE(defectWhen([](Log& log) {
                  bool renamed = false;
                  std::erase_if(log, [&](const DiskOp& op) {
                      renamed = renamed || op.kind == DiskOp::Kind::rename;
                      return renamed && op.kind == DiskOp::Kind::folderSync;
                  });
              }),
              "");
}

TEST(BrokenProtocol, NameBeforeTheFirstCommitIsCaught) {
    EXPECT_NE(defectWhen([](Log& log) {
                  const auto rename = std::ranges::find(log, DiskOp::Kind::rename, &DiskOp::kind);
                  const DiskOp moved = *rename;
                  log.erase(rename);
                  const auto create = std::ranges::find_if(
                      log, [](const DiskOp& op) { return isWavOp(op, DiskOp::Kind::create); });
                  auto after = log.insert(create + 1, moved);
                  for (auto op = after + 1; op != log.end(); ++op) {
                      if (op->name == "take.part.wav") op->name = "take.wav";
                  }
              }),
              "");
}

}  // namespace
}  // namespace holdfast
