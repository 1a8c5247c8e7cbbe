// Repair as a copy, in place, and taking it back, on takes in every crash state.
#include "iocore/recovery/recovery_writer.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "iocore/base/little_endian.h"
#include "iocore/recovery/wav_scan.h"
#include "tests/support/take_builder.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

struct Repair {
    BuiltTake take;
    int ringsRemoved = 0;
    RepairOptions options;

    explicit Repair(const TakeSpec& spec) : take(buildTake(spec)) { prepare(); }
    explicit Repair(const Bytes& foreign) {
        take.wavName = "take.wav";
        take.files["take.wav"] = std::make_shared<const Bytes>(foreign);
        prepare();
    }
    void prepare() {
        options.scan = take.options();
        options.removeRing = [this](const std::string& path) -> Result<> {
            EXPECT_EQ(path, take.ringPath);
            ++ringsRemoved;
            return {};
        };
    }
    Repair(const Repair&) = delete;
};

RepairResult must(const Result<RepairResult>& result) {
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message());
    return result.value_or(RepairResult{});
}

std::uint32_t flagsOf(const FaultDisk& disk, const std::string& name) {
    return decodeHeaderBlock(fileOf(disk, name)).block.seal.flags;
}

constexpr std::uint32_t kDone = HeaderFlags::finished | HeaderFlags::recovered;

