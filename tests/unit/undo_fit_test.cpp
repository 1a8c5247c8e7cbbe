// An undo log beside a file that was recorded anew or edited since must not touch it.
#include "iocore/recovery/undo_fit.h"

#include <gtest/gtest.h>

#include "iocore/base/little_endian.h"
#include "iocore/recovery/recovery_writer.h"
#include "tests/support/take_builder.h"

namespace holdfast {
namespace {

constexpr std::int64_t kLater = 2'000'000'000;

// As an edit or a new recording leaves it; `time`: of the last write.
void replaceFile(FaultDisk& disk, const Bytes& bytes, std::int64_t time = kLater) {
    const auto file = disk.open("take.wav", Access::readWrite);
    ASSERT_TRUE(file.has_value());
    ASSERT_TRUE((*file)->resize(0).has_value());
    ASSERT_TRUE((*file)->writeAt(0, bytes).has_value());
    ASSERT_TRUE((*file)->setModificationTime(time).has_value());
}

FaultDisk diskOf(const Bytes& foreign) {
    return FaultDisk::fromImage({{"take.wav", std::make_shared<const Bytes>(foreign)}});
}

RepairOutcome repaired(FaultDisk& disk) {
    const auto result = repairInPlace(disk, "take.wav", {});
    EXPECT_TRUE(result.has_value()) << result.error().message();
    return result ? result->outcome : RepairOutcome::leftAlone;
}

// Neither is a word of it changed nor is the log of use.
void expectUndoRefused(FaultDisk& disk) {
    const FileMap before = disk.files();
    const auto undone = undoInPlace(disk, "take.wav");
    ASSERT_FALSE(undone.has_value());
    EXPECT_NE(undone.error().text.find("changed since"), std::string::npos) << undone.error().text;
    ASSERT_EQ(disk.files().size(), before.size());
    for (const auto& [name, bytes] : before) EXPECT_EQ(fileOf(disk, name), *bytes) << name;
}

// check, repair, repair --in-place and --undo of a file that is in order.
void expectJudgedByItself(FaultDisk& disk, std::uint64_t frames) {
    const Bytes before = fileOf(disk, "take.wav");
    const auto report = RecoveryScan(disk).check("take.wav");
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->verdict, Verdict::sound) << report->reason;
    EXPECT_EQ(report->recoverableFrames, frames);
    EXPECT_FALSE(report->undoInForce);
    EXPECT_FALSE(report->undoPossible);
    ASSERT_FALSE(report->notes.empty());
    EXPECT_EQ(report->notes.front(),
              "take.wav.undo is of an earlier state of take.wav and is ignored");
    const auto copied = repairCopy(disk, "take.wav", {});
    ASSERT_TRUE(copied.has_value()) << copied.error().message();
    EXPECT_EQ(copied->outcome, RepairOutcome::nothingToDo);
    EXPECT_FALSE(disk.exists("take.recovered.wav"));
    EXPECT_EQ(repaired(disk), RepairOutcome::nothingToDo);
    expectUndoRefused(disk);
    EXPECT_TRUE(disk.exists("take.wav.undo"));
    EXPECT_EQ(fileOf(disk, "take.wav"), before);
}

// Takes off the record that ends the log, which bears no payload: killed in front of it.
void reopen(FaultDisk& disk) {
    const auto log = disk.open("take.wav.undo", Access::readWrite);
    ASSERT_TRUE((*log)->resize(*(*log)->size() - kRecordHeaderBytes).has_value());
}

const ForeignSpec kBroken{.riffBytes = 0, .dataBytes = 0};

TEST(UndoFit, NewRecordingUnderTheNameOfAForeignFileIsJudgedByItself) {
    // As long as the old one, too: then only the time tells them apart.
    for (const std::uint64_t frames : {3'000u, 1'000u, 400u}) {
        FaultDisk disk = diskOf(buildForeign(kBroken));
        ASSERT_EQ(repaired(disk), RepairOutcome::recovered);
        Bytes anew = buildForeign({.frames = frames});
        anew.back() ^= std::byte{0x55};
        replaceFile(disk, anew);
        expectJudgedByItself(disk, frames);
    }
}

TEST(UndoFit, NewBrokenRecordingIsRepairedForWhatItIsAndNotTakenForTheOldOne) {
    FaultDisk disk = diskOf(buildForeign(kBroken));
    ASSERT_EQ(repaired(disk), RepairOutcome::recovered);
    const Bytes anew = buildForeign({.frames = 3'000, .riffBytes = 0, .dataBytes = 0});
    replaceFile(disk, anew);
    expectUndoRefused(disk);
    const Bytes log = fileOf(disk, "take.wav.undo");
    EXPECT_FALSE(repairInPlace(disk, "take.wav", {}).has_value());  // its log has no free name
    EXPECT_EQ(fileOf(disk, "take.wav"), anew);
    EXPECT_EQ(fileOf(disk, "take.wav.undo"), log);
    ASSERT_TRUE(repairCopy(disk, "take.wav", {}).has_value());
    EXPECT_EQ(audioOf(disk, "take.recovered.wav"), rampAudio(0, 3'000));
    EXPECT_EQ(fileOf(disk, "take.wav"), anew);
}

// A tag editor: a chunk behind, and the size in the header.
Bytes tagged(Bytes wav) {
    const Bytes list = chunkOf("LIST", "INFOIART by hand ");
    wav.insert(wav.end(), list.begin(), list.end());
    storeLe(wav.data() + 4, static_cast<std::uint32_t>(wav.size() - 8));
    return wav;
}

TEST(UndoFit, EditThatKeepsOurHeaderIsJudgedByItself) {
    for (const std::int64_t time : {kLater, std::int64_t{1'000'000'000}}) {
        const BuiltTake take = buildTake({.tailFrames = 130, .journalFrames = 1'130});
        FaultDisk disk = take.disk();
        ASSERT_EQ(repaired(disk), RepairOutcome::recovered);
        replaceFile(disk, tagged(fileOf(disk, "take.wav")), time);
        expectJudgedByItself(disk, 1'130);
    }
}

TEST(UndoFit, EditOfTheAudioAloneIsNotTakenBack) {
    const BuiltTake take = buildTake({.tailFrames = 130, .journalFrames = 1'130});
    FaultDisk disk = take.disk();
    ASSERT_EQ(repaired(disk), RepairOutcome::recovered);
    Bytes edited = fileOf(disk, "take.wav");
    edited[600] ^= std::byte{1};
    replaceFile(disk, edited);
    expectUndoRefused(disk);
}

TEST(UndoFit, EditAfterAKilledRepairIsNotTakenBack) {
    const Bytes foreign = buildForeign(kBroken);
    const BuiltTake take = buildTake({.tailFrames = 130, .journalFrames = 1'130});
    for (const bool ours : {false, true}) {
        FaultDisk disk = ours ? take.disk() : diskOf(foreign);
        ASSERT_EQ(repaired(disk), RepairOutcome::recovered);
        reopen(disk);
        const auto open = RecoveryScan(disk).check("take.wav");
        ASSERT_TRUE(open->undoInForce);
        const Bytes whole = fileOf(disk, "take.wav");
        replaceFile(disk, ours ? tagged(whole) : buildForeign({.frames = 3'000}));
        expectJudgedByItself(disk, ours ? 1'130 : 3'000);
    }
}

// With the time kept, as some editors do, and after a killed repair: head and length each decide.
TEST(UndoFit, AnyOtherHeadOrLengthIsNotTakenBack) {
    for (const bool ended : {true, false}) {
        for (const bool ours : {true, false}) {
            for (const bool longer : {true, false}) {
                FaultDisk disk = ours
                                     ? buildTake({.tailFrames = 130, .journalFrames = 1'130}).disk()
                                     : diskOf(buildForeign(kBroken));
                ASSERT_EQ(repaired(disk), RepairOutcome::recovered);
                if (!ended) reopen(disk);
                Bytes edited = fileOf(disk, "take.wav");
                if (longer) edited.resize(edited.size() + 64, std::byte{9});
                if (!longer) edited[24] ^= std::byte{0xFF};  // the rate
                replaceFile(disk, edited, 1'000'000'000);
                expectUndoRefused(disk);
            }
        }
    }
}

// The last commits of a killed recorder may not have reached the disk when the log had.
TEST(UndoFit, OlderCommitOfTheSameTakeAfterAPowerCutStillHasItsLog) {
    const BuiltTake take = buildTake({.tailFrames = 130, .journalFrames = 1'130});
    FaultDisk disk = take.disk();
    const Bytes before = fileOf(disk, "take.wav");
    ASSERT_EQ(repaired(disk), RepairOutcome::recovered);
    reopen(disk);
    const BuiltTake older = buildTake({.committedFrames = 500});
    ASSERT_EQ(older.takeId, take.takeId);
    replaceFile(disk, *older.files.at("take.wav"));
    const auto undone = undoInPlace(disk, "take.wav");
    ASSERT_TRUE(undone.has_value()) << undone.error().message();
    EXPECT_EQ(fileOf(disk, "take.wav").size(), before.size());
}

// The head may be torn anywhere, and the length is cut after it.
TEST(UndoFit, TakingBackThatWasKilledIsKnownForOurOwnWork) {
    const BuiltTake take = buildTake({.tailFrames = 130, .journalFrames = 1'130});
    for (const FaultDisk& start : {take.disk(), diskOf(buildForeign(kBroken))}) {
        const Bytes before = fileOf(start, "take.wav");
        FaultDisk disk = FaultDisk::fromImage(start.files());
        ASSERT_EQ(repaired(disk), RepairOutcome::recovered);
        const Bytes after = fileOf(disk, "take.wav");
        FaultDisk undoing = FaultDisk::fromImage(disk.files());
        const std::size_t reopened = undoing.logSize() + 2;  // record and sync
        undoing.failAt(reopened, EIO);
        ASSERT_FALSE(undoInPlace(undoing, "take.wav").has_value());
        undoing.clearFaults();
        ASSERT_EQ(fileOf(undoing, "take.wav").size(), after.size());
        for (std::size_t torn = 0; torn <= 44; ++torn) {
            FaultDisk killed = FaultDisk::fromImage(undoing.files());
            Bytes now = after;
            std::copy_n(before.begin(), torn, now.begin());
            replaceFile(killed, now);
            const auto undone = undoInPlace(killed, "take.wav");
            ASSERT_TRUE(undone.has_value()) << torn << ": " << undone.error().message();
            EXPECT_EQ(fileOf(killed, "take.wav"), before) << torn;
        }
    }
}

}  // namespace
}  // namespace holdfast
