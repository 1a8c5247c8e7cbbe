// What mmio promises, against the public API alone: an application in the buffer itself
// (mmioGetInfo, mmioSetInfo, mmioAdvance), and changing the buffer.
#include <algorithm>
#include <cstring>

#include "tests/support/mmio_tape.h"

namespace holdfast::mmio_conformance {
namespace {

// Writes into the buffer at pchNext, as an application does.
void put(MMIOINFO& now, const std::string& bytes) {
    std::memcpy(now.pchNext, bytes.data(), bytes.size());
    now.pchNext += bytes.size();
    now.dwFlags |= MMIO_DIRTY;
}

TEST_F(MmioConformance, BytesPutIntoTheBufferReachTheFile) {
    open(MMIO_READWRITE, 64);
    MMIOINFO now = info();
    put(now, "direct");
    EXPECT_EQ(mmioSetInfo(file_, &now, 0), 0u);
    EXPECT_EQ(tell(), 6);
    EXPECT_EQ(mmioFlush(file_, 0), 0u);
    EXPECT_EQ(tape_.content, "direct");
}

TEST_F(MmioConformance, BytesPutOverReadOnesReachTheFile) {
    tape_.content = counting(100);
    open(MMIO_READWRITE, 16);
    EXPECT_EQ(read(4), counting(4));
    MMIOINFO now = info();
    put(now, "direct");
    EXPECT_EQ(mmioSetInfo(file_, &now, 0), 0u);
    EXPECT_EQ(tell(), 10);
    EXPECT_EQ(read(2), counting(12).substr(10));
    EXPECT_EQ(close(), 0u);
    EXPECT_EQ(tape_.content, counting(4) + "direct" + counting(100).substr(10));
}

TEST_F(MmioConformance, BytesTakenFromTheBufferAreRead) {
    tape_.content = counting(100);
    open(MMIO_READ, 16);
    EXPECT_EQ(read(1), counting(1));
    MMIOINFO now = info();
    now.pchNext += 9;
    EXPECT_EQ(mmioSetInfo(file_, &now, 0), 0u);
    EXPECT_EQ(tell(), 10);
    EXPECT_EQ(read(10), counting(20).substr(10));
}

TEST_F(MmioConformance, UntouchedDirtyBytesSurviveSetInfo) {
    open(MMIO_READWRITE, 64);
    EXPECT_EQ(write("dirty"), 5);
    MMIOINFO now = info();
    EXPECT_EQ(mmioSetInfo(file_, &now, 0), 0u);
    EXPECT_EQ(close(), 0u);
    EXPECT_EQ(tape_.content, "dirty");
}

class MmioWrongPointer : public MmioConformance {
  protected:
    void SetUp() override {
        tape_.content = counting(100);
        open(MMIO_READWRITE, 64);
        EXPECT_EQ(read(8), counting(8));
        before_ = info();
    }
    // Whether mmioSetInfo refuses it; in either case the right pointers stand afterwards.
    bool isRefused(const MMIOINFO& wrong) {
        const bool refused = mmioSetInfo(file_, &wrong, 0) != 0;
        const MMIOINFO after = info();
        if (refused) {
            EXPECT_EQ(std::memcmp(&before_, &after, sizeof after), 0);
        } else {
            EXPECT_EQ(mmioSetInfo(file_, &before_, 0), 0u);
        }
        return refused;
    }
    MMIOINFO before_{};
};

TEST_F(MmioWrongPointer, NextBeforeTheBufferIsRefused) {
    MMIOINFO wrong = before_;
    wrong.pchNext = wrong.pchBuffer - 1;
    EXPECT_TRUE(isRefused(wrong));
}

TEST_F(MmioWrongPointer, NextBehindTheBufferIsRefused) {
    MMIOINFO wrong = before_;
    wrong.pchNext = wrong.pchEndWrite + 1;
    EXPECT_TRUE(isRefused(wrong));
}

TEST_F(MmioWrongPointer, EndBehindTheBufferIsRefused) {
    MMIOINFO wrong = before_;
    wrong.pchEndRead = wrong.pchEndWrite + 1;
    EXPECT_TRUE(isRefused(wrong));
}

TEST_F(MmioWrongPointer, AnotherBufferIsRefused) {
    char other[64];
    MMIOINFO wrong = before_;
    wrong.pchBuffer = other;
    expectDocumentedOr(isRefused(wrong), true, false, "taken, and used at the next flush");
}

// --- advancing ---

TEST_F(MmioConformance, AdvancingThroughAFileGivesItsBytes) {
    tape_.content = counting(100);
    open(MMIO_READ, 16);
    MMIOINFO now = info();
    std::string all;
    for (;;) {
        if (now.pchNext == now.pchEndRead) {
            ASSERT_EQ(mmioAdvance(file_, &now, MMIO_READ), 0u);
            if (now.pchNext == now.pchEndRead) break;
        }
        all.append(now.pchNext, now.pchEndRead);
        now.pchNext = now.pchEndRead;
    }
    EXPECT_EQ(all, counting(100));
    EXPECT_EQ(mmioSetInfo(file_, &now, 0), 0u);
    EXPECT_EQ(tell(), 100);
}

TEST_F(MmioConformance, AdvancingThroughAWrittenFileGivesItsBytes) {
    const std::string whole = counting(100);
    open(MMIO_WRITE, 16);
    MMIOINFO now = info();
    for (std::size_t at = 0; at < whole.size(); at += 4) {
        if (now.pchNext == now.pchEndWrite) {
            ASSERT_EQ(mmioAdvance(file_, &now, MMIO_WRITE), 0u);
            EXPECT_EQ(now.lBufOffset, static_cast<LONG>(at));
            EXPECT_EQ(now.pchNext - now.pchBuffer, 0);
        }
        put(now, whole.substr(at, 4));
    }
    EXPECT_EQ(mmioSetInfo(file_, &now, 0), 0u);
    EXPECT_EQ(close(), 0u);
    EXPECT_EQ(tape_.content, whole);
}

TEST_F(MmioConformance, AdvanceAtTheEndIsNoError) {
    tape_.content = counting(10);
    open(MMIO_READ, 16);
    EXPECT_EQ(read(10), counting(10));
    MMIOINFO now = info();
    EXPECT_EQ(mmioAdvance(file_, &now, MMIO_READ), 0u);
    EXPECT_TRUE(now.pchNext == now.pchEndRead);
}

TEST_F(MmioConformance, AdvanceBeforeTheEndOfTheBufferSkipsNothing) {
    tape_.content = counting(100);
    open(MMIO_READ, 16);
    EXPECT_EQ(read(4), counting(4));
    MMIOINFO now = info();
    EXPECT_EQ(mmioAdvance(file_, &now, MMIO_READ), 0u);
    EXPECT_EQ(tell(), 4);
    EXPECT_EQ(read(4), counting(8).substr(4));
}

TEST_F(MmioConformance, AdvanceWithoutInfoMovesTheFilesOwn) {
    open(MMIO_WRITE, 16);
    EXPECT_EQ(write("0123"), 4);
    EXPECT_EQ(mmioAdvance(file_, nullptr, MMIO_WRITE), 0u);
    EXPECT_EQ(tape_.content, "0123");
    const MMIOINFO now = info();
    EXPECT_EQ(now.lBufOffset, 4);
    EXPECT_EQ(now.dwFlags & MMIO_DIRTY, 0u);
}

TEST_F(MmioConformance, AdvanceWritesNothingThatIsNotDirty) {
    open(MMIO_WRITE, 16);
    MMIOINFO now = info();
    std::memcpy(now.pchNext, "0123", 4);
    EXPECT_EQ(mmioAdvance(file_, &now, MMIO_WRITE), 0u);
    EXPECT_EQ(tape_.count("WRITE"), 0);
    EXPECT_EQ(close(), 0u);
    EXPECT_EQ(tape_.content, "");
}

TEST_F(MmioConformance, FailedAdvanceSaysWhatFailed) {
    tape_.content = counting(100);
    open(MMIO_READWRITE, 16);
    tape_.failOn(MMIOM_READ);
    const MMRESULT cannotRead = MMIOERR_CANNOTREAD;
    expectDocumentedOr(mmioAdvance(file_, nullptr, MMIO_READ), cannotRead, 0u, "the error is lost");
    tape_.failOn(MMIOM_WRITE);
    EXPECT_EQ(write("dirty"), 5);
    const MMRESULT cannotWrite = MMIOERR_CANNOTWRITE;
    expectDocumentedOr(mmioAdvance(file_, nullptr, MMIO_WRITE), cannotWrite, 0u,
                       "the error is lost");
}

TEST_F(MmioConformance, FileForWritingIsAdvancedByWritingOnly) {
    open(MMIO_WRITE, 16);
    const MMRESULT cannotRead = MMIOERR_CANNOTREAD;
    expectDocumentedOr(mmioAdvance(file_, nullptr, MMIO_READ), cannotRead, 0u,
                       "the IOProc is asked");
}

// --- the buffer itself ---

TEST_F(MmioConformance, ChangedBufferIsWrittenFirst) {
    char own[32];
    open(MMIO_READWRITE, 64);
    EXPECT_EQ(write("dirty"), 5);
    EXPECT_EQ(mmioSetBuffer(file_, own, sizeof own, 0), 0u);
    EXPECT_EQ(tape_.content, "dirty");
    const MMIOINFO now = info();
    EXPECT_TRUE(now.pchBuffer == own && now.pchEndWrite == own + sizeof own);
    EXPECT_EQ(now.cchBuffer, LONG{sizeof own});
    EXPECT_EQ(now.dwFlags & (MMIO_ALLOCBUF | MMIO_DIRTY), 0u);
    EXPECT_EQ(write("more"), 4);
    EXPECT_EQ(close(), 0u);
    EXPECT_EQ(tape_.content, "dirtymore");
}

TEST_F(MmioConformance, BufferGoesAndComesWithoutMovingTheFile) {
    tape_.content = counting(100);
    open(MMIO_READWRITE, 16);
    EXPECT_EQ(read(4), counting(4));
    EXPECT_EQ(mmioSetBuffer(file_, nullptr, 0, 0), 0u);
    MMIOINFO now = info();
    EXPECT_TRUE(now.pchBuffer == nullptr && now.pchNext == nullptr && now.pchEndRead == nullptr);
    EXPECT_TRUE(now.pchEndWrite == nullptr);
    EXPECT_EQ(now.cchBuffer, 0);
    EXPECT_EQ(now.dwFlags & MMIO_ALLOCBUF, 0u);
    EXPECT_EQ(read(4), counting(8).substr(4));

    EXPECT_EQ(mmioSetBuffer(file_, nullptr, 256, 0), 0u);
    now = info();
    EXPECT_EQ(now.cchBuffer, 256);
    EXPECT_EQ(now.pchEndWrite - now.pchBuffer, 256);
    EXPECT_NE(now.dwFlags & MMIO_ALLOCBUF, 0u);
    EXPECT_EQ(tell(), 8);
    EXPECT_EQ(read(4), counting(12).substr(8));
}

TEST_F(MmioConformance, BufferThatCannotBeWrittenStays) {
    char own[32];
    open(MMIO_READWRITE, 64);
    EXPECT_EQ(write("dirty"), 5);
    tape_.failOn(MMIOM_WRITE);
    const MMRESULT cannotWrite = MMIOERR_CANNOTWRITE;
    expectDocumentedOr(mmioSetBuffer(file_, own, sizeof own, 0), cannotWrite, 0u,
                       "the error is lost");
    tape_.fault = nullptr;
    EXPECT_EQ(close(), 0u);
    expectDocumentedOr(tape_.content, "dirty", "", "the bytes are lost");
}

TEST_F(MmioConformance, FlagsOfSetBufferMeanNothing) {
    open(MMIO_READWRITE, 64);
    EXPECT_EQ(mmioSetBuffer(file_, nullptr, 16, 1), 0u);
    EXPECT_EQ(info().cchBuffer, 16);
}

}  // namespace
}  // namespace holdfast::mmio_conformance
