// MmioFile believes no answer of mmio that the IOProc does not confirm.
#include "iocore/mmio/mmio_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/fake_ioproc.h"
#include "tests/support/mmio_deviations.h"

namespace holdfast {
namespace {

constexpr FOURCC kCode = mmioFOURCC('H', 'F', 'T', 'S');
constexpr FOURCC kData = mmioFOURCC('d', 'a', 't', 'a');

std::span<const std::byte> bytesOf(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

class MmioFileTest : public testing::Test {
  protected:
    MmioFileTest() { fakeStates()[kCookie] = &state_; }
    ~MmioFileTest() override {
        file_.reset();
        fakeStates().clear();
    }

    static constexpr DWORD kCookie = 0xC00C1E01;
    static constexpr IoProcBinding kBinding{kCode, fakeProc, kCookie};
    const Error noSpace_{Stage::disk, ENOSPC, "take.wav: no space"};

    void open() {
        auto opened = MmioFile::open(kBinding);
        ASSERT_TRUE(opened) << opened.error().message();
        file_.emplace(std::move(*opened));
        state_.log.clear();
    }

    void expectNoSpace(const Result<>& result) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().stage, Stage::disk);
        EXPECT_EQ(result.error().code, ENOSPC);
    }

    static void expectMmioError(const Result<>& result) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().stage, Stage::mmio);
    }

    FakeState state_;
    std::optional<MmioFile> file_;
};

// --- opening and closing ---

TEST_F(MmioFileTest, RefusedOpenIsAnErrorWithItsCode) {
    state_.openAnswer = 268;
    const auto opened = MmioFile::open(kBinding);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().stage, Stage::mmio);
    EXPECT_EQ(opened.error().code, 268);
}

TEST_F(MmioFileTest, IoProcThatDoesNotKnowOurMessagesIsRefused) {
    state_.known = false;
    EXPECT_FALSE(MmioFile::open(kBinding));
    EXPECT_EQ(state_.log.back(), UINT{MMIOM_CLOSE});
}

TEST_F(MmioFileTest, LatchedErrorInOpenIsSeen) {
    state_.latches[MMIOM_OPEN] = noSpace_;
    const auto opened = MmioFile::open(kBinding);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ENOSPC);
}

TEST_F(MmioFileTest, IoProcIsInstalledOnlyWhileFilesAreOpen) {
    open();
    EXPECT_TRUE(mmioInstallIOProcW(kCode, nullptr, MMIO_FINDPROC) == fakeProc);
    ASSERT_TRUE(file_->close());
    EXPECT_TRUE(mmioInstallIOProcW(kCode, nullptr, MMIO_FINDPROC) == nullptr);
    state_.openAnswer = 259;
    ASSERT_FALSE(MmioFile::open(kBinding));
    EXPECT_TRUE(mmioInstallIOProcW(kCode, nullptr, MMIO_FINDPROC) == nullptr);
}

TEST_F(MmioFileTest, CloseReportsItsAnswerAndEndsTheFile) {
    open();
    state_.closeAnswer = 260;
    const auto closed = file_->close();
    expectMmioError(closed);
    EXPECT_EQ(closed.error().code, 260);
    const auto messages = state_.log.size();
    EXPECT_TRUE(file_->close());
    EXPECT_FALSE(file_->write(bytesOf("late")));
    EXPECT_FALSE(file_->writeFlush(bytesOf("late")));
    EXPECT_EQ(state_.log.size(), messages);
}

TEST_F(MmioFileTest, CloseReportsAnErrorLatchedBefore) {
    open();
    state_.latched = noSpace_;
    expectNoSpace(file_->close());
    EXPECT_EQ(state_.log.back(), UINT{MMIOM_CLOSE});
}

TEST_F(MmioFileTest, MovedFileIsClosedOnce) {
    open();
    {
        MmioFile moved = std::move(*file_);
        ASSERT_TRUE(moved.write(bytesOf("abc")));
        file_.reset();
        ASSERT_TRUE(moved.write(bytesOf("def")));
    }
    EXPECT_EQ(std::count(state_.log.begin(), state_.log.end(), UINT{MMIOM_CLOSE}), 1);
}