TEST(RepairCopy, WritesTheWholeTakeAndLeavesTheInputAlone) {
    Repair repair(TakeSpec{.tailFrames = 130, .ringFrames = 1'701, .markers = {{100, "here"}}});
    FaultDisk disk = repair.take.disk();
    const Bytes before = fileOf(disk, "take.wav");
    const RepairResult result = must(repairCopy(disk, "take.wav", repair.options));
    EXPECT_EQ(result.outcome, RepairOutcome::recovered);
    EXPECT_EQ(result.resultName, "take.recovered.wav");
    EXPECT_EQ(audioOf(disk, "take.recovered.wav"), rampAudio(0, 1'701));
    EXPECT_EQ(flagsOf(disk, "take.recovered.wav"), kDone);
    EXPECT_EQ(fileOf(disk, "take.wav"), before);
    auto file = disk.open("take.recovered.wav", Access::read);
    const auto scan = scanWav(**file);
    EXPECT_EQ(scan->state, WavState::sound);
    EXPECT_EQ(scan->after.extents.size(), 2u);  // cue and LIST
}

TEST(RepairCopy, RemovesJournalAndRingWhenNothingIsLeftToSave) {
    Repair repair(TakeSpec{.ringFrames = 1'700});
    FaultDisk disk = repair.take.disk();
    must(repairCopy(disk, "take.wav", repair.options));
    EXPECT_FALSE(disk.exists("take.wav.journal"));
    EXPECT_EQ(repair.ringsRemoved, 1);
}

TEST(RepairCopy, KeepsJournalAndRingWhenDamageIsLeft) {
    Repair repair(TakeSpec{.ringFrames = 1'700});
    repair.take.edit("take.wav", [](Bytes& wav) { wav[600] ^= std::byte{1}; });
    FaultDisk disk = repair.take.disk();
    const RepairResult result = must(repairCopy(disk, "take.wav", repair.options));
    EXPECT_TRUE(result.damageLeft);
    EXPECT_EQ(flagsOf(disk, "take.recovered.wav"), kDone | HeaderFlags::damageLeft);
    EXPECT_TRUE(disk.exists("take.wav.journal"));
    EXPECT_EQ(repair.ringsRemoved, 0);
    const RepairResult again = must(repairCopy(disk, "take.wav", repair.options));
    EXPECT_EQ(again.outcome, RepairOutcome::alreadyRecovered);
    EXPECT_TRUE(again.damageLeft);
}

TEST(RepairCopy, RingThatTheNextPartNeedsStays) {
    Repair repair(TakeSpec{.ringFrames = 1'700, .ringPart = 2});
    FaultDisk disk = repair.take.disk();
    must(repairCopy(disk, "take.wav", repair.options));
    EXPECT_EQ(repair.ringsRemoved, 0);
}

TEST(RepairCopy, RingWithAStrangeNameIsNeverRemoved) {
    Repair repair(TakeSpec{.ringFrames = 1'700});
    const std::string real = repair.take.ringPath;
    repair.take.ringPath = "/home/user/thesis.txt";
    // The journal names that path; what it opens is a ring all the same.
    Repair other(TakeSpec{.ringFrames = 1'700});
    ScanOptions options = other.take.options();
    options.openRing = [open = options.openRing, real](const std::string&) { return open(real); };
    BuiltTake take = other.take;
    StartRecord start;
    start.format = {48'000, 1, SampleType::S16, 0};
    start.fillGaps = 1;
    start.wavName = "take.wav";
    start.ringPath = "/home/user/thesis.txt";
    take.edit("take.wav.journal", [&](Bytes& journal) {
        journal.resize(kJournalHeaderBytes);
        const Bytes record = encodeRecord(RecordType::start, 0, kJournalHeaderBytes, take.salt,
                                          encodePayload(start));
        journal.insert(journal.end(), record.begin(), record.end());
    });
    FaultDisk disk = take.disk();
    RepairOptions repairOptions;
    repairOptions.scan = options;
    bool removed = false;
    repairOptions.removeRing = [&](const std::string&) -> Result<> {
        removed = true;
        return {};
    };
    const RepairResult result = must(repairCopy(disk, "take.wav", repairOptions));
    EXPECT_EQ(result.report.recoverableFrames, 1'700u);
    EXPECT_FALSE(removed);
    EXPECT_FALSE(result.notes.empty());
}

TEST(RepairCopy, SecondRunEndsAsTheFirstDid) {
    Repair repair(TakeSpec{.tailFrames = 200, .ringFrames = 1'700});
    FaultDisk disk = repair.take.disk();
    must(repairCopy(disk, "take.wav", repair.options));
    const Bytes first = fileOf(disk, "take.recovered.wav");
    repair.options.scan.openRing = nullptr;
    const RepairResult again = must(repairCopy(disk, "take.wav", repair.options));
    EXPECT_EQ(again.outcome, RepairOutcome::alreadyRecovered);
    EXPECT_EQ(again.resultName, "take.recovered.wav");
    EXPECT_EQ(fileOf(disk, "take.recovered.wav"), first);
}

TEST(RepairCopy, AnyOtherFileUnderItsNameIsRefusedAndUntouched) {
    for (const char* name : {"take.recovered.wav", "take.recovered.part.wav"}) {
        Repair repair(TakeSpec{.ringFrames = 1'700});
        FaultDisk disk = repair.take.disk();
        const Bytes precious(3'000, std::byte{7});
        auto file = disk.create(name, false);
        ASSERT_TRUE((*file)->writeAt(0, precious).has_value());
        file->reset();
        const auto result = repairCopy(disk, "take.wav", repair.options);
        ASSERT_FALSE(result.has_value()) << name;
        EXPECT_EQ(result.error().code, EEXIST);
        EXPECT_EQ(fileOf(disk, name), precious);
    }
}

TEST(RepairCopy, TooLittleSpaceIsSaidInBytesAndLeavesNothing) {
    Repair repair(TakeSpec{.ringFrames = 1'700});
    FaultDisk disk = repair.take.disk();
    std::uint64_t used = 0;
    for (const auto& [name, bytes] : disk.files()) used += bytes->size();
    disk.setCapacity(used + 3'000);
    const auto result = repairCopy(disk, "take.wav", repair.options);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ENOSPC);
    EXPECT_NE(result.error().text.find("3912"), std::string::npos) << result.error().text;
    EXPECT_NE(result.error().text.find("3000"), std::string::npos) << result.error().text;
    EXPECT_EQ(disk.files().size(), 2u);
}

TEST(RepairCopy, EveryFailingOperationLeavesOnlyTheInput) {
    Repair repair(TakeSpec{.ringFrames = 1'700, .markers = {{5, "five"}}});
    for (std::size_t at = 0;; ++at) {
        FaultDisk disk = repair.take.disk();
        disk.failAt(at, EIO);
        const auto result = repairCopy(disk, "take.wav", repair.options);
        ASSERT_EQ(fileOf(disk, "take.wav"), *repair.take.files.at("take.wav")) << at;
        if (disk.logSize() <= at) break;
        if (!result) {
            EXPECT_EQ(disk.exists("take.recovered.part.wav"), false) << at;
            EXPECT_TRUE(disk.exists("take.wav.journal")) << at;
        }
        disk.clearFaults();
        const RepairResult again = must(repairCopy(disk, "take.wav", repair.options));
        ASSERT_EQ(audioOf(disk, "take.recovered.wav"), rampAudio(0, 1'700)) << at;
        EXPECT_TRUE(again.outcome == RepairOutcome::recovered ||
                    again.outcome == RepairOutcome::alreadyRecovered);
    }
}

TEST(RepairCopy, CancellingLeavesNothing) {
    Repair repair(TakeSpec{.ringFrames = 1'700});
    FaultDisk disk = repair.take.disk();
    int calls = 0;
    repair.options.scan.progress = [&](std::uint64_t, std::uint64_t) { return ++calls < 7; };
    const auto result = repairCopy(disk, "take.wav", repair.options);
    ASSERT_FALSE(result.has_value());
    EXPECT_TRUE(isCancelled(result.error()));
    EXPECT_EQ(disk.files().size(), 2u);
}

TEST(RepairCopy, LiveTakeIsRefused) {
    Repair repair(TakeSpec{.ringFrames = 1'700});
    FaultDisk disk = repair.take.disk();
    auto held = disk.open("take.wav", Access::readWrite);
    ASSERT_TRUE(*(*held)->tryLock());
    EXPECT_EQ(must(repairCopy(disk, "take.wav", repair.options)).outcome, RepairOutcome::leftAlone);
    EXPECT_EQ(must(repairInPlace(disk, "take.wav", repair.options)).outcome,
              RepairOutcome::leftAlone);
    EXPECT_EQ(disk.files().size(), 2u);
}

TEST(RepairCopy, ForeignFileKeepsItsOtherChunks) {
    Repair repair(buildForeign({.riffBytes = 0,
                                .before = chunkOf("bext", std::string(77, 'b')),
                                .after = chunkOf("iXML", "<xml/>")}));
    FaultDisk disk = repair.take.disk();
    const RepairResult result = must(repairCopy(disk, "take.wav", repair.options));
    EXPECT_EQ(result.outcome, RepairOutcome::recovered);
    EXPECT_EQ(audioOf(disk, "take.recovered.wav"), rampAudio(0, 1'000));
    auto file = disk.open("take.recovered.wav", Access::read);
    const auto scan = scanWav(**file);
    EXPECT_EQ(scan->state, WavState::sound);
    ASSERT_EQ(scan->after.extents.size(), 2u);
    EXPECT_EQ(scan->after.extents[0].bytes, 77u);
    EXPECT_EQ(scan->after.extents[1].bytes, 6u);
    EXPECT_EQ(must(repairCopy(disk, "take.wav", repair.options)).outcome,
              RepairOutcome::alreadyRecovered);
}

TEST(RepairCopy, KeepsTheTimeOfTheTake) {
    Repair repair(TakeSpec{.ringFrames = 1'700});
    FaultDisk disk = repair.take.disk();
    (void)(*disk.open("take.wav", Access::readWrite))->setModificationTime(1'234'567'890);
    must(repairCopy(disk, "take.wav", repair.options));
    EXPECT_EQ(*(*disk.open("take.recovered.wav", Access::read))->modificationTime(), 1'234'567'890);
}

TEST(RepairCopy, FinishedTakeNeedsNothingButLosesItsLeftoverJournal) {
    Repair repair(TakeSpec{.finished = true, .ringFrames = 1'000});
    FaultDisk disk = repair.take.disk();
    EXPECT_EQ(must(repairCopy(disk, "take.wav", repair.options)).outcome,
              RepairOutcome::nothingToDo);
    EXPECT_EQ(disk.files().size(), 1u);
    EXPECT_EQ(repair.ringsRemoved, 1);
}

TEST(RepairInPlace, MakesTheTakeWholeUnderItsOwnName) {
    for (const char* wavName : {"take.wav", "take.part.wav"}) {
        Repair repair(TakeSpec{.wavName = wavName,
                               .tailFrames = 130,
                               .ringFrames = 1'701,
                               .markers = {{100, "here"}}});
        FaultDisk disk = repair.take.disk();
        const RepairResult result = must(repairInPlace(disk, wavName, repair.options));
        EXPECT_EQ(result.outcome, RepairOutcome::recovered);
        EXPECT_EQ(result.resultName, "take.wav");
        EXPECT_EQ(audioOf(disk, "take.wav"), rampAudio(0, 1'701));
        EXPECT_EQ(flagsOf(disk, "take.wav"), kDone);
        EXPECT_FALSE(disk.exists("take.wav.journal"));
        EXPECT_TRUE(disk.exists("take.wav.undo"));
        EXPECT_EQ(repair.ringsRemoved, 1);
        repair.options.scan.openRing = nullptr;
        EXPECT_EQ(must(repairInPlace(disk, "take.wav", repair.options)).outcome,
                  RepairOutcome::alreadyRecovered);
        EXPECT_EQ(must(repairCopy(disk, "take.wav", repair.options)).outcome,
                  RepairOutcome::alreadyRecovered);
    }
}

TEST(RepairInPlace, CanBeTakenBackAndDoneAgainWithoutTheRing) {
    for (const Bytes& behind : {Bytes{}, Bytes(5'000), Bytes(3'001, std::byte{5})}) {
        Repair repair(TakeSpec{.tailFrames = 130,
                               .ringFrames = 1'701,
                               .gapRecords = {{{500, 20, GapCause::moved}, 0, 500, 20}},
                               .behindAudio = behind});
        FaultDisk disk = repair.take.disk();
        const Bytes before = fileOf(disk, "take.wav");
        must(repairInPlace(disk, "take.wav", repair.options));
        const Bytes repaired = fileOf(disk, "take.wav");
        const auto undone = undoInPlace(disk, "take.wav");
        ASSERT_TRUE(undone.has_value()) << undone.error().message();
        EXPECT_TRUE(undone->undone);
        EXPECT_EQ(fileOf(disk, "take.wav"), before);
        EXPECT_TRUE(disk.exists("take.wav.journal"));
        EXPECT_FALSE(disk.exists("take.wav.undo"));
        EXPECT_FALSE(undoInPlace(disk, "take.wav")->undone);

        repair.options.scan.openRing = [](const std::string&) -> Result<std::unique_ptr<DiskFile>> {
            return fail(Stage::disk, ENOENT, "gone");
        };
        must(repairInPlace(disk, "take.wav", repair.options));
        EXPECT_EQ(audioOf(disk, "take.wav"), rampAudio(0, 1'701));
        EXPECT_EQ(fileOf(disk, "take.wav"), repaired);
    }
}

TEST(RepairInPlace, ForeignSizesAreRepairedAndTakenBack) {
    const std::vector<ForeignSpec> specs = {
        {.riffBytes = 0, .dataBytes = 0},
        {.riffBytes = 8, .dataBytes = 0},
        {.frames = 999, .riffBytes = 0xFFFF'FFFF, .dataBytes = 0xFFFF'FFFF},
        {.riffBytes = 0x7FFF'F024, .dataBytes = 0x7FFF'F000},
        {.riffBytes = 1'036, .dataBytes = 1'000},
        {.riffBytes = 0, .after = chunkOf("LIST", "INFOabc")}};
    for (const ForeignSpec& spec : specs) {
        Repair repair(buildForeign(spec));
        FaultDisk disk = repair.take.disk();
        const Bytes before = fileOf(disk, "take.wav");
        const RepairResult result = must(repairInPlace(disk, "take.wav", repair.options));
        EXPECT_EQ(result.outcome, RepairOutcome::recovered);
        auto file = disk.open("take.wav", Access::read);
        const auto scan = scanWav(**file);
        EXPECT_EQ(scan->state, WavState::sound) << scan->reason;
        EXPECT_EQ(scan->dataBytes, spec.frames * 2);
        EXPECT_EQ(scan->after.extents.size(), spec.after.empty() ? 0u : 1u);
        file->reset();
        EXPECT_EQ(must(repairInPlace(disk, "take.wav", repair.options)).outcome,
                  RepairOutcome::alreadyRecovered);
        const auto undone = undoInPlace(disk, "take.wav");
        ASSERT_TRUE(undone.has_value()) << undone.error().message();
        EXPECT_EQ(fileOf(disk, "take.wav"), before);
        EXPECT_EQ(disk.files().size(), 1u);
    }
}

TEST(RepairInPlace, ForeignFileCutShortNeedsACopy) {
    Repair repair(buildForeign({.dataBytes = 4'000}));
    FaultDisk disk = repair.take.disk();
    EXPECT_FALSE(repairInPlace(disk, "take.wav", repair.options).has_value());
    EXPECT_EQ(fileOf(disk, "take.wav"), *repair.take.files.at("take.wav"));
    EXPECT_EQ(disk.files().size(), 1u);
}

TEST(RepairInPlace, FileThatWasEditedSinceIsNotTakenBack) {
    Repair repair(TakeSpec{.ringFrames = 1'700});
    FaultDisk disk = repair.take.disk();
    must(repairInPlace(disk, "take.wav", repair.options));
    const Bytes edited = buildForeign({.frames = 77});
    ASSERT_TRUE(disk.remove("take.wav").has_value());
    ASSERT_TRUE((*disk.create("take.wav", false))->writeAt(0, edited).has_value());
    EXPECT_FALSE(undoInPlace(disk, "take.wav").has_value());
    EXPECT_EQ(fileOf(disk, "take.wav"), edited);
}

TEST(RepairInPlace, EveryFailingOperationCanBeGoneOnFromAndTakenBack) {
    Repair repair(TakeSpec{.tailFrames = 130, .ringFrames = 1'701, .markers = {{5, "five"}}});
    const Bytes before = *repair.take.files.at("take.wav");
    for (std::size_t at = 0;; ++at) {
        FaultDisk disk = repair.take.disk();
        disk.failAt(at, EIO);
        (void)repairInPlace(disk, "take.wav", repair.options);
        if (disk.logSize() <= at) break;
        disk.clearFaults();
        must(repairInPlace(disk, "take.wav", repair.options));
        ASSERT_EQ(audioOf(disk, "take.wav"), rampAudio(0, 1'701)) << at;
        const auto undone = undoInPlace(disk, "take.wav");
        ASSERT_TRUE(undone.has_value()) << at << " " << undone.error().message();
        ASSERT_EQ(fileOf(disk, "take.wav"), before) << at;
    }
}

// On the system's own files, as the tool runs.
TEST(RepairCopy, WorksOnTheSystemsFolder) {
    const TempFolder place;
    const std::filesystem::path& path = place.path();
    Repair repair(TakeSpec{.tailFrames = 300, .ringFrames = 1'500});
    for (const auto& [name, bytes] : repair.take.files) {
        std::ofstream(path / name, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes->data()),
                   static_cast<std::streamsize>(bytes->size()));
    }
    auto folder = openFolder(path.string());
    ASSERT_TRUE(folder.has_value());
    const RepairResult result = must(repairCopy(**folder, "take.wav", repair.options));
    EXPECT_EQ(result.outcome, RepairOutcome::recovered);
    EXPECT_EQ(std::filesystem::file_size(path / "take.recovered.wav"), 512u + 3'000u);
    const RepairResult second = must(repairInPlace(**folder, "take.wav", {}));
    EXPECT_EQ(second.outcome, RepairOutcome::recovered);
    EXPECT_TRUE(undoInPlace(**folder, "take.wav")->undone);
}

TEST(ExtractAudio, YieldsTheRecoverableAudio) {
    const BuiltTake take = buildTake({.ringFrames = 1'500});
    FaultDisk disk = take.disk();
    Bytes audio;
    const auto report =
        extractAudio(disk, "take.wav", take.options(),
                     [&](std::uint64_t, std::span<const std::byte> part) -> Result<> {
                         audio.insert(audio.end(), part.begin(), part.end());
                         return {};
                     });
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(audio, rampAudio(0, 1'500));
}

}  // namespace
}  // namespace holdfast
