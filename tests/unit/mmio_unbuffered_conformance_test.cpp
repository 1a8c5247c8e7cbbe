// What mmio promises, against the public API alone: files without a buffer.
#include "tests/support/mmio_tape.h"

namespace holdfast::mmio_conformance {
namespace {

TEST_F(MmioConformance, WriteIsOneMessageWithTheCallersPointer) {
    open();
    const char bytes[] = "12345678";
    EXPECT_EQ(mmioWrite(file_, bytes, 8), 8);
    EXPECT_EQ(tape_.log, (Log{"OPEN", "WRITE 8"}));
    EXPECT_EQ(tape_.lastBuffer, reinterpret_cast<LPARAM>(bytes));
    EXPECT_EQ(tape_.content, "12345678");
    EXPECT_EQ(info().lDiskOffset, 8);
}

TEST_F(MmioConformance, ShortAndFailedTransfersComeBackUnchanged) {
    open();
    char bytes[8] = {};
    for (const LONG answer : {3, 0, -1}) {
        tape_.fault = [answer](UINT message, LPARAM, LPARAM) {
            return message <= MMIOM_WRITE ? std::optional<LRESULT>(answer) : std::nullopt;
        };
        EXPECT_EQ(mmioWrite(file_, bytes, 8), answer);
        EXPECT_EQ(mmioRead(file_, bytes, 8), answer);
    }
    EXPECT_EQ(tape_.log.size(), 7u);
}

TEST_F(MmioConformance, ReadIsOneMessageAndZeroAtTheEnd) {
    open();
    tape_.content = "abc";
    char bytes[8] = {};
    EXPECT_EQ(mmioRead(file_, bytes, 8), 3);
    EXPECT_EQ(std::string(bytes, 3), "abc");
    EXPECT_EQ(tape_.lastBuffer, reinterpret_cast<LPARAM>(bytes));
    EXPECT_EQ(mmioRead(file_, bytes, 8), 0);
    EXPECT_EQ(tape_.log, (Log{"OPEN", "READ 8", "READ 8"}));
}

TEST_F(MmioConformance, SeekIsOneMessageAndAnswersThePosition) {
    open();
    tape_.content.assign(100, 'x');
    EXPECT_EQ(mmioSeek(file_, 40, SEEK_SET), 40);
    EXPECT_EQ(mmioSeek(file_, 2, SEEK_CUR), 42);
    EXPECT_EQ(mmioSeek(file_, 16, SEEK_END), 84);
    EXPECT_EQ(tape_.log, (Log{"OPEN", "SEEK 40,SET", "SEEK 2,CUR", "SEEK 16,END"}));
}

TEST_F(MmioConformance, UnknownOriginIsRefused) {
    open();
    expectDocumentedOr(mmioSeek(file_, 0, 3), -1, 0, "the IOProc is asked");
    expectDocumentedOr(tape_.log, Log{"OPEN"}, Log{"OPEN", "SEEK 0,END"}, "the IOProc is asked");
}

TEST_F(MmioConformance, FailedSeekIsMinusOne) {
    open();
    tape_.failOn(MMIOM_SEEK);
    EXPECT_EQ(mmioSeek(file_, 0, SEEK_SET), -1);
}

TEST_F(MmioConformance, FlushOfAnUnbufferedFileIsNoMessage) {
    open();
    EXPECT_EQ(write("abc"), 3);
    tape_.failOn(MMIOM_WRITE);
    EXPECT_EQ(mmioFlush(file_, 0), 0u);
    EXPECT_EQ(mmioFlush(file_, MMIO_EMPTYBUF), 0u);
    EXPECT_EQ(tape_.log, (Log{"OPEN", "WRITE 3"}));
}

TEST_F(MmioConformance, NoBufferCannotBeAdvanced) {
    open();
    MMIOINFO now = info();
    EXPECT_EQ(mmioAdvance(file_, &now, MMIO_READ), MMRESULT{MMIOERR_UNBUFFERED});
    EXPECT_EQ(mmioAdvance(file_, nullptr, MMIO_WRITE), MMRESULT{MMIOERR_UNBUFFERED});
    EXPECT_EQ(tape_.log, Log{"OPEN"});
}

TEST_F(MmioConformance, InfoOfAnUnbufferedFileCannotGetABufferPosition) {
    open();
    MMIOINFO now = info();
    EXPECT_EQ(mmioSetInfo(file_, &now, 0), 0u);
    char elsewhere = 0;
    now.pchNext = &elsewhere;
    const MMRESULT refused = mmioSetInfo(file_, &now, 0);
    expectDocumentedOr(refused != 0, true, false, "a pointer into no buffer is taken");
    if (refused != 0) {
        EXPECT_TRUE(info().pchNext == nullptr);
    }
    EXPECT_EQ(tape_.log, Log{"OPEN"});
}

}  // namespace
}  // namespace holdfast::mmio_conformance