TEST_F(MmioFileTest, FilesOfManyThreadsDoNotMix) {
    std::array<FakeState, 4> own;
    std::vector<std::thread> threads;
    for (DWORD i = 0; i < own.size(); ++i) fakeStates()[i] = &own[i];
    for (DWORD i = 0; i < own.size(); ++i) {
        threads.emplace_back([i] {
            for (int round = 0; round < 200; ++round) {
                auto file = MmioFile::open({kCode, fakeProc, i});
                ASSERT_TRUE(file);
                ASSERT_TRUE(file->writeFlush(bytesOf("four")));
                ASSERT_TRUE(file->close());
            }
        });
    }
    for (auto& thread : threads) thread.join();
    for (const FakeState& state : own) EXPECT_EQ(state.position, 800);
}

// --- errors that mmio would hide ---

TEST_F(MmioFileTest, ShortAndFailedWritesAreErrors) {
    open();
    for (const LRESULT answer : {LRESULT{3}, LRESULT{0}, LRESULT{-1}, LRESULT{9}}) {
        state_.lies[MMIOM_WRITE] = answer;
        expectMmioError(file_->write(bytesOf("12345678")));
    }
    state_.lies.clear();
    EXPECT_TRUE(file_->write(bytesOf("12345678")));
}

TEST_F(MmioFileTest, ErrorLatchedInsideCreateChunkIsSeen) {
    open();
    state_.latches[MMIOM_WRITE] = noSpace_;
    expectNoSpace(file_->createChunk(kData));
}

TEST_F(MmioFileTest, ErrorLatchedInsideAscendIsSeen) {
    open();
    ASSERT_TRUE(file_->createChunk(kData));
    ASSERT_TRUE(file_->write(bytesOf("abcd")));
    state_.latches[MMIOM_SEEK] = noSpace_;
    expectNoSpace(file_->ascend());
}

TEST_F(MmioFileTest, MmiosOwnErrorCountsWhenNothingIsLatched) {
    open();
    ASSERT_TRUE(file_->createChunk(kData));
    state_.lies[MMIOM_WRITE] = -1;
    expectMmioError(file_->createChunk(kData));
    ASSERT_TRUE(file_->seekTo(12));
    state_.lies[MMIOM_SEEK] = -1;
    const auto ascended = file_->ascend();
    mmio_conformance::expectDocumentedOr(ascended ? Stage::usage : ascended.error().stage,
                                         Stage::mmio, Stage::usage, "the seek is taken for done");
}

TEST_F(MmioFileTest, LatchedErrorFailsEveryLaterCallUntilCleared) {
    open();
    ASSERT_TRUE(file_->createChunk(kData));
    state_.latched = noSpace_;
    expectNoSpace(file_->write(bytesOf("abcd")));
    expectNoSpace(file_->writeFlush(bytesOf("abcd")));
    expectNoSpace(file_->patchFlush(4, bytesOf("abcd")));
    expectNoSpace(file_->ascend());
    EXPECT_TRUE(file_->position());
    EXPECT_TRUE(file_->seekTo(8));
    ASSERT_TRUE(file_->clearError());
    EXPECT_TRUE(file_->writeFlush(bytesOf("abcd")));
    EXPECT_EQ(file_->position().value(), 12u);
}

TEST_F(MmioFileTest, IoProcThatStopsTellingErrorsIsAnError) {
    open();
    for (const LRESULT answer : {LRESULT{0}, LRESULT{11}, LRESULT{-1}}) {
        state_.lies[kMsgLastError] = answer;
        expectMmioError(file_->write(bytesOf("abcd")));
    }
}

// --- durable writes ---

