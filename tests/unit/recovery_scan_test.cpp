// RecoveryScan on the states a crash can leave: what it finds, proves, drops, and says.
#include "iocore/recovery/recovery_scan.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "iocore/base/little_endian.h"
#include "iocore/recovery/plan_reader.h"
#include "tests/support/take_builder.h"

namespace holdfast {
namespace {

struct Scanned {
    RecoveryReport report;
    Bytes audio;  // of the plan
};

Scanned scan(const BuiltTake& take, const std::string& name, ScanOptions options) {
    FaultDisk disk = take.disk();
    auto found = scanWithSources(disk, name, options);
    EXPECT_TRUE(found.has_value()) << (found ? "" : found.error().message());
    if (!found) return {};
    Scanned result;
    auto read =
        readPlan(*found, 0, [&](std::uint64_t, std::span<const std::byte> audio) -> Result<> {
            result.audio.insert(result.audio.end(), audio.begin(), audio.end());
            return {};
        });
    EXPECT_TRUE(read.has_value());
    result.report = std::move(found->report);
    EXPECT_EQ(result.audio.size(),
              result.report.recoverableFrames *
                  (result.report.plan.empty() ? 0 : result.report.format.bytesPerFrame()));
    EXPECT_EQ(result.report.verifiedFrames + result.report.readableFrames,
              result.report.recoverableFrames);
    bool changed = false;
    for (const auto& op : disk.log()) changed = changed || op.kind != DiskOp::Kind::acknowledge;
    EXPECT_FALSE(changed) << "a scan writes nothing";
    return result;
}
Scanned scan(const BuiltTake& take) {
    return scan(take, take.wavName, take.options());
}

TEST(RecoveryScan, FinishedTakeIsSound) {
    const Scanned got = scan(buildTake({.finished = true}));
    EXPECT_EQ(got.report.verdict, Verdict::sound) << got.report.reason;
    EXPECT_EQ(got.report.verifiedFrames, 1'000u);
    EXPECT_EQ(got.audio, rampAudio(0, 1'000));
}

TEST(RecoveryScan, RingBringsBackEveryCapturedFrame) {
    const Scanned got = scan(buildTake({.tailFrames = 130, .ringFrames = 1'700}));
    EXPECT_EQ(got.report.verdict, Verdict::unfinished);
    EXPECT_EQ(got.report.recoverableFrames, 1'700u);
    EXPECT_EQ(got.report.ringFrames, 700u);
    EXPECT_EQ(got.report.verifiedFrames, 1'700u);
    EXPECT_EQ(got.report.headerFrames, 1'000u);
    EXPECT_EQ(got.report.lastSafeFrame, 1'000u);
    EXPECT_EQ(got.audio, rampAudio(0, 1'700));
    EXPECT_TRUE(got.report.ringSpent);
}

TEST(RecoveryScan, RingIsReadAcrossItsWrap) {
    const Scanned got = scan(buildTake({.ringFrames = 1'500, .ringCapacity = 600}));
    EXPECT_EQ(got.audio, rampAudio(0, 1'500));
}

TEST(RecoveryScan, GapsOfTheRingAreFilledAndMarked) {
    TakeSpec spec{.ringFrames = 1'200};
    spec.ringGaps = {{1'100, 40, GapCause::ringFull},
                     {1'150, 5'000, GapCause::driverOverrun},
                     {1'160, 99, GapCause::paused}};
    spec.pendingGap = {0, 7, GapCause::deviceLost};
    const Scanned got = scan(buildTake(spec));
    // The second is filled up to the limit of 1000 frames, the pause not at all.
    EXPECT_EQ(got.audio, joined({rampAudio(0, 1'100), Bytes(80), rampAudio(1'100, 50), Bytes(2'000),
                                 rampAudio(1'150, 50)}));
    ASSERT_EQ(got.report.gaps.size(), 4u);
    EXPECT_EQ(got.report.gaps[0].frame, 1'100u);
    EXPECT_EQ(got.report.gaps[1].frame, 1'190u);
    EXPECT_EQ(got.report.gaps[1].filledFrames, 1'000u);
    EXPECT_EQ(got.report.gaps[2].filledFrames, 0u);
    EXPECT_EQ(got.report.gaps[3].frame, 2'240u);
    EXPECT_EQ(got.report.gaps[3].frames, 7u);
}

TEST(RecoveryScan, RingThatDoesNotCountIsIgnoredAndNamed) {
    const Scanned otherBoot = scan(buildTake({.ringFrames = 1'700, .ringOfThisBoot = false}));
    EXPECT_EQ(otherBoot.audio, rampAudio(0, 1'000));
    ASSERT_FALSE(otherBoot.report.notes.empty());
    EXPECT_NE(otherBoot.report.notes.front().find("reboot"), std::string::npos);
    const Scanned monitoring =
        scan(buildTake({.ringFrames = 1'700, .ringUse = RingUse::monitoring}));
    EXPECT_EQ(monitoring.audio, rampAudio(0, 1'000));
    BuiltTake damaged = buildTake({.ringFrames = 1'700});
    damaged.ring[8] ^= std::byte{1};
    EXPECT_EQ(scan(damaged).audio, rampAudio(0, 1'000));
}

TEST(RecoveryScan, SegmentsBehindTheHeaderAreProvenAndTheRestReadable) {
    const Scanned got = scan(buildTake({.tailFrames = 600, .journalFrames = 1'500}));
    EXPECT_EQ(got.report.verdict, Verdict::unfinished);
    EXPECT_EQ(got.audio, rampAudio(0, 1'600));
    EXPECT_EQ(got.report.verifiedFrames, 1'500u);
    EXPECT_EQ(got.report.readableFrames, 100u);
}

TEST(RecoveryScan, WithoutAJournalHeaderAndTailAreRead) {
    const Scanned got = scan(buildTake({.tailFrames = 600, .journal = false}));
    EXPECT_EQ(got.audio, rampAudio(0, 1'600));
    EXPECT_EQ(got.report.verifiedFrames, 250u);  // the seal's last segment
    EXPECT_EQ(got.report.verdict, Verdict::unfinished);
}

TEST(RecoveryScan, JournalAheadOfTheDataLosesNothing) {
    const Scanned got = scan(buildTake({.tailFrames = 100, .journalFrames = 2'000}));
    EXPECT_EQ(got.audio, rampAudio(0, 1'100));
    ASSERT_EQ(got.report.dropped.size(), 1u);
    EXPECT_EQ(got.report.dropped[0].bytes, 1'800u);
}

TEST(RecoveryScan, TailOfZerosIsDroppedAndReported) {
    const Scanned got = scan(buildTake({.tailFrames = 50, .behindAudio = Bytes(4'000)}));
    EXPECT_EQ(got.audio, rampAudio(0, 1'050));
    ASSERT_EQ(got.report.dropped.size(), 1u);
    EXPECT_EQ(got.report.dropped[0].bytes, 4'000u);
}

TEST(RecoveryScan, RunOfZerosShorterThanASectorIsAudio) {
    BuiltTake take = buildTake({.committedFrames = 1'000});
    take.edit("take.wav", [](Bytes& wav) { wav.resize(wav.size() + 300); });
    EXPECT_EQ(scan(take).report.recoverableFrames, 1'150u);
}

TEST(RecoveryScan, EndInsideAFrameIsCutThere) {
    const Scanned got = scan(buildTake({.tailFrames = 10, .behindAudio = Bytes(1, std::byte{9})}));
    EXPECT_EQ(got.audio, rampAudio(0, 1'010));
    ASSERT_EQ(got.report.dropped.size(), 1u);
    EXPECT_EQ(got.report.dropped[0].bytes, 1u);
}

TEST(RecoveryScan, TrailingChunksCutShortAreNotAudio) {
    Bytes list = chunkOf("LIST", "adtl and so on, cut short here");
    list.resize(20);
    const Scanned got =
        scan(buildTake({.tailFrames = 100, .dataEndBytes = 2'200, .behindAudio = list}));
    EXPECT_EQ(got.audio, rampAudio(0, 1'100));
}

TEST(RecoveryScan, RingOfTheNextPartIsLeftToIt) {
    const Scanned got = scan(buildTake({.tailFrames = 100, .ringFrames = 1'700, .ringPart = 2}));
    EXPECT_EQ(got.audio, rampAudio(0, 1'000));
    EXPECT_FALSE(got.report.ringSpent);
}

// Killed between the end of its audio and the next part's begin.
TEST(RecoveryScan, RingOfThisPartGoesOnBehindItsDataEnd) {
    const Scanned got = scan(buildTake({.ringFrames = 1'700, .dataEndBytes = 2'400}));
    EXPECT_EQ(got.audio, rampAudio(0, 1'700));
    EXPECT_TRUE(got.report.ringSpent);
}

TEST(RecoveryScan, TornHeaderIsReplacedByTheJournal) {
    for (const auto& [from, to] : std::vector<std::pair<std::size_t, std::size_t>>{
             {0, 512}, {0, 256}, {256, 512}, {400, 420}, {56, 60}, {504, 512}}) {
        BuiltTake take =
            buildTake({.tailFrames = 500, .journalFrames = 1'500, .ringFrames = 1'800});
        take.edit("take.wav", [&, a = from, b = to](Bytes& wav) {
            std::fill(wav.begin() + static_cast<std::ptrdiff_t>(a),
                      wav.begin() + static_cast<std::ptrdiff_t>(b), std::byte{0});
        });
        const Scanned got = scan(take);
        EXPECT_EQ(got.report.verdict, Verdict::unfinished) << from << " " << got.report.reason;
        EXPECT_EQ(got.audio, rampAudio(0, 1'800)) << from;
        take.ring.clear();
        EXPECT_EQ(scan(take).audio, rampAudio(0, 1'500)) << from;
    }
}

TEST(RecoveryScan, EmptyOrZeroFileWithARingIsWhollyBroughtBack) {
    for (std::size_t length : {0u, 100u, 512u, 3'000u}) {
        BuiltTake take = buildTake({.committedFrames = 0, .ringFrames = 900});
        take.edit("take.wav", [&](Bytes& wav) { wav.assign(length, std::byte{0}); });
        EXPECT_EQ(scan(take).audio, rampAudio(0, 900)) << length;
    }
}

TEST(RecoveryScan, HeaderOnlyWithNothingBehindItIsLeftover) {
    EXPECT_EQ(scan(buildTake({.committedFrames = 0})).report.verdict, Verdict::leftover);
}

TEST(RecoveryScan, FileShorterThanItsHeaderIsDamaged) {
    BuiltTake take = buildTake({});
    take.edit("take.wav", [](Bytes& wav) { wav.resize(512 + 1'500); });
    const Scanned got = scan(take);
    EXPECT_EQ(got.report.verdict, Verdict::damaged);
    EXPECT_EQ(got.audio, rampAudio(0, 750));
    EXPECT_EQ(got.report.dropped.at(0).bytes, 500u);
}

TEST(RecoveryScan, HoleInTheMiddleIsReportedAndWhatStandsBehindItKept) {
    BuiltTake take = buildTake({.tailFrames = 500, .journalFrames = 1'500});
    take.edit("take.wav",
              [](Bytes& wav) { std::fill_n(wav.begin() + 512 + 250 * 2, 250 * 2, std::byte{0}); });
    const Scanned got = scan(take);
    EXPECT_EQ(got.report.verdict, Verdict::damaged);
    EXPECT_EQ(got.report.recoverableFrames, 1'500u);
    ASSERT_EQ(got.report.damaged.size(), 1u);
    EXPECT_EQ(got.report.damaged[0].frame, 250u);
    EXPECT_EQ(got.report.damaged[0].frames, 250u);
    EXPECT_EQ(got.report.verifiedFrames, 1'250u);
}

TEST(RecoveryScan, LastCommitThatFailsItsChecksumComesFromTheRing) {
    BuiltTake take = buildTake({.ringFrames = 1'300});
    // The ring still has it: what is durable there is one commit behind.
    storeLe(take.ring.data() + offsetof(RingHeader, durable), std::uint64_t{750});
    take.edit("take.wav", [](Bytes& wav) { wav[512 + 800 * 2] ^= std::byte{0xFF}; });
    const Scanned got = scan(take);
    EXPECT_EQ(got.audio, rampAudio(0, 1'300));
    EXPECT_EQ(got.report.verdict, Verdict::unfinished);
}

TEST(RecoveryScan, JournalOfAnotherTakeIsIgnoredAndNamed) {
    BuiltTake take = buildTake({.tailFrames = 100});
    const auto header = JournalHeader{TakeId::random(), {}, 5, {}, 1};
    take.files["take.wav.journal"] = std::make_shared<const Bytes>(encodeJournalHeader(header));
    const Scanned got = scan(take);
    EXPECT_EQ(got.audio, rampAudio(0, 1'100));
    EXPECT_TRUE(got.report.journalName.empty());
    EXPECT_NE(got.report.notes.at(0).find("another take"), std::string::npos);
}

TEST(RecoveryScan, JournalIsFoundByTakeIdAfterTheFileWasRenamed) {
    const BuiltTake take = buildTake({.wavName = "moved.wav", .ringFrames = 1'400});
    const Scanned got = scan(take);
    EXPECT_EQ(got.report.journalName, "take.wav.journal");
    EXPECT_EQ(got.audio, rampAudio(0, 1'400));
    const Scanned byJournal = scan(take, "take.wav.journal", take.options());
    EXPECT_EQ(byJournal.report.wavName, "moved.wav");
    EXPECT_EQ(byJournal.audio, rampAudio(0, 1'400));
}

TEST(RecoveryScan, PartFileFindsTheJournalOfItsFinalName) {
    const Scanned got = scan(buildTake({.wavName = "take.part.wav", .ringFrames = 1'400}));
    EXPECT_EQ(got.report.journalName, "take.wav.journal");
    EXPECT_EQ(got.report.finalName, "take.wav");
    EXPECT_EQ(got.report.outputName, "take.recovered.wav");
    EXPECT_EQ(got.audio, rampAudio(0, 1'400));
}

TEST(RecoveryScan, TornJournalTailIsANormalEnd) {
    for (std::size_t cut : {1u, 20u, 95u, 100u}) {
        BuiltTake take = buildTake({.ringFrames = 1'400});
        take.edit("take.wav.journal",
                  [&](Bytes& journal) { journal.resize(journal.size() - cut); });
        EXPECT_EQ(scan(take).audio, rampAudio(0, 1'400)) << cut;
    }
}

TEST(RecoveryScan, DamagedJournalRecordIsSteppedOver) {
    BuiltTake take = buildTake({.tailFrames = 500, .journalFrames = 1'500});
    take.edit("take.wav.journal", [](Bytes& journal) {
        journal[journal.size() - 3 * 96 + 40] ^= std::byte{1};  // the last but two
    });
    const Scanned got = scan(take);
    EXPECT_EQ(got.audio, rampAudio(0, 1'500));
    EXPECT_FALSE(got.report.notes.empty());
}

TEST(RecoveryScan, FileThatAnotherProgramRewroteIsLeftAlone) {
    BuiltTake take = buildTake({.ringFrames = 0});
    take.files["take.wav"] = std::make_shared<const Bytes>(buildForeign({.frames = 300}));
    EXPECT_EQ(scan(take).report.verdict, Verdict::rewritten);
}

TEST(RecoveryScan, JournalWithoutItsAudioIsLeftover) {
    BuiltTake take = buildTake({});
    take.files.erase("take.wav");
    EXPECT_EQ(scan(take, "take.wav.journal", take.options()).report.verdict, Verdict::leftover);
    // What the ring still holds is not given up.
    BuiltTake withRing = buildTake({.ringFrames = 1'400});
    withRing.files.erase("take.wav");
    const Scanned got = scan(withRing, "take.wav.journal", withRing.options());
    EXPECT_EQ(got.report.verdict, Verdict::damaged);
    EXPECT_EQ(got.audio, rampAudio(1'000, 400));
}

TEST(RecoveryScan, LockedTakeIsLive) {
    const BuiltTake take = buildTake({.ringFrames = 1'400});
    for (const char* name : {"take.wav", "take.wav.journal"}) {
        FaultDisk disk = take.disk();
        auto held = disk.open(name, Access::readWrite);
        ASSERT_TRUE(*(*held)->tryLock());
        const auto report = RecoveryScan(disk, take.options()).check("take.wav");
        EXPECT_EQ(report->verdict, Verdict::live) << name;
        held->reset();
        EXPECT_EQ(RecoveryScan(disk, take.options()).check("take.wav")->verdict,
                  Verdict::unfinished);
    }
}

TEST(RecoveryScan, MarkersAndGapsOfTheJournalAreReported) {
    TakeSpec spec;
    spec.markers = {{10, "one"}, {1'000, "end"}, {5'000, "behind the end"}};
    spec.gapRecords = {{{500, 20, GapCause::moved}, 0, 500, 20}};
    const Scanned got = scan(buildTake(spec));
    ASSERT_EQ(got.report.markers.size(), 2u);
    EXPECT_EQ(got.report.markers[0].text, "one");
    ASSERT_EQ(got.report.gaps.size(), 1u);
    EXPECT_EQ(got.report.gaps[0].frames, 20u);
}

TEST(RecoveryScan, CancellingIsAnErrorOfItsOwn) {
    const BuiltTake take = buildTake({});
    ScanOptions options = take.options();
    options.progress = [](std::uint64_t, std::uint64_t) { return false; };
    FaultDisk disk = take.disk();
    const auto report = RecoveryScan(disk, options).check("take.wav");
    ASSERT_FALSE(report.has_value());
    EXPECT_TRUE(isCancelled(report.error()));
}

TEST(RecoveryScan, ForeignFilesAreJudgedByWhatIsThere) {
    BuiltTake take;
    take.wavName = "other.wav";
    take.files["other.wav"] =
        std::make_shared<const Bytes>(buildForeign({.riffBytes = 0, .dataBytes = 0}));
    const Scanned wrong = scan(take);
    EXPECT_EQ(wrong.report.verdict, Verdict::unfinished);
    EXPECT_FALSE(wrong.report.ours);
    EXPECT_EQ(wrong.audio, rampAudio(0, 1'000));
    take.files["other.wav"] = std::make_shared<const Bytes>(buildForeign({.dataBytes = 3'000}));
    EXPECT_EQ(scan(take).report.verdict, Verdict::damaged);
    take.files["other.wav"] = std::make_shared<const Bytes>(buildForeign({}));
    EXPECT_EQ(scan(take).report.verdict, Verdict::sound);
}

// Whatever bit of the journal or the ring is wrong, no committed frame is touched by it.
TEST(RecoveryScan, NoSingleDamagedByteOfTheWitnessesCostsASafeFrame) {
    const BuiltTake whole = buildTake({.tailFrames = 100, .ringFrames = 1'200});
    const std::size_t bytes = whole.files.at("take.wav.journal")->size();
    for (std::size_t at = 0; at < bytes; at += 3) {
        BuiltTake take = whole;
        take.edit("take.wav.journal", [&](Bytes& journal) { journal[at] ^= std::byte{0x55}; });
        const Scanned got = scan(take);
        ASSERT_GE(got.audio.size(), 2'200u) << at;
        ASSERT_TRUE(
            std::equal(got.audio.begin(), got.audio.begin() + 2'000, rampAudio(0, 1'000).begin()))
            << at;
    }
    for (std::size_t at = 0; at < 400; ++at) {
        BuiltTake take = whole;
        take.ring[at] ^= std::byte{0x55};
        const Scanned got = scan(take);
        ASSERT_GE(got.audio.size(), 2'000u) << at;
        ASSERT_TRUE(
            std::equal(got.audio.begin(), got.audio.begin() + 2'000, rampAudio(0, 1'000).begin()))
            << at;
    }
}

}  // namespace
}  // namespace holdfast
