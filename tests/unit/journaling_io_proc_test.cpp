// The IOProc through the mmio API: what each message does to disk and journal.
#include "iocore/journal/journaling_io_proc.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/support/fault_disk.h"

namespace holdfast {
namespace {

class IoProcTest : public testing::Test {
  protected:
    void SetUp() override {
        JournalHeader header;
        header.salt = 5;
        StartRecord start;
        journal = std::move(*Journal::create(std::move(*disk.create("j", true)), header, start));
        wav = std::move(*disk.create("w", false));
        proc = std::make_unique<JournalingIoProc>(*wav, journal.get());
        file.emplace(std::move(*MmioFile::open(proc->binding())));
        from = disk.logSize();
    }
    // "write w 0+5, sync w, …" since the last call.
    std::string operations() {
        std::string text;
        const auto log = disk.log();
        for (; from < log.size(); ++from) {
            const DiskOp& op = log[from];
            if (!text.empty()) text += ", ";
            if (op.kind == DiskOp::Kind::write) {
                text += "write " + op.name;
                if (op.name == "w") {
                    text += " " + std::to_string(op.offset) + "+" + std::to_string(op.bytes.size());
                }
            } else {
                text += op.kind == DiskOp::Kind::sync ? "sync " + op.name : "other";
            }
        }
        return text;
    }
    static Bytes bytes(std::size_t count) { return Bytes(count, std::byte{9}); }

    FaultDisk disk;
    std::unique_ptr<Journal> journal;
    std::unique_ptr<DiskFile> wav;
    std::unique_ptr<JournalingIoProc> proc;
    std::optional<MmioFile> file;
    std::size_t from = 0;
};

TEST_F(IoProcTest, WriteIsDataAndNoBarrier) {
    ASSERT_TRUE(file->write(bytes(5)));
    EXPECT_EQ(operations(), "write w 0+5");
}

TEST_F(IoProcTest, WriteFlushIsTheCommit) {
    ASSERT_TRUE(file->announce({1, 10, 10, 10, 0}));
    ASSERT_TRUE(file->write(bytes(5)));
    ASSERT_TRUE(file->writeFlush(bytes(3)));
    EXPECT_EQ(operations(), "write w 0+5, write w 5+3, write j, sync w");
    const auto receipt = file->receipt();
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->segmentStart, 0u);
    EXPECT_EQ(receipt->segmentBytes, 8u);
    EXPECT_EQ(receipt->segmentChecksum, checksum(bytes(8), segmentSeed(5, 0)));
    EXPECT_EQ(receipt->fileBytes, 8u);
}

TEST_F(IoProcTest, EmptyWriteFlushIsABarrierAlone) {
    ASSERT_TRUE(file->writeFlush({}));
    EXPECT_EQ(operations(), "sync w");
}

TEST_F(IoProcTest, PatchIsOneWriteAndOneBarrierAndMovesNothing) {
    ASSERT_TRUE(file->write(bytes(20)));
    ASSERT_TRUE(file->patchFlush(4, bytes(8)));
    EXPECT_EQ(operations(), "write w 0+20, write w 4+8, sync w");
    EXPECT_EQ(file->position().value(), 20u);
}

TEST_F(IoProcTest, JournalIsSyncedEverySixteenthCommit) {
    for (std::uint64_t commit = 1; commit <= JournalingIoProc::kCommitsPerJournalSync; ++commit) {
        EXPECT_EQ(operations().find("sync j"), std::string::npos);
        ASSERT_TRUE(file->announce({commit, commit, commit, commit, 0}));
        ASSERT_TRUE(file->writeFlush(bytes(2)));
    }
    EXPECT_NE(operations().find("sync j"), std::string::npos);
}

TEST_F(IoProcTest, FirstErrorIsLatchedAndNothingIsWrittenBehindIt) {
    disk.failKind(DiskOp::Kind::write, 0, ENOSPC);
    const auto failed = file->write(bytes(5));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ENOSPC);
    operations();
    EXPECT_FALSE(file->write(bytes(5)));
    EXPECT_FALSE(file->writeFlush({}));
    EXPECT_FALSE(file->patchFlush(0, bytes(1)));
    EXPECT_EQ(operations(), "");
}

TEST_F(IoProcTest, FailedBarrierGivesNoReceipt) {
    ASSERT_TRUE(file->writeFlush(bytes(4)));
    const CommitReceipt before = *file->receipt();
    disk.failKind(DiskOp::Kind::sync, 0, EIO);
    EXPECT_FALSE(file->writeFlush(bytes(4)));
    EXPECT_EQ(*file->receipt(), before);
    ASSERT_TRUE(file->clearError());
    ASSERT_TRUE(file->seekTo(4));
    ASSERT_TRUE(file->writeFlush(bytes(4)));
    EXPECT_EQ(file->receipt()->segmentStart, 4u);
    EXPECT_EQ(file->receipt()->segmentBytes, 4u);
}

TEST_F(IoProcTest, PositionsGoOnPastWhatMmioCanCount) {
    const std::uint64_t distant = 5'000'000'000;
    ASSERT_TRUE(file->seekTo(distant));
    ASSERT_TRUE(file->announce({1, 1, 1, 1, 0}));
    EXPECT_EQ(file->position().value(), distant);
}

TEST_F(IoProcTest, FilesOfSeveralTakesDoNotMix) {
    auto otherWav = std::move(*disk.create("o", false));
    JournalingIoProc otherProc(*otherWav, nullptr);
    auto other = MmioFile::open(otherProc.binding());
    ASSERT_TRUE(other);
    ASSERT_TRUE(other->write(bytes(3)));
    ASSERT_TRUE(file->write(bytes(7)));
    EXPECT_EQ(disk.files().at("o")->size(), 3u);
    EXPECT_EQ(disk.files().at("w")->size(), 7u);
}

}  // namespace
}  // namespace holdfast