TEST_F(MmioFileTest, WriteFlushHandsOverTheBytesAndNeverAsMmioWrite) {
    open();
    ASSERT_TRUE(file_->writeFlush(bytesOf("durable")));
    EXPECT_EQ(state_.lastBytes, "durable");
    EXPECT_EQ(state_.position, 7);
    ASSERT_TRUE(file_->writeFlush({}));
    EXPECT_EQ(state_.position, 7);
    EXPECT_EQ(std::count(state_.log.begin(), state_.log.end(), kMsgWriteFlush), 2);
    EXPECT_EQ(std::count(state_.log.begin(), state_.log.end(), UINT{MMIOM_WRITE}), 0);
}

TEST_F(MmioFileTest, RefusedMessageIsNotElevenBytesWritten) {
    open();
    state_.lies[kMsgWriteFlush] = 11;  // MMSYSERR_INVALPARAM
    expectMmioError(file_->writeFlush(bytesOf("eleven byte")));
    expectMmioError(file_->writeFlush({}));
}

TEST_F(MmioFileTest, ShortOrFailedWriteFlushIsAnError) {
    open();
    for (const LRESULT answer : {LRESULT{3}, LRESULT{0}, LRESULT{-1}}) {
        state_.lies[kMsgWriteFlush] = answer;
        expectMmioError(file_->writeFlush(bytesOf("12345678")));
    }
    state_.lies[kMsgWriteFlush] = -1;
    expectMmioError(file_->writeFlush({}));
}

TEST_F(MmioFileTest, ErrorLatchedInsideDurableWritesIsSeen) {
    open();
    state_.latches[kMsgWriteFlush] = noSpace_;
    expectNoSpace(file_->writeFlush({}));
    ASSERT_TRUE(file_->clearError());
    state_.latches[kMsgPatchFlush] = noSpace_;
    expectNoSpace(file_->patchFlush(0, bytesOf("RF64")));
}

TEST_F(MmioFileTest, PatchReachesItsOffsetAndLeavesThePosition) {
    open();
    ASSERT_TRUE(file_->seekTo(1000));
    const std::uint64_t farOffset = (std::uint64_t{5} << 32) + 4;
    ASSERT_TRUE(file_->patchFlush(farOffset, bytesOf("size")));
    EXPECT_EQ(state_.lastOffset, farOffset);
    EXPECT_EQ(state_.lastBytes, "size");
    EXPECT_EQ(file_->position().value(), 1000u);
    for (const LRESULT answer : {LRESULT{-1}, LRESULT{11}, LRESULT{5}}) {
        state_.lies[kMsgPatchFlush] = answer;
        expectMmioError(file_->patchFlush(farOffset, bytesOf("size")));
    }
}

TEST_F(MmioFileTest, ReceiptIsTheIoProcsOrAnError) {
    open();
    state_.receipt = {41, 512, 7, 0xFEDCBA9876543210, 519};
    ASSERT_TRUE(file_->writeFlush(bytesOf("durable")));
    EXPECT_EQ(file_->receipt().value(), (CommitReceipt{42, 512, 7, 0xFEDCBA9876543210, 519}));
    for (const LRESULT answer : {LRESULT{0}, LRESULT{11}, LRESULT{-1}}) {
        state_.lies[kMsgReceipt] = answer;
        EXPECT_FALSE(file_->receipt());
    }
}

// --- positions ---

TEST_F(MmioFileTest, WritingGoesOnPast2And4GiB) {
    open();
    for (const int bits : {31, 32}) {
        const std::uint64_t border = std::uint64_t{1} << bits;
        ASSERT_TRUE(file_->seekTo(border - 2));
        ASSERT_TRUE(file_->write(bytesOf("abcd")));
        EXPECT_EQ(file_->position().value(), border + 2);
        ASSERT_TRUE(file_->writeFlush(bytesOf("efgh")));
        EXPECT_EQ(file_->position().value(), border + 6);
    }
    for (const UINT message : state_.log) EXPECT_GE(message, UINT{MMIOM_USER});
}

