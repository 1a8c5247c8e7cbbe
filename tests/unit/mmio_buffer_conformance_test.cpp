// What mmio promises, against the public API alone: reading, writing and seeking with a buffer.
#include "tests/support/mmio_tape.h"

namespace holdfast::mmio_conformance {
namespace {

// --- writing ---

TEST_F(MmioConformance, SmallWriteStaysInTheBuffer) {
    open(MMIO_READWRITE, 256);
    EXPECT_EQ(write("0123456789"), 10);
    EXPECT_EQ(tape_.log, Log{"OPEN"});
    const MMIOINFO now = info();
    EXPECT_NE(now.dwFlags & MMIO_DIRTY, 0u);
    EXPECT_EQ(now.pchNext - now.pchBuffer, 10);
    EXPECT_EQ(now.lBufOffset, 0);
    EXPECT_EQ(std::string(now.pchBuffer, 10), "0123456789");
    EXPECT_EQ(tell(), 10);
}

TEST_F(MmioConformance, HoweverWritesAreSplitTheFileIsTheirConcatenation) {
    const std::string whole = counting(1000);
    for (const std::size_t step : {1, 7, 15, 16, 17, 31, 32, 33, 100, 1000}) {
        tape_.content.clear();
        tape_.position = 0;
        open(MMIO_READWRITE, 16);
        for (std::size_t at = 0; at < whole.size(); at += step) {
            const std::string piece = whole.substr(at, step);
            EXPECT_EQ(write(piece), static_cast<LONG>(piece.size()));
        }
        EXPECT_EQ(tell(), 1000);
        EXPECT_EQ(close(), 0u);
        EXPECT_EQ(tape_.content == whole, true) << "in steps of " << step;
    }
}

TEST_F(MmioConformance, BufferedWriteThatFailsSaysSoAndLosesNothing) {
    open(MMIO_READWRITE, 8);
    EXPECT_EQ(write("0123"), 4);
    EXPECT_EQ(write("4567"), 4);
    tape_.failOn(MMIOM_WRITE);
    expectDocumentedOr(write("8"), -1, 1, "the error is lost");
    tape_.fault = nullptr;
    if (info().lBufOffset == 0) {
        EXPECT_EQ(write("8"), 1);
    }
    EXPECT_EQ(close(), 0u);
    expectDocumentedOr(tape_.content, "012345678", std::string(8, '\0') + "8",
                       "bytes that could not be written are dropped");
}

TEST_F(MmioConformance, BufferedWriteToAFileForReadingIsRefused) {
    tape_.content = counting(20);
    open(MMIO_READ, 16);
    expectDocumentedOr(write("no"), -1, 2, "taken into the buffer");
}

// --- reading ---

TEST_F(MmioConformance, BufferedReadFillsTheBufferOnce) {
    tape_.content = counting(100);
    open(MMIO_READ, 16);
    EXPECT_EQ(read(4), counting(4));
    EXPECT_EQ(read(4), counting(8).substr(4));
    EXPECT_EQ(tape_.count("READ"), 1);
    const MMIOINFO now = info();
    EXPECT_EQ(now.pchNext - now.pchBuffer, 8);
    EXPECT_EQ(now.pchEndRead - now.pchBuffer, 16);
    EXPECT_EQ(now.lBufOffset, 0);
    EXPECT_EQ(now.lDiskOffset, 16);
}

TEST_F(MmioConformance, ReadLongerThanTheBufferLeavesItEmptyAtThePosition) {
    tape_.content = counting(100);
    open(MMIO_READ, 16);
    EXPECT_EQ(read(40), counting(40));
    const MMIOINFO now = info();
    EXPECT_EQ(now.lBufOffset, 40);
    EXPECT_EQ(now.pchNext - now.pchBuffer, 0);
    EXPECT_EQ(now.pchEndRead - now.pchBuffer, 0);
    EXPECT_EQ(tell(), 40);
    EXPECT_EQ(read(4), counting(44).substr(40));
}

TEST_F(MmioConformance, HoweverReadsAreSplitTheyGiveTheFile) {
    const std::string whole = counting(1000);
    tape_.content = whole;
    for (const LONG step : {1, 7, 15, 16, 17, 31, 32, 33, 100, 1000}) {
        tape_.position = 0;
        open(MMIO_READ, 16);
        std::string all;
        for (std::string piece; !(piece = read(step)).empty();) all += piece;
        EXPECT_EQ(all == whole, true) << "in steps of " << step;
        EXPECT_EQ(close(), 0u);
    }
}

TEST_F(MmioConformance, BufferedReadEndsAtTheEndAndFailsWithTheProc) {
    tape_.content = counting(10);
    open(MMIO_READ, 16);
    EXPECT_EQ(read(16), counting(10));
    EXPECT_EQ(read(16), "");
    EXPECT_EQ(read(1), "");
    ASSERT_EQ(close(), 0u);
    tape_.position = 0;
    open(MMIO_READ, 16);
    tape_.failOn(MMIOM_READ);
    expectDocumentedOr(read(4), "error", "", "an error is the end");
    tape_.fault = nullptr;
    EXPECT_EQ(read(4), counting(4));
}

// --- seeking ---

TEST_F(MmioConformance, SeekInsideAFilledBufferIsNoMessage) {
    tape_.content = counting(100);
    open(MMIO_READ, 16);
    EXPECT_EQ(read(8), counting(8));
    const auto messages = tape_.log.size();
    EXPECT_EQ(mmioSeek(file_, 2, SEEK_SET), 2);
    EXPECT_EQ(mmioSeek(file_, 11, SEEK_CUR), 13);
    EXPECT_EQ(info().lBufOffset, 0);
    EXPECT_EQ(read(3), counting(16).substr(13));
    EXPECT_EQ(tape_.log.size(), messages);
}

TEST_F(MmioConformance, SeekOutsideTheBufferEmptiesItThere) {
    tape_.content = counting(100);
    open(MMIO_READWRITE, 16);
    EXPECT_EQ(read(8), counting(8));
    EXPECT_EQ(mmioSeek(file_, 50, SEEK_SET), 50);
    const MMIOINFO now = info();
    EXPECT_EQ(now.lBufOffset, 50);
    EXPECT_EQ(now.pchNext - now.pchBuffer, 0);
    EXPECT_EQ(now.pchEndRead - now.pchBuffer, 0);
    EXPECT_EQ(tell(), 50);
    EXPECT_EQ(read(3), counting(53).substr(50));
}

TEST_F(MmioConformance, DirtyBytesAreWrittenBeforeASeekOutside) {
    tape_.content = counting(100);
    open(MMIO_READWRITE, 16);
    EXPECT_EQ(write("dirty"), 5);
    EXPECT_EQ(mmioSeek(file_, 60, SEEK_SET), 60);
    EXPECT_EQ(tape_.content, "dirty" + counting(100).substr(5));
    EXPECT_EQ(info().dwFlags & MMIO_DIRTY, 0u);
}

TEST_F(MmioConformance, SeekThatCannotWriteWhatIsDirtyFailsAndLosesNothing) {
    tape_.content = counting(100);
    open(MMIO_READWRITE, 16);
    EXPECT_EQ(write("dirty"), 5);
    tape_.failOn(MMIOM_WRITE);
    expectDocumentedOr(mmioSeek(file_, 60, SEEK_SET), -1, 60, "the error is lost");
    tape_.fault = nullptr;
    EXPECT_EQ(close(), 0u);
    expectDocumentedOr(tape_.content, "dirty" + counting(100).substr(5), counting(100),
                       "the bytes are lost");
}

TEST_F(MmioConformance, SeekFromTheEndCountsBackAndSeesWhatIsDirty) {
    tape_.content = counting(100);
    open(MMIO_READWRITE, 16);
    EXPECT_EQ(mmioSeek(file_, 16, SEEK_END), 84);
    EXPECT_EQ(read(16), counting(100).substr(84));
    EXPECT_EQ(write("more"), 4);
    EXPECT_EQ(mmioSeek(file_, 0, SEEK_END), 104);
    EXPECT_EQ(read(1), "");
    EXPECT_EQ(mmioSeek(file_, 6, SEEK_END), 98);
    EXPECT_EQ(read(6), counting(100).substr(98) + "more");
}

TEST_F(MmioConformance, SeekBackInADirtyBufferLosesNothing) {
    open(MMIO_READWRITE, 64);
    EXPECT_EQ(write("0123456789"), 10);
    EXPECT_EQ(mmioSeek(file_, 2, SEEK_SET), 2);
    EXPECT_EQ(close(), 0u);
    expectDocumentedOr(tape_.content, "0123456789", "01", "what lies behind the position is lost");
}

TEST_F(MmioConformance, OverwriteInADirtyBufferKeepsWhatLiesBehind) {
    open(MMIO_READWRITE, 64);
    EXPECT_EQ(write("0123456789"), 10);
    EXPECT_EQ(mmioSeek(file_, -6, SEEK_CUR), 4);
    EXPECT_EQ(write("xy"), 2);
    EXPECT_EQ(read(4), "6789");
    EXPECT_EQ(close(), 0u);
    EXPECT_EQ(tape_.content, "0123xy6789");
}

TEST_F(MmioConformance, BufferedSeekRefusesWhatIsNoPosition) {
    tape_.content = counting(100);
    open(MMIO_READWRITE, 16);
    EXPECT_EQ(read(4), counting(4));
    EXPECT_EQ(mmioSeek(file_, 0, 3), -1);
    expectDocumentedOr(mmioSeek(file_, -1, SEEK_SET), -1, -1, "");
    expectDocumentedOr(mmioSeek(file_, -5, SEEK_CUR), -1, -1, "");
    EXPECT_EQ(mmioSeek(file_, 0x7FFFFFFF, SEEK_CUR), -1);
    EXPECT_EQ(tell(), 4);
    EXPECT_EQ(read(4), counting(8).substr(4));
}

TEST_F(MmioConformance, BufferedSeekThatTheProcRefusesChangesNothing) {
    tape_.content = counting(100);
    open(MMIO_READWRITE, 16);
    EXPECT_EQ(read(4), counting(4));
    tape_.failOn(MMIOM_SEEK);
    EXPECT_EQ(mmioSeek(file_, 60, SEEK_SET), -1);
    tape_.fault = nullptr;
    EXPECT_EQ(tell(), 4);
}

// --- reading and writing one file ---

TEST_F(MmioConformance, ReadsAndWritesAlternateAsInAPlainFile) {
    tape_.content = counting(100);
    std::string model = tape_.content;
    open(MMIO_READWRITE, 16);
    std::size_t at = 0;
    for (int round = 0; round < 12; ++round) {
        const std::size_t bytes = 1 + static_cast<std::size_t>(round) * 5 % 23;
        at = at * 31 % 90;
        ASSERT_EQ(mmioSeek(file_, static_cast<LONG>(at), SEEK_SET), static_cast<LONG>(at));
        EXPECT_EQ(read(3), model.substr(at, 3));
        at += 3;
        const std::string put(bytes, static_cast<char>('a' + round));
        ASSERT_EQ(write(put), static_cast<LONG>(bytes));
        if (model.size() < at + bytes) model.resize(at + bytes);
        model.replace(at, bytes, put);
        at += bytes;
        EXPECT_EQ(read(5), model.substr(at, 5));
        at = std::min(at + 5, model.size());
    }
    EXPECT_EQ(close(), 0u);
    EXPECT_EQ(tape_.content, model);
}

// --- flushing ---

TEST_F(MmioConformance, FlushWritesOnceAndCleans) {
    open(MMIO_READWRITE, 64);
    EXPECT_EQ(mmioFlush(file_, 0), 0u);
    EXPECT_EQ(tape_.log, Log{"OPEN"});
    EXPECT_EQ(write("bytes"), 5);
    EXPECT_EQ(mmioFlush(file_, 0), 0u);
    EXPECT_EQ(tape_.content, "bytes");
    EXPECT_EQ(info().dwFlags & MMIO_DIRTY, 0u);
    EXPECT_EQ(tell(), 5);
    const auto messages = tape_.log.size();
    EXPECT_EQ(mmioFlush(file_, 0), 0u);
    EXPECT_EQ(tape_.log.size(), messages);
}

TEST_F(MmioConformance, FlushWritesAtTheBuffersOffset) {
    tape_.content = counting(100);
    open(MMIO_READWRITE, 16);
    EXPECT_EQ(mmioSeek(file_, 40, SEEK_SET), 40);
    EXPECT_EQ(write("here"), 4);
    EXPECT_EQ(mmioFlush(file_, 0), 0u);
    EXPECT_EQ(tape_.content, counting(40) + "here" + counting(100).substr(44));
    EXPECT_EQ(write("!"), 1);
    EXPECT_EQ(close(), 0u);
    EXPECT_EQ(tape_.content, counting(40) + "here!" + counting(100).substr(45));
}

TEST_F(MmioConformance, FailedFlushSaysSoAndKeepsTheBytes) {
    open(MMIO_READWRITE, 64);
    EXPECT_EQ(write("01234567"), 8);
    tape_.failOn(MMIOM_WRITE);
    const MMRESULT cannot = MMIOERR_CANNOTWRITE;
    expectDocumentedOr(mmioFlush(file_, 0), cannot, 0u, "the error is lost");
    tape_.failOn(MMIOM_WRITE, 3);
    expectDocumentedOr(mmioFlush(file_, 0), cannot, 0u, "a short write is none");
    tape_.fault = nullptr;
    EXPECT_EQ(mmioFlush(file_, 0), 0u);
    expectDocumentedOr(tape_.content, "01234567", "", "what could not be written is dropped");
}

TEST_F(MmioConformance, EmptyBufferFlushGoesOnBehindIt) {
    open(MMIO_READWRITE, 64);
    EXPECT_EQ(write("first"), 5);
    EXPECT_EQ(mmioFlush(file_, MMIO_EMPTYBUF), 0u);
    const MMIOINFO now = info();
    EXPECT_EQ(now.pchNext - now.pchBuffer, 0);
    EXPECT_EQ(now.pchEndRead - now.pchBuffer, 0);
    expectDocumentedOr(now.lBufOffset, 5, 0, "the buffer's offset stays");
    EXPECT_EQ(write("second"), 6);
    EXPECT_EQ(mmioFlush(file_, 0), 0u);
    expectDocumentedOr(tape_.content, "firstsecond", "second", "later bytes are misplaced");
}

TEST_F(MmioConformance, EmptyBufferFlushMakesTheNextReadASecondOne) {
    tape_.content = counting(100);
    open(MMIO_READWRITE, 16);
    EXPECT_EQ(read(4), counting(4));
    EXPECT_EQ(mmioFlush(file_, MMIO_EMPTYBUF), 0u);
    tape_.content.replace(4, 2, "XY");
    expectDocumentedOr(read(2), "XY", counting(18).substr(16), "the read-ahead is skipped");
}

}  // namespace
}  // namespace holdfast::mmio_conformance
