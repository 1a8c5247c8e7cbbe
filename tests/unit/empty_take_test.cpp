// A take without a frame is removed by a repair; whatever may hold one stays, byte for byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <sstream>

#include "iocore/base/little_endian.h"
#include "iocore/base/process_identity.h"
#include "iocore/recovery/folder_scan.h"
#include "iocore/recovery/recovery_scan.h"
#include "iocore/recovery/recovery_writer.h"
#include "tests/support/take_builder.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

using Repair = Result<RepairResult> (*)(DiskFolder&, const std::string&, const RepairOptions&);
constexpr Repair kRepairs[] = {repairCopy, repairInPlace};

BuiltTake emptyTake(TakeSpec spec = {}) {
    spec.wavName = "take.part.wav";
    spec.committedFrames = 0;
    return buildTake(spec);
}

// Counts the rings that were removed.
RepairOptions optionsOf(const BuiltTake& take, int* removed = nullptr) {
    RepairOptions options;
    options.scan = take.options();
    options.removeRing = [removed](const std::string&) -> Result<> {
        if (removed != nullptr) ++*removed;
        return {};
    };
    return options;
}

TEST(EmptyTake, PartFileAndJournalAreRemovedAndNamed) {
    const BuiltTake take = emptyTake();
    for (const Repair repair : kRepairs) {
        for (const char* name : {"take.part.wav", "take.wav.journal"}) {
            FaultDisk disk = take.disk();
            EXPECT_TRUE(RecoveryScan(disk, take.options()).check(name)->empty);
            const auto result = repair(disk, name, optionsOf(take));
            ASSERT_TRUE(result.has_value()) << result.error().message();
            EXPECT_EQ(result->outcome, RepairOutcome::removed);
            EXPECT_EQ(result->removed,
                      (std::vector<std::string>{"take.part.wav", "take.wav.journal"}));
            EXPECT_TRUE(disk.files().empty());
        }
    }
}

TEST(EmptyTake, EachOfItsFilesAloneIsRemoved) {
    for (const Repair repair : kRepairs) {
        for (const char* lost : {"take.part.wav", "take.wav.journal"}) {
            BuiltTake take = emptyTake();
            take.files.erase(lost);
            FaultDisk disk = take.disk();
            const std::string left = take.files.begin()->first;
            const auto result = repair(disk, left, optionsOf(take));
            ASSERT_TRUE(result.has_value()) << result.error().message();
            EXPECT_EQ(result->outcome, RepairOutcome::removed) << left;
            EXPECT_TRUE(disk.files().empty()) << left;
        }
    }
}

TEST(EmptyTake, ItsRingGoesWithItAndThatOfAnotherPartStays) {
    for (const std::uint32_t part : {1u, 2u}) {
        BuiltTake take = emptyTake({.ringFrames = 1, .ringPart = part});
        // One frame makes the builder add a ring; none is what is asked for.
        storeLe(take.ring.data() + offsetof(RingHeader, published), std::uint64_t{0});
        FaultDisk disk = take.disk();
        int rings = 0;
        const auto result = repairInPlace(disk, "take.part.wav", optionsOf(take, &rings));
        ASSERT_TRUE(result.has_value());
        EXPECT_EQ(result->outcome, RepairOutcome::removed);
        EXPECT_EQ(rings, part == 1 ? 1 : 0);
    }
}

