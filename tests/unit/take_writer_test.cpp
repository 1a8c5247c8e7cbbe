// TakeWriter: order of files, what is tried again, what ends a take.
#include "iocore/recorder/take_writer.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/support/strict_wav_checker.h"
#include "tests/support/take_rig.h"

namespace holdfast {
namespace {

constexpr PcmFormat kStereo16{48'000, 2, SampleType::S16, 0};
constexpr PcmFormat kMono24{48'000, 1, SampleType::S24, 0};

bool isAudioWrite(const DiskOp& op) {
    return op.kind == DiskOp::Kind::write && op.offset >= 512 && op.name.ends_with(".wav");
}

TEST(TakeWriter, FinishedTakeIsAloneAndExact) {
    TakeRig rig(FaultDisk(), {});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(1000);
    ASSERT_TRUE(rig.commit());
    rig.deliver(500);
    ASSERT_TRUE(rig.finish().value());
    EXPECT_EQ(audioOf(rig.disk), rig.expected);
    EXPECT_EQ(rig.disk.files().size(), 1u);  // no journal, no part file
    EXPECT_EQ(rig.take->safeFrames(), 1500u);
}

TEST(TakeWriter, HeaderMadeByMmioIsTheBlockThatRecoveryReads) {
    for (const PcmFormat& format :
         {kStereo16, kMono24, PcmFormat{96'000, 8, SampleType::F32, 0x63F},
          PcmFormat{8'000, 2, SampleType::F32, 0}, PcmFormat{384'000, 64, SampleType::S32, 0}}) {
        TakeRig rig(FaultDisk(), {.format = format});
        ASSERT_TRUE(rig.take->begin());
        // The image as mmioCreateChunk, mmioWrite and mmioAscend made it, before the block.
        Bytes byMmio;
        for (const DiskOp& op : rig.disk.log()) {
            if (op.kind != DiskOp::Kind::write || op.name != "take.part.wav") continue;
            if (op.bytes.size() == 512) break;
            byMmio.resize(std::max(byMmio.size(), op.offset + op.bytes.size()));
            std::ranges::copy(op.bytes, byMmio.begin() + static_cast<std::ptrdiff_t>(op.offset));
        }
        HeaderBlock block;
        block.format = format;
        Bytes encoded;
        for (std::byte b : encodeHeaderBlock(block)) encoded.push_back(b);
        ASSERT_EQ(byMmio.size(), encoded.size());
        const std::size_t filler = 12 + 36 + 8 + encodeFmt(format).size() +
                                   (format.sampleType == SampleType::F32 ? 12 : 0) + 8;
        for (std::size_t i = 0; i < byMmio.size(); ++i) {
            const bool patchedLater = (i >= 4 && i < 8) || i >= filler;
            if (patchedLater && i < 504) continue;
            EXPECT_EQ(byMmio[i], encoded[i]) << format.describe() << ", byte " << i;
        }
    }
}

TEST(TakeWriter, MonoOf24BitsCommitsOnEvenBytesAndEndsPadded) {
    TakeRig rig(FaultDisk(), {.format = kMono24});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(101);
    ASSERT_TRUE(rig.commit());
    EXPECT_EQ(rig.take->safeFrames(), 100u);
    rig.deliver(1);
    ASSERT_TRUE(rig.commit());
    EXPECT_EQ(rig.take->safeFrames(), 102u);
    rig.deliver(1);
    ASSERT_TRUE(rig.finish().value());
    EXPECT_EQ(audioOf(rig.disk), rig.expected);
    EXPECT_EQ(rig.disk.files().at("take.wav")->size(), 512u + 309 + 1);
}

TEST(TakeWriter, OddFrameBeforeAGapOnlyWaits) {
    TakeRig rig(FaultDisk(), {.format = kMono24});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(3);
    rig.lose(4);
    ASSERT_TRUE(rig.commit());
    rig.deliver(2);
    ASSERT_TRUE(rig.commit());
    rig.lose(3);
    rig.deliver(4);
    ASSERT_TRUE(rig.commit());
    ASSERT_TRUE(rig.finish().value());
    EXPECT_EQ(audioOf(rig.disk), rig.expected);
    EXPECT_EQ(rig.gaps.size(), 2u);
}

TEST(TakeWriter, GapIsDurableBeforeTheAudioBehindIt) {
    TakeRig rig(FaultDisk(), {});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(100);
    rig.lose(10);
    rig.deliver(100);
    const std::size_t from = rig.disk.logSize();
    ASSERT_TRUE(rig.commit());
    const auto log = rig.disk.log();
    bool journalSynced = false;
    std::uint64_t audioEnd = 0;
    for (std::size_t i = from; i < log.size(); ++i) {
        if (log[i].kind == DiskOp::Kind::sync && log[i].name.ends_with(".journal")) {
            journalSynced = true;
        }
        if (isAudioWrite(log[i])) {
            audioEnd = log[i].offset + log[i].bytes.size();
            if (audioEnd > 512 + 100 * 4) {
                EXPECT_TRUE(journalSynced);
            }
        }
    }
    EXPECT_EQ(audioEnd, 512u + 210 * 4);
    ASSERT_EQ(rig.gaps.size(), 1u);
    EXPECT_EQ(rig.gaps[0].fileFrame, 100u);
    EXPECT_EQ(rig.gaps[0].filledFrames, 10u);
}

TEST(TakeWriter, MarkModeLeavesGapsUnfilledAndLabelsThem) {
    TakeRig rig(FaultDisk(), {.gapMode = GapMode::mark});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(100);
    rig.lose(10);
    rig.deliver(100);
    ASSERT_TRUE(rig.finish().value());
    EXPECT_EQ(audioOf(rig.disk), rig.expected);
    const auto verdict = wavcheck::checkWav(*rig.disk.files().at("take.wav"));
    ASSERT_EQ(verdict.labels.size(), 1u);
    EXPECT_EQ(verdict.labels[0].frame, 100u);
    EXPECT_EQ(verdict.labels[0].text, "gap of 10 frames (injected)");
    EXPECT_EQ(rig.take->lostFrames(), 10u);
}

TEST(TakeWriter, StopModeEndsBeforeTheAudioBehindTheGap) {
    TakeRig rig(FaultDisk(), {.gapMode = GapMode::stop});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(100);
    rig.lose(10);
    const Bytes untilGap = rig.expected;
    rig.deliver(100);
    ASSERT_TRUE(rig.commit());
    EXPECT_EQ(rig.take->wantsToStop(), StopReason::gap);
    ASSERT_TRUE(rig.finish().value());
    EXPECT_EQ(audioOf(rig.disk), untilGap);
}

TEST(TakeWriter, PauseIsMarkedAndNeitherFilledNorLost) {
    TakeRig rig(FaultDisk(), {});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(100);
    rig.lose(5000, GapCause::paused);
    rig.deliver(100);
    ASSERT_TRUE(rig.finish().value());
    EXPECT_EQ(audioOf(rig.disk), rig.expected);
    EXPECT_EQ(rig.take->lostFrames(), 0u);
    EXPECT_EQ(wavcheck::checkWav(*rig.disk.files().at("take.wav")).labels.size(), 1u);
}

TEST(TakeWriter, DurationIsExactToTheFrame) {
    TakeRig rig(FaultDisk(), {.maxFrames = 150});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(100);
    ASSERT_TRUE(rig.commit());
    rig.deliver(100);
    ASSERT_TRUE(rig.commit());
    EXPECT_EQ(rig.take->wantsToStop(), StopReason::duration);
    ASSERT_TRUE(rig.finish().value());
    EXPECT_EQ(audioOf(rig.disk).size(), 150u * 4);
}

TEST(TakeWriter, FormatLimitEndsTheTakeOnAWholeFrame) {
    TakeRig rig(FaultDisk(), {.format = {48'000, 3, SampleType::S16, 0}, .maxDataBytes = 1000});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(500);
    ASSERT_TRUE(rig.commit());
    EXPECT_EQ(rig.take->wantsToStop(), StopReason::sizeLimit);
    ASSERT_TRUE(rig.finish().value());
    EXPECT_EQ(audioOf(rig.disk).size(), 996u);
}

TEST(TakeWriter, FailedSyncIsAnsweredByWritingTheRangeAgain) {
    TakeRig rig(FaultDisk(), {});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(100);
    ASSERT_TRUE(rig.commit());
    rig.deliver(100);
    rig.disk.failKind(DiskOp::Kind::sync, 0, EIO);
    const std::size_t from = rig.disk.logSize();
    ASSERT_TRUE(rig.commit());
    ASSERT_EQ(rig.errors.size(), 1u);
    EXPECT_EQ(rig.errors[0].code, EIO);
    int writes = 0;
    const auto log = rig.disk.log();
    for (std::size_t i = from; i < log.size(); ++i) {
        writes += isAudioWrite(log[i]) && log[i].offset == 512 + 400;
    }
    EXPECT_EQ(writes, 2);
    ASSERT_TRUE(rig.finish().value());
    EXPECT_EQ(audioOf(rig.disk), rig.expected);
}

TEST(TakeWriter, GapInARangeWrittenAgainIsToldOnce) {
    TakeRig rig(FaultDisk(), {});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(100);
    rig.lose(10);
    rig.deliver(100);
    bool failed = false;
    rig.disk.addHook([&failed](const DiskOp& op, std::size_t) {
        if (failed || op.kind != DiskOp::Kind::sync || op.name.ends_with(".journal")) return 0;
        failed = true;
        return EIO;
    });
    ASSERT_TRUE(rig.commit());
    EXPECT_EQ(rig.gaps.size(), 1u);
    EXPECT_EQ(rig.take->lostFrames(), 10u);
    ASSERT_TRUE(rig.finish().value());
    EXPECT_EQ(audioOf(rig.disk), rig.expected);
}

TEST(TakeWriter, DeadDiskEndsTheTakeWithATrueHeaderAndKeepsTheJournal) {
    TakeRig rig(FaultDisk(), {});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(100);
    ASSERT_TRUE(rig.commit());
    const Bytes safe = rig.expected;
    rig.deliver(100);
    rig.disk.failAt(rig.disk.logSize(), EIO, Repeat::forEver);
    EXPECT_FALSE(rig.commit());
    EXPECT_EQ(rig.take->safeFrames(), 100u);
    EXPECT_FALSE(rig.finish().value());
    EXPECT_EQ(audioOf(rig.disk), safe);
    EXPECT_TRUE(rig.disk.files().contains("take.wav.journal"));
    // What is not on the disk is still in the ring, for recovery.
    const auto fill = rig.ring->fill();
    EXPECT_EQ(fill.published - fill.durable, 100u);
}

TEST(TakeWriter, FullDiskKeepsAllThatFitsAndTellsTheTruth) {
    TakeRig rig(FaultDisk(), {.ringFrames = 65'536});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(1000);
    ASSERT_TRUE(rig.commit());
    rig.deliver(50'000);
    rig.disk.setCapacity(100'000);
    EXPECT_FALSE(rig.commit());
    EXPECT_FALSE(rig.finish().value());
    std::string defect;
    const Bytes audio = audioOf(rig.disk, &defect);
    EXPECT_EQ(defect, "");
    EXPECT_EQ(audio.size(), rig.take->safeFrames() * 4);
    EXPECT_GT(audio.size(), 4000u);
    EXPECT_TRUE(std::equal(audio.begin(), audio.end(), rig.expected.begin()));
}

TEST(TakeWriter, BrokenJournalNeverStopsTheTake) {
    TakeRig rig(FaultDisk(), {});
    ASSERT_TRUE(rig.take->begin());
    rig.disk.addHook([](const DiskOp& op, std::size_t) {
        const bool touches = op.kind == DiskOp::Kind::write || op.kind == DiskOp::Kind::sync;
        return touches && op.name.ends_with(".journal") ? EIO : 0;
    });
    rig.deliver(1000);
    ASSERT_TRUE(rig.commit());
    EXPECT_FALSE(rig.take->journalWorks());
    ASSERT_EQ(rig.errors.size(), 1u);
    EXPECT_EQ(rig.errors[0].stage, Stage::journal);
    EXPECT_FALSE(rig.take->addMarker("not durable", 10));
    ASSERT_TRUE(rig.finish().value());
    EXPECT_EQ(audioOf(rig.disk), rig.expected);
}

TEST(TakeWriter, FailureAtAnyOperationNeverHarmsWhatWasSafe) {
    const std::size_t operations = [] {
        TakeRig rig(FaultDisk(), {});
        EXPECT_TRUE(rig.take->begin());
        rig.deliver(100);
        EXPECT_TRUE(rig.commit());
        rig.deliver(100);
        EXPECT_TRUE(rig.finish().value());
        return rig.disk.logSize();
    }();
    for (const Repeat repeat : {Repeat::once, Repeat::forEver}) {
        for (const int error : {EIO, ENOSPC}) {
            for (std::size_t n = 0; n < operations; ++n) {
                TakeRig rig(FaultDisk(), {});
                rig.disk.failAt(n, error, repeat);
                if (!rig.take->begin()) continue;
                rig.deliver(100);
                (void)rig.commit();
                const std::uint64_t safe = rig.take->safeFrames();
                rig.deliver(100);
                const auto finished = rig.finish();
                const Bytes audio = audioOf(rig.disk);
                ASSERT_GE(audio.size(), safe * 4) << "operation " << n;
                ASSERT_GE(audio.size(), rig.take->safeFrames() * 4) << "operation " << n;
                ASSERT_TRUE(std::equal(audio.begin(), audio.end(), rig.expected.begin()));
                if (finished && *finished) {
                    ASSERT_EQ(audio, rig.expected) << "operation " << n;
                }
            }
        }
    }
}

TEST(TakeWriter, StartThatFailsLeavesNothing) {
    const std::size_t operations = [] {
        TakeRig rig(FaultDisk(), {});
        EXPECT_TRUE(rig.take->begin());
        return rig.disk.logSize();
    }();
    for (std::size_t n = 0; n < operations; ++n) {
        TakeRig rig(FaultDisk(), {});
        rig.disk.failAt(n, ENOSPC);
        EXPECT_FALSE(rig.take->begin()) << n;
        EXPECT_TRUE(rig.disk.files().empty()) << n;
    }
}

TEST(TakeWriter, OldFileStaysUntilTheNewTakesFirstCommit) {
    const FileMap before{{"take.wav", std::make_shared<Bytes>(Bytes(100, std::byte{7}))}};
    TakeRig rig(FaultDisk::fromImage(before), {.existing = Existing::replace});
    ASSERT_TRUE(rig.take->begin());
    EXPECT_EQ(rig.disk.files().at("take.wav")->size(), 100u);
    rig.deliver(100);
    ASSERT_TRUE(rig.commit());
    EXPECT_EQ(audioOf(rig.disk), rig.expected);
}

TEST(TakeWriter, NameTakenMeanwhileGivesTheNextOne) {
    TakeRig rig(FaultDisk(), {});
    ASSERT_TRUE(rig.take->begin());
    ASSERT_TRUE(rig.disk.create("take.wav", false));
    rig.deliver(100);
    ASSERT_TRUE(rig.commit());
    EXPECT_EQ(rig.take->names().final, "take-2.wav");
    EXPECT_EQ(rig.disk.files().at("take.wav")->size(), 0u);
    ASSERT_TRUE(rig.finish().value());
    EXPECT_EQ(rig.disk.files().size(), 2u);
}

TEST(TakeWriter, UnfinishedTakeIsNeverOverwritten) {
    FaultDisk disk;
    ASSERT_TRUE(disk.create("take.wav.journal", true));
    const auto names = TakeNames::of("take.wav");
    for (const Existing existing : {Existing::refuse, Existing::replace}) {
        const auto checked = checkNamesAreFree(disk, names, existing);
        ASSERT_FALSE(checked);
        EXPECT_NE(checked.error().text.find("holdfast-recover repair"), std::string::npos);
    }
}

// Which mmio messages and disk writes carry sizes: after the header chunks only whole blocks do.
TEST(TakeWriter, SizesTravelInWholeHeaderBlocksOnly) {
    TakeRig rig(FaultDisk(), {});
    ASSERT_TRUE(rig.take->begin());
    const std::size_t from = rig.disk.logSize();
    rig.deliver(700);
    ASSERT_TRUE(rig.commit());
    ASSERT_TRUE(rig.take->addMarker("m", 5));
    ASSERT_TRUE(rig.finish().value());
    const auto log = rig.disk.log();
    int blocks = 0;
    for (std::size_t i = from; i < log.size(); ++i) {
        if (log[i].kind != DiskOp::Kind::write || log[i].name.ends_with(".journal")) continue;
        if (log[i].offset >= 512) continue;
        EXPECT_EQ(log[i].offset, 0u);
        EXPECT_EQ(log[i].bytes.size(), 512u);
        ++blocks;
    }
    EXPECT_EQ(blocks, 5);  // commit, end of data, cue, labels, finished
}

}  // namespace
}  // namespace holdfast
