// What mmio promises, against the public API alone: opening, information, closing.
#include "tests/support/mmio_tape.h"

namespace holdfast::mmio_conformance {
namespace {

TEST_F(MmioConformance, UnbufferedOpenHasNoBufferAndKeepsItsFlags) {
    open(MMIO_READWRITE);
    const MMIOINFO now = info();
    EXPECT_EQ(now.cchBuffer, 0);
    EXPECT_TRUE(now.pchBuffer == nullptr && now.pchNext == nullptr);
    EXPECT_TRUE(now.pchEndRead == nullptr && now.pchEndWrite == nullptr);
    EXPECT_EQ(now.lBufOffset, 0);
    EXPECT_EQ(now.lDiskOffset, 0);
    EXPECT_EQ(now.dwFlags, DWORD{MMIO_READWRITE});
    EXPECT_TRUE(now.hmmio == file_);
    expectDocumentedOr(now.pIOProc == tapeProc, true, false, "the IOProc is not told");
}

TEST_F(MmioConformance, OpenIsOneMessageAndCarriesAdwInfo) {
    open(MMIO_WRITE);
    EXPECT_EQ(tape_.log, Log{"OPEN"});
    EXPECT_EQ(tape_.names, Log{"tape"});
    for (const MMIOINFO& seen : {tape_.atOpen, info()}) {
        EXPECT_EQ(seen.adwInfo[0], 7u);
        EXPECT_EQ(seen.adwInfo[1], 8u);
        EXPECT_EQ(seen.adwInfo[2], 0xFFFFFFFFu);
        EXPECT_EQ(seen.dwFlags, DWORD{MMIO_WRITE});
        EXPECT_EQ(seen.lDiskOffset, 0);
    }
}

TEST_F(MmioConformance, SizedBufferIsAllocated) {
    open(MMIO_READWRITE, 256);
    const MMIOINFO now = info();
    EXPECT_EQ(now.cchBuffer, 256);
    ASSERT_TRUE(now.pchBuffer != nullptr);
    EXPECT_EQ(now.pchNext - now.pchBuffer, 0);
    EXPECT_EQ(now.pchEndRead - now.pchBuffer, 0);
    EXPECT_EQ(now.pchEndWrite - now.pchBuffer, 256);
    EXPECT_EQ(now.dwFlags, DWORD{MMIO_READWRITE | MMIO_ALLOCBUF});
    EXPECT_EQ(tape_.log, Log{"OPEN"});
}

TEST_F(MmioConformance, AllocBufAloneIsTheDefaultSize) {
    open(MMIO_READWRITE | MMIO_ALLOCBUF);
    const MMIOINFO now = info();
    EXPECT_EQ(now.cchBuffer, MMIO_DEFAULTBUFFER);
    EXPECT_EQ(now.pchEndWrite - now.pchBuffer, MMIO_DEFAULTBUFFER);
    EXPECT_NE(now.dwFlags & MMIO_ALLOCBUF, 0u);
    ASSERT_EQ(close(), 0u);
    open(MMIO_READWRITE | MMIO_ALLOCBUF, 100);
    EXPECT_EQ(info().cchBuffer, 100);
}

TEST_F(MmioConformance, OwnBufferIsUsedAndNotCalledAllocated) {
    char buffer[64];
    open(MMIO_READWRITE | MMIO_ALLOCBUF, sizeof buffer, buffer);
    const MMIOINFO now = info();
    EXPECT_EQ(now.cchBuffer, 64);
    EXPECT_TRUE(now.pchBuffer == buffer && now.pchNext == buffer);
    EXPECT_TRUE(now.pchEndRead == buffer && now.pchEndWrite == buffer + 64);
    EXPECT_EQ(now.dwFlags & MMIO_ALLOCBUF, 0u);
}

TEST_F(MmioConformance, BufferOfNoSizeIsRefused) {
    char buffer[16];
    MMIOINFO own{};
    own.pIOProc = tapeProc;
    own.pchBuffer = buffer;
    file_ = openNamed(L"tape", own, MMIO_READWRITE);
    expectDocumentedOr(file_ == nullptr, true, false, "a buffer of 0 bytes is taken");
    if (file_ == nullptr) {
        EXPECT_EQ(own.wErrorRet, UINT{MMIOERR_INVALIDFILE});
    }
}

TEST_F(MmioConformance, PositionThatOpenCorrectsIsTheFirst) {
    tape_.content = counting(100);
    tape_.position = 40;
    open(MMIO_READWRITE, 16);
    // The tape says at its first message where it stands.
    EXPECT_EQ(info().lDiskOffset, 40);
    expectDocumentedOr(tell(), 40, 0, "lBufOffset stays 0");
    expectDocumentedOr(read(4), counting(44).substr(40), counting(4), "lBufOffset stays 0");
}

TEST_F(MmioConformance, RefusedOpenTellsTheProcsReason) {
    tape_.failOn(MMIOM_OPEN, MMIOERR_CANNOTOPEN);
    MMIOINFO wanted{};
    wanted.pIOProc = tapeProc;
    EXPECT_TRUE(openNamed(L"tape", wanted, MMIO_READ) == nullptr);
    EXPECT_EQ(wanted.wErrorRet, UINT{MMIOERR_CANNOTOPEN});
    EXPECT_EQ(tape_.log, Log{"OPEN"});
}

TEST_F(MmioConformance, ExtensionBeforePlusNamesTheProc) {
    ASSERT_TRUE(mmioInstallIOProcW(kXyz, tapeProc, MMIO_INSTALLPROC) == tapeProc);
    MMIOINFO wanted{};
    file_ = openNamed(L"file+name.xyz+one", wanted, MMIO_READ);
    ASSERT_TRUE(file_ != nullptr);
    EXPECT_EQ(tape_.log, Log{"OPEN"});
    EXPECT_EQ(tape_.names, Log{"file+name.xyz+one"});
    EXPECT_EQ(info().fccIOProc, kXyz);
    EXPECT_EQ(close(), 0u);

    ASSERT_TRUE(mmioInstallIOProcW(kXyz, nullptr, MMIO_REMOVEPROC) == tapeProc);
    MMIOINFO again{};
    EXPECT_TRUE(openNamed(L"file+name.xyz+one", again, MMIO_READ) == nullptr);
    EXPECT_EQ(again.wErrorRet, UINT{MMIOERR_FILENOTFOUND});
    EXPECT_EQ(tape_.log, (Log{"OPEN", "CLOSE"}));
}

TEST_F(MmioConformance, NarrowNamesNameTheProcToo) {
    ASSERT_TRUE(mmioInstallIOProcA(kXyz, tapeProc, MMIO_INSTALLPROC) == tapeProc);
    char name[] = "file.xyz+";
    file_ = mmioOpenA(name, nullptr, MMIO_READ);
    ASSERT_TRUE(file_ != nullptr);
    EXPECT_EQ(tape_.log, Log{"OPEN"});
}

TEST_F(MmioConformance, ExtensionWithoutPlusNamesNoProc) {
    ASSERT_TRUE(mmioInstallIOProcW(kXyz, tapeProc, MMIO_INSTALLPROC) == tapeProc);
    MMIOINFO wanted{};
    EXPECT_TRUE(openNamed(freshPath("file.xyz").wstring(), wanted, MMIO_READ) == nullptr);
    EXPECT_EQ(wanted.wErrorRet, UINT{MMIOERR_FILENOTFOUND});
    EXPECT_EQ(tape_.log, Log{});
}

TEST_F(MmioConformance, UnknownFourCcOpensNothing) {
    MMIOINFO wanted{};
    wanted.fccIOProc = kXyz;
    EXPECT_TRUE(openNamed(L"tape", wanted, MMIO_READ) == nullptr);
}

TEST_F(MmioConformance, InstalledProcOpensByItsFourCc) {
    ASSERT_TRUE(mmioInstallIOProcW(kXyz, tapeProc, MMIO_INSTALLPROC) == tapeProc);
    MMIOINFO wanted{};
    wanted.fccIOProc = kXyz;
    file_ = openNamed(L"tape", wanted, MMIO_WRITE);
    ASSERT_TRUE(file_ != nullptr);
    EXPECT_EQ(tape_.log, Log{"OPEN"});
    expectDocumentedOr(info().pIOProc == tapeProc, true, false, "the IOProc is not told");
}

TEST_F(MmioConformance, DeletingByAProcIsItsOpenMessageAndNoHandle) {
    MMIOINFO wanted{};
    wanted.pIOProc = tapeProc;
    const HMMIO deleted = openNamed(L"tape", wanted, MMIO_DELETE);
    EXPECT_EQ(tape_.atOpen.dwFlags & MMIO_DELETE, DWORD{MMIO_DELETE});
    EXPECT_EQ(tape_.log, Log{"OPEN"});
    EXPECT_TRUE(deleted != nullptr);
    const bool isTrue = reinterpret_cast<std::uintptr_t>(deleted) == 1;
    expectDocumentedOr(isTrue, true, false, "a handle comes back");
    if (!isTrue) file_ = deleted;

    tape_.failOn(MMIOM_OPEN, MMIOERR_ACCESSDENIED);
    EXPECT_TRUE(openNamed(L"tape", wanted, MMIO_DELETE) == nullptr);
    EXPECT_EQ(wanted.wErrorRet, UINT{MMIOERR_ACCESSDENIED});
}

// --- closing ---

TEST_F(MmioConformance, CloseIsTheLastMessageAndReturnsItsAnswer) {
    open();
    tape_.failOn(MMIOM_CLOSE, MMIOERR_CANNOTCLOSE);
    EXPECT_EQ(mmioClose(file_, 0), MMRESULT{MMIOERR_CANNOTCLOSE});
    EXPECT_EQ(tape_.log, (Log{"OPEN", "CLOSE"}));
    EXPECT_EQ(mmioClose(file_, 0), MMRESULT{MMSYSERR_INVALHANDLE});
    EXPECT_EQ(tape_.log, (Log{"OPEN", "CLOSE"}));
    file_ = nullptr;
}

TEST_F(MmioConformance, CloseHandsItsFlagsOver) {
    LPARAM flags = -1;
    tape_.fault = [&](UINT message, LPARAM first, LPARAM) -> std::optional<LRESULT> {
        if (message == MMIOM_CLOSE) flags = first;
        return std::nullopt;
    };
    open();
    EXPECT_EQ(mmioClose(file_, MMIO_FHOPEN), 0u);
    file_ = nullptr;
    EXPECT_EQ(flags, LPARAM{MMIO_FHOPEN});
}

TEST_F(MmioConformance, CloseWritesWhatIsDirtyAndSaysWhenItCannot) {
    open(MMIO_WRITE, 64);
    EXPECT_EQ(write("dirty"), 5);
    EXPECT_EQ(close(), 0u);
    EXPECT_EQ(tape_.content, "dirty");
    EXPECT_EQ(tape_.log.back(), "CLOSE");

    open(MMIO_WRITE, 64);
    EXPECT_EQ(write("dirty"), 5);
    tape_.failOn(MMIOM_WRITE);
    expectDocumentedOr(close(), MMRESULT{MMIOERR_CANNOTWRITE}, 0u, "the error is lost");
    EXPECT_EQ(tape_.log.back(), "CLOSE");
}

TEST_F(MmioConformance, ClosedHandleIsRefusedEverywhere) {
    open();
    const HMMIO stale = file_;
    ASSERT_EQ(close(), 0u);
    open();  // whatever is open now must not be taken for it
    const std::size_t before = tape_.log.size();
    char byte = 0;
    MMIOINFO some{};
    MMCKINFO chunk{};
    const MMRESULT invalid = MMSYSERR_INVALHANDLE;
    EXPECT_EQ(mmioRead(stale, &byte, 1), -1);
    EXPECT_EQ(mmioWrite(stale, &byte, 1), -1);
    expectDocumentedOr(mmioSeek(stale, 0, SEEK_SET), -1, 5, "answers 5");
    EXPECT_EQ(mmioFlush(stale, 0), invalid);
    EXPECT_EQ(mmioGetInfo(stale, &some, 0), invalid);
    EXPECT_EQ(mmioSetInfo(stale, &some, 0), invalid);
    EXPECT_EQ(mmioSetBuffer(stale, nullptr, 16, 0), invalid);
    EXPECT_EQ(mmioAdvance(stale, nullptr, 0), invalid);
    expectDocumentedOr(mmioDescend(stale, &chunk, nullptr, 0), invalid, 265u, "answers 265");
    expectDocumentedOr(mmioCreateChunk(stale, &chunk, 0), invalid, 262u, "answers 262");
    expectDocumentedOr(mmioAscend(stale, &chunk, 0), invalid, 0u, "answers 0");
    EXPECT_EQ(mmioSendMessage(stale, MMIOM_USER, 0, 0), LRESULT{MMSYSERR_INVALHANDLE});
    EXPECT_EQ(mmioClose(stale, 0), invalid);
    EXPECT_EQ(tape_.log.size(), before);
}

}  // namespace
}  // namespace holdfast::mmio_conformance
