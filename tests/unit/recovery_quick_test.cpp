// Repair in place reads what it needs and no more, and says what it did not read.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "iocore/recovery/recovery_scan.h"
#include "iocore/recovery/recovery_writer.h"
#include "tests/support/take_builder.h"

namespace holdfast {
namespace {

// A take of which the header block is lost; `frames` of it in `segments`.
BuiltTake headless(std::uint64_t frames, std::uint64_t segmentFrames) {
    BuiltTake take = buildTake({.committedFrames = frames, .segmentFrames = segmentFrames});
    take.edit("take.wav", [](Bytes& wav) { std::fill_n(wav.begin(), 512, std::byte{0}); });
    return take;
}

RepairOptions optionsOf(const BuiltTake& take) {
    RepairOptions options;
    options.scan = take.options();
    options.removeRing = [](const std::string&) -> Result<> { return {}; };
    return options;
}

void countReads(FaultDisk& disk, std::uint64_t& reads) {
    disk.addHook([&](const DiskOp& op, std::size_t) {
        if (op.kind == DiskOp::Kind::read && op.name == "take.wav") ++reads;
        return 0;
    });
}

// Reads of the WAV by a repair in place of it; none is longer than 1 MiB.
std::uint64_t readsOf(std::uint64_t frames) {
    const BuiltTake take = headless(frames, 12'000);
    FaultDisk disk = take.disk();
    std::uint64_t reads = 0;
    countReads(disk, reads);
    const auto result = repairInPlace(disk, "take.wav", optionsOf(take));
    EXPECT_TRUE(result && result->outcome == RepairOutcome::recovered);
    EXPECT_EQ(audioOf(disk, "take.wav").size(), frames * 2);
    return reads;
}

TEST(RepairInPlaceQuick, WhatIsReadDoesNotGrowWithTheTake) {
    const std::uint64_t shorter = readsOf(1'200'000);
    EXPECT_GT(shorter, 0u);
    EXPECT_EQ(readsOf(4'800'000), shorter);
}

// However segments and reads lie to each other: a read of 256 KiB serves all that it meets.
TEST(RecoveryCheck, ReadsEachByteOnce) {
    for (const std::uint64_t segmentFrames : {500u, 90'000u, 300'000u}) {
        const BuiltTake take =
            buildTake({.committedFrames = 4'800'000, .segmentFrames = segmentFrames});
        FaultDisk disk = take.disk();
        std::uint64_t reads = 0;
        countReads(disk, reads);
        const auto report = RecoveryScan(disk, take.options()).check("take.wav");
        ASSERT_TRUE(report.has_value());
        EXPECT_EQ(report->verifiedFrames, 4'800'000u);
        const std::uint64_t headAndSeal = 12;
        EXPECT_LE(reads, 2 * 4'800'000u / (256 << 10) + headAndSeal) << segmentFrames;
    }
}

TEST(RepairInPlaceQuick, WhatWasNotReadIsSaidAndACheckFindsItsDamage) {
    BuiltTake take = headless(5'000, 250);
    take.edit("take.wav", [](Bytes& wav) { wav[2'000] ^= std::byte{1}; });
    FaultDisk disk = take.disk();
    const auto result = repairInPlace(disk, "take.wav", optionsOf(take));
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->report.recoverableFrames, 5'000u);
    EXPECT_EQ(result->report.uncheckedFrames, 4'750u);
    EXPECT_EQ(result->report.verifiedFrames, 250u);
    const auto after = RecoveryScan(disk, take.options()).check("take.wav");
    ASSERT_TRUE(after.has_value());
    EXPECT_EQ(after->verdict, Verdict::damaged);
    EXPECT_EQ(after->uncheckedFrames, 0u);
    ASSERT_EQ(after->damaged.size(), 1u);
    EXPECT_EQ(after->damaged.front().frames, 250u);
}

TEST(RepairInPlaceQuick, EndThatFailsItsChecksumIsNotBelieved) {
    BuiltTake take = headless(5'000, 250);
    take.edit("take.wav", [](Bytes& wav) { std::fill(wav.end() - 700, wav.end(), std::byte{0}); });
    ScanOptions quick = take.options();
    quick.verifyAll = false;
    FaultDisk disk = take.disk();
    const auto fast = RecoveryScan(disk, quick).check("take.wav");
    const auto full = RecoveryScan(disk, take.options()).check("take.wav");
    ASSERT_TRUE(fast && full);
    EXPECT_EQ(fast->recoverableFrames, full->recoverableFrames);
    EXPECT_LT(fast->recoverableFrames, 5'000u);
    EXPECT_EQ(fast->plan, full->plan);
}

// Damage anywhere in the journal: the quick look never comes to less than the full one, and where a
// record is missing between others it is the full one.
TEST(RepairInPlaceQuick, HoleInTheJournalIsReadAround) {
    const BuiltTake whole = headless(5'000, 250);
    const std::size_t length = whole.files.at("take.wav.journal")->size();
    constexpr std::size_t kLastRecordBytes = 96;  // a segment's
    int holes = 0;
    for (std::size_t at = kJournalHeaderBytes; at < length; at += 61) {
        BuiltTake take = whole;
        take.edit("take.wav.journal", [at](Bytes& journal) { journal[at] ^= std::byte{0x10}; });
        ScanOptions quick = take.options();
        quick.verifyAll = false;
        FaultDisk disk = take.disk();
        const auto fast = RecoveryScan(disk, quick).check("take.wav");
        const auto full = RecoveryScan(disk, take.options()).check("take.wav");
        ASSERT_TRUE(fast && full) << at;
        EXPECT_EQ(fast->recoverableFrames, full->recoverableFrames) << at;
        EXPECT_EQ(fast->plan, full->plan) << at;
        const bool hole = full->verifiedFrames < 5'000 && at + kLastRecordBytes < length;
        if (!hole) continue;
        ++holes;
        EXPECT_EQ(fast->verifiedFrames, full->verifiedFrames) << at;
    }
    EXPECT_GT(holes, 10);
}

TEST(RepairInPlace, SaysThatAnEarlierCopyHasMore) {
    const BuiltTake take = buildTake({.ringFrames = 1'400});
    FaultDisk disk = take.disk();
    ASSERT_TRUE(repairCopy(disk, "take.wav", optionsOf(take)).has_value());
    BuiltTake later = take;
    later.ring.clear();
    const auto result = repairInPlace(disk, "take.wav", optionsOf(later));
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->report.recoverableFrames, 1'000u);
    ASSERT_FALSE(result->notes.empty());
    EXPECT_NE(result->notes.front().find("400 frames more"), std::string::npos);
}

TEST(UndoLog, UnknownFileUnderItsTemporaryNameIsNotTouched) {
    const Bytes foreign = buildForeign({.riffBytes = 0, .dataBytes = 0});
    const Bytes stranger(300, std::byte{'x'});
    for (const Bytes& there : {stranger, Bytes(40, std::byte{0}), Bytes{}}) {
        FaultDisk disk = FaultDisk::fromImage(
            FileMap{{"f.wav", std::make_shared<const Bytes>(foreign)},
                    {"f.wav.undo.part", std::make_shared<const Bytes>(there)}});
        const auto result = repairInPlace(disk, "f.wav");
        if (there == stranger) {
            ASSERT_FALSE(result.has_value());
            EXPECT_EQ(result.error().code, EEXIST);
            EXPECT_EQ(fileOf(disk, "f.wav"), foreign);
            EXPECT_EQ(fileOf(disk, "f.wav.undo.part"), there);
        } else {
            ASSERT_TRUE(result.has_value());
            EXPECT_FALSE(disk.exists("f.wav.undo.part"));
        }
    }
}

// A ring that is there and cannot be read may be readable another day.
TEST(RepairCopy, RingThatCannotBeReadKeepsTheJournal) {
    const BuiltTake take = buildTake({.ringFrames = 1'400});
    RepairOptions options = optionsOf(take);
    options.scan.openRing = [](const std::string&) -> Result<std::unique_ptr<DiskFile>> {
        return fail(Stage::disk, EACCES, "the ring: permission denied");
    };
    FaultDisk disk = take.disk();
    const auto result = repairCopy(disk, "take.wav", options);
    ASSERT_TRUE(result.has_value());
    EXPECT_TRUE(result->damageLeft);
    EXPECT_TRUE(disk.exists("take.wav.journal"));
    EXPECT_EQ(std::ranges::count(result->report.notes, "disk: the ring: permission denied (13)"), 1)
        << result->report.notes.front();
}

// The recorder, or another repair, comes between the look and the lock.
TEST(Repair, LockThatIsGoneInTheMeantimeLeavesTheTakeAlone) {
    for (const bool inPlace : {false, true}) {
        const BuiltTake take = buildTake({.ringFrames = 1'400});
        FaultDisk disk = take.disk();
        const Bytes before = fileOf(disk, "take.wav");
        std::unique_ptr<DiskFile> other;
        RepairOptions options = optionsOf(take);
        options.scan.progress = [&](std::uint64_t, std::uint64_t) {
            if (other) return true;
            other = std::move(*disk.open("take.wav", Access::readWrite));
            return other->tryLock().value_or(false);
        };
        const auto result = inPlace ? repairInPlace(disk, "take.wav", options)
                                    : repairCopy(disk, "take.wav", options);
        ASSERT_TRUE(result.has_value());
        EXPECT_TRUE(other);
        EXPECT_EQ(result->outcome, RepairOutcome::leftAlone);
        EXPECT_EQ(result->report.verdict, Verdict::live);
        EXPECT_EQ(fileOf(disk, "take.wav"), before);
        EXPECT_EQ(disk.list()->size(), 2u);
    }
}

}  // namespace
}  // namespace holdfast