// Each has, or may have, a frame somewhere.
TEST(EmptyTake, WhatMayHoldAFrameStays) {
    std::vector<std::pair<std::string, BuiltTake>> takes;
    takes.emplace_back("audio in the file", emptyTake({.tailFrames = 1}));
    takes.emplace_back("audio in the ring", emptyTake({.ringFrames = 1}));
    takes.emplace_back("a segment in the journal", emptyTake({.journalFrames = 100}));
    takes.emplace_back("zeros in the file", emptyTake({.behindAudio = Bytes(2'000)}));
    BuiltTake torn = emptyTake();
    torn.edit("take.wav.journal", [](Bytes& bytes) { bytes.resize(bytes.size() + 9, {}); });
    torn.edit("take.wav.journal", [](Bytes& bytes) { bytes.back() = std::byte{7}; });
    takes.emplace_back("a torn record", torn);
    BuiltTake final = emptyTake();
    final.files["take.wav"] = final.files.extract("take.part.wav").mapped();
    final.wavName = "take.wav";
    takes.emplace_back("a final name", final);
    BuiltTake cut = emptyTake({.ringFrames = 1});
    cut.ring.resize(1'000);
    takes.emplace_back("a ring that is cut short", cut);
    BuiltTake claims = buildTake({.wavName = "take.part.wav", .journal = false});
    claims.edit("take.part.wav", [](Bytes& bytes) { bytes.resize(512); });
    takes.emplace_back("a header that tells of audio", claims);
    for (const auto& [what, take] : takes) {
        for (const Repair repair : kRepairs) {
            FaultDisk disk = take.disk();
            const auto result = repair(disk, take.wavName, optionsOf(take));
            ASSERT_TRUE(result.has_value()) << what << ": " << result.error().message();
            EXPECT_NE(result->outcome, RepairOutcome::removed) << what;
            EXPECT_TRUE(result->removed.empty()) << what;
            EXPECT_GE(disk.files().size(), 1u) << what;
        }
    }
}

TEST(EmptyTake, RingThatCannotBeReadKeepsIt) {
    const BuiltTake take = emptyTake();
    FaultDisk disk = take.disk();
    RepairOptions options = optionsOf(take);
    options.scan.openRing = [](const std::string&) -> Result<std::unique_ptr<DiskFile>> {
        return fail(Stage::disk, EACCES, "ring: not allowed");
    };
    const auto result = repairInPlace(disk, "take.part.wav", options);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->outcome, RepairOutcome::leftAlone);
    EXPECT_EQ(disk.files().size(), 2u);
}

// The first process of the system: field 22 of its stat is its start time.
ProcessIdentity firstProcess() {
    std::ifstream file("/proc/1/stat");
    const std::string line(std::istreambuf_iterator<char>(file), {});
    std::istringstream rest(line.substr(std::min(line.size(), line.rfind(')') + 2)));
    const std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
    return {currentBootId(), 1, fields.size() > 19 ? std::stoull(fields[19]) : 0};
}

// Whatever the options say about living processes: its first frame may be on its way.
TEST(EmptyTake, LivingWriterKeepsIt) {
    const ProcessIdentity writer = firstProcess();
    if (!isAlive(writer)) GTEST_SKIP() << "no /proc";
    const BuiltTake take = emptyTake({.writer = writer});
    FaultDisk disk = take.disk();
    RepairOptions options = optionsOf(take);
    options.scan.ignoreLivingProcess = true;
    const auto result = repairInPlace(disk, "take.part.wav", options);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->report.verdict, Verdict::live);
    EXPECT_EQ(disk.files().size(), 2u);
}

TEST(EmptyTake, LockKeepsIt) {
    const BuiltTake take = emptyTake();
    for (const char* locked : {"take.part.wav", "take.wav.journal"}) {
        FaultDisk disk = take.disk();
        auto writer = disk.open(locked, Access::readWrite);
        ASSERT_TRUE(writer && (*writer)->tryLock().value_or(false));
        const auto result = repairInPlace(disk, "take.part.wav", optionsOf(take));
        ASSERT_TRUE(result.has_value());
        EXPECT_EQ(result->report.verdict, Verdict::live);
        EXPECT_EQ(disk.files().size(), 2u) << locked;
    }
}

// A start that was killed at once: the journal has its name, and nothing is in it.
TEST(EmptyTake, JournalThatWasNeverWrittenIsNamedAndRemoved) {
    for (const std::size_t zeros : {0, 100, 128, 4096}) {
        const TempFolder folder;
        const std::string name = "take.wav.journal";
        std::ofstream(folder.path() / name) << std::string(zeros, '\0');
        const auto finds = scanFolder(folder.path().string(), {});
        ASSERT_TRUE(finds.has_value());
        ASSERT_EQ(finds->takes.size(), 1u);
        EXPECT_EQ(finds->takes[0].name, name);
        for (const Repair repair : kRepairs) {
            FaultDisk disk =
                FaultDisk::fromImage(FileMap{{name, std::make_shared<const Bytes>(zeros)}});
            const auto result = repair(disk, name, {});
            ASSERT_TRUE(result.has_value()) << result.error().message();
            EXPECT_EQ(result->outcome, RepairOutcome::removed);
            EXPECT_TRUE(disk.files().empty());
        }
    }
}

TEST(EmptyTake, JournalThatSaysAnythingOrHasAFileBesideItStays) {
    const std::string name = "take.wav.journal";
    Bytes odd(200);
    odd[150] = std::byte{1};
    for (const FileMap& files : {FileMap{{name, std::make_shared<const Bytes>(odd)}},
                                 FileMap{{name, std::make_shared<const Bytes>()},
                                         {"take.part.wav", std::make_shared<const Bytes>(600)}},
                                 FileMap{{name, std::make_shared<const Bytes>()},
                                         {"take.wav", std::make_shared<const Bytes>(600)}}}) {
        FaultDisk disk = FaultDisk::fromImage(files);
        (void)repairInPlace(disk, name, {});
        EXPECT_EQ(disk.files().size(), files.size());
    }
}

TEST(EmptyTake, RemovalThatWasKilledIsGoneOnWith) {
    const BuiltTake take = emptyTake();
    for (std::size_t operations = 0; operations < 4; ++operations) {
        FaultDisk disk = take.disk();
        disk.failAt(operations, EIO, Repeat::forEver);
        (void)repairInPlace(disk, "take.part.wav", optionsOf(take));
        FaultDisk after = FaultDisk::fromImage(disk.files());
        if (after.files().empty()) continue;
        const std::string left = after.files().begin()->first;
        const auto again = repairInPlace(after, left, optionsOf(take));
        ASSERT_TRUE(again.has_value()) << again.error().message();
        EXPECT_EQ(again->outcome, RepairOutcome::removed) << operations;
        EXPECT_TRUE(after.files().empty()) << operations;
    }
}

}  // namespace
}  // namespace holdfast