TEST_F(MmioFileTest, ShortOrFailedWritePast2GiBIsAnError) {
    open();
    ASSERT_TRUE(file_->seekTo(std::uint64_t{1} << 31));
    for (const LRESULT answer : {LRESULT{3}, LRESULT{0}, LRESULT{11}, LRESULT{-1}}) {
        state_.lies[kMsgWrite] = answer;
        expectMmioError(file_->write(bytesOf("12345678")));
    }
}

TEST_F(MmioFileTest, StructuralCallsPast2GiBAreRefusedBeforeMmioSeesThem) {
    open();
    ASSERT_TRUE(file_->createChunk(kData));
    for (const int bits : {31, 32, 40}) {
        ASSERT_TRUE(file_->seekTo(std::uint64_t{1} << bits));
        state_.log.clear();
        expectMmioError(file_->createChunk(kData));
        expectMmioError(file_->ascend());
        for (const UINT message : state_.log) EXPECT_EQ(message, kMsgPosition);
    }
}

TEST_F(MmioFileTest, PositionIsToldOrAnError) {
    open();
    for (const LRESULT answer : {LRESULT{0}, LRESULT{11}, LRESULT{-1}}) {
        state_.lies[kMsgPosition] = answer;
        EXPECT_FALSE(file_->position());
        EXPECT_FALSE(file_->writeFlush(bytesOf("abc")));
        EXPECT_FALSE(file_->seekTo(3));
    }
}

TEST_F(MmioFileTest, SeekThatDoesNotArriveIsAnError) {
    open();
    state_.lies[kMsgSeekTo] = 0;
    expectMmioError(file_->seekTo(4096));
    state_.lies[kMsgSeekTo] = -1;
    expectMmioError(file_->seekTo(0));
}

// --- chunks ---

TEST_F(MmioFileTest, ChunksNestAndEndInnermostFirst) {
    open();
    ASSERT_TRUE(file_->createChunk(FOURCC_RIFF, mmioFOURCC('W', 'A', 'V', 'E')));
    EXPECT_EQ(state_.lastBytes, std::string("RIFF\0\0\0\0WAVE", 12));
    ASSERT_TRUE(file_->createChunk(kData));
    EXPECT_EQ(state_.lastBytes, std::string("data\0\0\0\0", 8));
    ASSERT_TRUE(file_->write(bytesOf("abc")));
    ASSERT_TRUE(file_->ascend());
    EXPECT_EQ(state_.lastBytes, std::string("\3\0\0\0", 4));
    EXPECT_EQ(file_->position().value(), 24u);
    ASSERT_TRUE(file_->ascend());
    EXPECT_EQ(state_.lastBytes, std::string("\x10\0\0\0", 4));
    EXPECT_EQ(file_->position().value(), 24u);
}

TEST_F(MmioFileTest, SpansBeyondOneMmioWriteAreSplitAndComplete) {
    open();
    // Address space only: the fake looks at the first bytes of a write and touches no others.
    const std::size_t size = 2 * MmioFile::kMaxWriteBytes + 5;
    const auto large = std::make_unique_for_overwrite<std::byte[]>(size);
    for (const std::size_t start : {std::size_t{0}, MmioFile::kMaxWriteBytes, size - 5}) {
        std::memset(large.get() + start, 'x', std::min<std::size_t>(64, size - start));
    }
    ASSERT_TRUE(file_->write({large.get(), size}));
    EXPECT_EQ(file_->position().value(), size);
    // The second and third would end past mmio's last position.
    EXPECT_EQ(std::count(state_.log.begin(), state_.log.end(), UINT{MMIOM_WRITE}), 1);
    EXPECT_EQ(std::count(state_.log.begin(), state_.log.end(), kMsgWrite), 2);
    std::memset(large.get() + size - MmioFile::kMaxWriteBytes, 'x', 64);
    ASSERT_TRUE(file_->writeFlush({large.get(), size}));
    EXPECT_EQ(file_->position().value(), 2 * size);
}

}  // namespace
}  // namespace holdfast
