// Repair of every file of the corpus: all that is there comes back, and nothing else in silence.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "iocore/recovery/recovery_scan.h"
#include "iocore/recovery/recovery_writer.h"
#include "tests/support/corpus.h"
#include "tests/support/fault_disk.h"
#include "tests/support/strict_wav_checker.h"
#include "tests/support/take_builder.h"

namespace holdfast {
namespace {

struct Repaired {
    RepairResult result;
    wavcheck::Verdict verdict;
    Judged judged;
};

ScanOptions optionsFor(const DamagedWav& file) {
    ScanOptions options;
    if (file.needsFormat) options.assumed = AssumedFormat{file.format};
    return options;
}

std::optional<Repaired> repaired(const DamagedWav& file) {
    const std::string name = "f" + file.ending;
    FaultDisk disk =
        FaultDisk::fromImage(FileMap{{name, std::make_shared<const Bytes>(file.bytes)}});
    RepairOptions options;
    options.scan = optionsFor(file);
    auto result = repairCopy(disk, name, options);
    if (!result) {
        ADD_FAILURE() << result.error().message();
        return std::nullopt;
    }
    EXPECT_TRUE(fileOf(disk, name) == file.bytes);
    Repaired done{std::move(*result), {}, {}};
    // What is sound may stay as it is; nothing to recover is said.
    const bool made = done.result.outcome == RepairOutcome::recovered;
    if (!made && done.result.outcome != RepairOutcome::nothingToDo) return done;
    const Bytes bytes = fileOf(disk, done.result.resultName);
    if (made) {
        done.verdict = wavcheck::checkWav(bytes);
        EXPECT_TRUE(done.verdict.ok) << done.verdict.defect;
        done.judged = judgeAudio(
            file, std::span(bytes).subspan(done.verdict.dataOffset, done.verdict.dataBytes));
        return done;
    }
    Bytes audio;
    const auto visit = [&](std::uint64_t, std::span<const std::byte> part) -> Result<> {
        audio.insert(audio.end(), part.begin(), part.end());
        return {};
    };
    EXPECT_TRUE(extractAudio(disk, name, options.scan, visit).has_value());
    done.judged = judgeAudio(file, audio);
    return done;
}

TEST(Corpus, HasEveryDamageInEveryContainer) {
    const auto corpus = makeCorpus();
    std::set<std::string> names;
    for (const DamagedWav& file : corpus) names.insert(file.name);
    EXPECT_EQ(names.size(), corpus.size());
    EXPECT_GE(corpus.size(), 60u);
}

TEST(Corpus, RepairYieldsAllThatIsThereAndNothingWrongInSilence) {
    for (const DamagedWav& file : makeCorpus()) {
        SCOPED_TRACE(file.name);
        const auto done = repaired(file);
        if (!done) continue;
        const RecoveryReport& report = done->result.report;
        EXPECT_EQ(done->judged.right, file.frames) << report.reason;
        // The only frames beyond are zeros that a reader must decide about, and they are told of.
        EXPECT_EQ(done->judged.wrong, file.zeroFrames);
        EXPECT_EQ(report.zeroTailFrames, file.zeroFrames);
        EXPECT_EQ(report.damageLeft || report.verdict == Verdict::unusable ||
                      report.verdict == Verdict::leftover,
                  file.partMissing)
            << verdictName(report.verdict) << " " << report.reason;
    }
}

TEST(Corpus, OtherChunksAreKept) {
    for (const DamagedWav& file : makeCorpus()) {
        if (file.keeps.empty()) continue;
        SCOPED_TRACE(file.name);
        const auto done = repaired(file);
        if (!done || done->result.outcome != RepairOutcome::recovered) continue;
        std::multiset<std::string> kept;
        for (const wavcheck::Chunk& chunk : done->verdict.chunks) kept.insert(chunk.id);
        for (const std::string& id : file.keeps) EXPECT_TRUE(kept.contains(id)) << id;
    }
}

TEST(Corpus, WithoutAFormatNothingIsGuessed) {
    for (const DamagedWav& file : makeCorpus()) {
        if (!file.needsFormat) continue;
        SCOPED_TRACE(file.name);
        const std::string name = "f" + file.ending;
        FaultDisk disk =
            FaultDisk::fromImage(FileMap{{name, std::make_shared<const Bytes>(file.bytes)}});
        const auto result = repairCopy(disk, name);
        ASSERT_TRUE(result.has_value());
        EXPECT_EQ(result->report.verdict, Verdict::unusable);
        EXPECT_FALSE(result->report.reason.empty());
    }
}

// What is repaired where it lies is sound afterwards and has the same audio; the rest refuses.
TEST(Corpus, RepairInPlaceMendsSizesOrRefuses) {
    int mended = 0;
    for (const DamagedWav& file : makeCorpus()) {
        SCOPED_TRACE(file.name);
        const std::string name = "f" + file.ending;
        FaultDisk disk =
            FaultDisk::fromImage(FileMap{{name, std::make_shared<const Bytes>(file.bytes)}});
        RepairOptions options;
        options.scan = optionsFor(file);
        const auto result = repairInPlace(disk, name, options);
        if (!result || result->outcome != RepairOutcome::recovered) {
            EXPECT_TRUE(fileOf(disk, name) == file.bytes);
            EXPECT_TRUE(result || result.error().text.find("copy") != std::string::npos);
            EXPECT_EQ(disk.list()->size(), 1u);
            continue;
        }
        ++mended;
        const auto after = RecoveryScan(disk).check(name);
        ASSERT_TRUE(after.has_value());
        EXPECT_EQ(after->verdict, Verdict::sound) << after->reason;
        EXPECT_EQ(after->recoverableFrames, file.frames + file.zeroFrames);
        ASSERT_TRUE(undoInPlace(disk, name).has_value());
        EXPECT_TRUE(fileOf(disk, name) == file.bytes);
    }
    EXPECT_GT(mended, 20);
}

}  // namespace
}  // namespace holdfast
