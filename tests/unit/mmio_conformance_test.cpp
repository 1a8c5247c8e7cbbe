// What mmio promises to the recorder, but for chunks, against the public API alone.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "iocore/mmio/mmio.h"
#include "tests/support/mmio_tape.h"

namespace holdfast::mmio_conformance {
namespace {

// --- open, information, close ---

TEST_F(MmioConformance, UnbufferedOpenHasNoBufferAndKeepsItsFlags) {
    open(MMIO_READWRITE);
    MMIOINFO info{};
    ASSERT_EQ(mmioGetInfo(file_, &info, 0), 0u);
    EXPECT_EQ(info.cchBuffer, 0);
    EXPECT_TRUE(info.pchBuffer == nullptr && info.pchNext == nullptr);
    EXPECT_TRUE(info.pchEndRead == nullptr && info.pchEndWrite == nullptr);
    EXPECT_EQ(info.lBufOffset, 0);
    EXPECT_EQ(info.lDiskOffset, 0);
    EXPECT_EQ(info.dwFlags, DWORD{MMIO_READWRITE});
}

TEST_F(MmioConformance, OpenIsOneMessageAndCarriesAdwInfo) {
    open(MMIO_WRITE);
    EXPECT_EQ(tape_.log, Log{"OPEN"});
    MMIOINFO info{};
    ASSERT_EQ(mmioGetInfo(file_, &info, 0), 0u);
    for (const MMIOINFO& seen : {tape_.atOpen, info}) {
        EXPECT_EQ(seen.adwInfo[0], 7u);
        EXPECT_EQ(seen.adwInfo[1], 8u);
        EXPECT_EQ(seen.adwInfo[2], 0xFFFFFFFFu);
        EXPECT_EQ(seen.dwFlags, DWORD{MMIO_WRITE});
        EXPECT_EQ(seen.lDiskOffset, 0);
    }
}

TEST_F(MmioConformance, RefusedOpenTellsTheProcsReason) {
    tape_.fault = [](UINT, LPARAM, LPARAM) { return std::optional<LRESULT>(259); };
    MMIOINFO info{};
    info.pIOProc = tapeProc;
    EXPECT_EQ(openNamed(L"tape", info, MMIO_READ), nullptr);
    EXPECT_EQ(info.wErrorRet, kCannotOpen);
    EXPECT_EQ(tape_.log, Log{"OPEN"});
}

TEST_F(MmioConformance, ExtensionBeforePlusNamesTheProc) {
    ASSERT_TRUE(mmioInstallIOProcW(kXyz, tapeProc, MMIO_INSTALLPROC) == tapeProc);
    MMIOINFO info{};
    file_ = openNamed(L"file+name.xyz+one", info, MMIO_READ);
    ASSERT_NE(file_, nullptr);
    EXPECT_EQ(tape_.log, Log{"OPEN"});
    ASSERT_EQ(mmioGetInfo(file_, &info, 0), 0u);
    EXPECT_EQ(info.fccIOProc, kXyz);
    EXPECT_EQ(mmioClose(file_, 0), 0u);
    file_ = nullptr;

    ASSERT_TRUE(mmioInstallIOProcW(kXyz, nullptr, MMIO_REMOVEPROC) == tapeProc);
    MMIOINFO again{};
    EXPECT_EQ(openNamed(L"file+name.xyz+one", again, MMIO_READ), nullptr);
    EXPECT_EQ(again.wErrorRet, kFileNotFound);
    EXPECT_EQ(tape_.log, (Log{"OPEN", "CLOSE"}));
}

TEST_F(MmioConformance, UnknownFourCcOpensNothing) {
    MMIOINFO info{};
    info.fccIOProc = kXyz;
    EXPECT_EQ(openNamed(L"tape", info, MMIO_READ), nullptr);
}

TEST_F(MmioConformance, InstalledProcOpensByItsFourCc) {
    ASSERT_TRUE(mmioInstallIOProcW(kXyz, tapeProc, MMIO_INSTALLPROC) == tapeProc);
    MMIOINFO info{};
    info.fccIOProc = kXyz;
    file_ = openNamed(L"tape", info, MMIO_WRITE);
    ASSERT_NE(file_, nullptr);
    EXPECT_EQ(tape_.log, Log{"OPEN"});
}

TEST_F(MmioConformance, CloseIsTheLastMessageAndReturnsItsAnswer) {
    open();
    tape_.fault = [](UINT message, LPARAM, LPARAM) {
        return message == MMIOM_CLOSE ? std::optional<LRESULT>(260) : std::nullopt;
    };
    EXPECT_EQ(mmioClose(file_, 0), 260u);
    EXPECT_EQ(tape_.log, (Log{"OPEN", "CLOSE"}));
    EXPECT_EQ(mmioClose(file_, 0), kInvalidHandle);
    EXPECT_EQ(tape_.log, (Log{"OPEN", "CLOSE"}));
    file_ = nullptr;
}

TEST_F(MmioConformance, InfoOfAnUnbufferedFileCannotGetABufferPosition) {
    open();
    MMIOINFO info{};
    ASSERT_EQ(mmioGetInfo(file_, &info, 0), 0u);
    EXPECT_EQ(mmioSetInfo(file_, &info, 0), 0u);
    char elsewhere = 0;
    info.pchNext = &elsewhere;
    const MMRESULT refused = mmioSetInfo(file_, &info, 0);
    EXPECT_DOCUMENTED("a pointer into no buffer", refused, kInvalidParameter, 0);
    if (refused != 0) {
        ASSERT_EQ(mmioGetInfo(file_, &info, 0), 0u);
        EXPECT_TRUE(info.pchNext == nullptr);
    }
    EXPECT_EQ(tape_.log, Log{"OPEN"});
}

TEST_F(MmioConformance, ClosedHandleIsRefusedEverywhere) {
    open();
    const HMMIO stale = file_;
    ASSERT_EQ(mmioClose(file_, 0), 0u);
    open();  // whatever is open now must not be taken for it
    const std::size_t before = tape_.log.size();
    char byte = 0;
    MMIOINFO info{};
    MMCKINFO chunk{};
    if (kOwnLayer) {
        EXPECT_EQ(mmioRead(stale, &byte, 1), -1);
        EXPECT_EQ(mmioWrite(stale, &byte, 1), -1);
        EXPECT_EQ(mmioSeek(stale, 0, SEEK_SET), -1);
        EXPECT_EQ(mmioFlush(stale, 0), kInvalidHandle);
        EXPECT_EQ(mmioGetInfo(stale, &info, 0), kInvalidHandle);
        EXPECT_EQ(mmioSetInfo(stale, &info, 0), kInvalidHandle);
        EXPECT_EQ(mmioCreateChunk(stale, &chunk, 0), kInvalidHandle);
        EXPECT_EQ(mmioAscend(stale, &chunk, 0), kInvalidHandle);
        EXPECT_EQ(mmioSendMessage(stale, MMIOM_USER, 0, 0), LRESULT{kInvalidHandle});
    }
    EXPECT_EQ(mmioClose(stale, 0), kInvalidHandle);
    EXPECT_EQ(tape_.log.size(), before);
}

TEST_F(MmioConformance, WhatIsNotBuiltIsRefusedAndNotIgnored) {
    if (!kOwnLayer) GTEST_SKIP() << "the system's layer has them";
    char buffer[16];
    for (const DWORD flags : {DWORD{MMIO_ALLOCBUF}, DWORD{MMIO_DELETE}, DWORD{MMIO_PARSE},
                              DWORD{MMIO_EXIST}, DWORD{MMIO_GETTEMP}}) {
        MMIOINFO info{};
        info.pIOProc = tapeProc;
        EXPECT_EQ(openNamed(L"tape", info, MMIO_READWRITE | flags), nullptr);
        EXPECT_EQ(info.wErrorRet, 272u);
    }
    MMIOINFO sized{};
    sized.pIOProc = tapeProc;
    sized.cchBuffer = 256;
    EXPECT_EQ(openNamed(L"tape", sized, MMIO_READWRITE), nullptr);
    EXPECT_EQ(sized.wErrorRet, 272u);
    MMIOINFO own{};
    own.pIOProc = tapeProc;
    own.pchBuffer = buffer;
    EXPECT_EQ(openNamed(L"tape", own, MMIO_READWRITE), nullptr);
    EXPECT_EQ(own.wErrorRet, 272u);
    EXPECT_TRUE(tape_.log.empty());
}

// --- installed IOProcs ---

TEST_F(MmioConformance, NewestProcUnderACodeIsFoundAndRemovedFirst) {
    ASSERT_TRUE(mmioInstallIOProcW(kXyz, tapeProc, MMIO_INSTALLPROC) == tapeProc);
    ASSERT_TRUE(mmioInstallIOProcA(kXyz, otherProc, MMIO_INSTALLPROC) == otherProc);
    EXPECT_TRUE(mmioInstallIOProcW(kXyz, nullptr, MMIO_FINDPROC) == otherProc);
    EXPECT_TRUE(mmioInstallIOProcW(kXyz, nullptr, MMIO_REMOVEPROC) == otherProc);
    EXPECT_TRUE(mmioInstallIOProcW(kXyz, nullptr, MMIO_FINDPROC) == tapeProc);
    EXPECT_TRUE(mmioInstallIOProcW(kXyz, nullptr, MMIO_REMOVEPROC) == tapeProc);
    EXPECT_TRUE(mmioInstallIOProcW(kXyz, nullptr, MMIO_FINDPROC) == nullptr);
}

TEST_F(MmioConformance, UnknownAndBuiltInProcsCannotBeRemoved) {
    EXPECT_TRUE(mmioInstallIOProcW(kXyz, nullptr, MMIO_REMOVEPROC) == nullptr);
    EXPECT_TRUE(mmioInstallIOProcW(FOURCC_DOS, nullptr, MMIO_REMOVEPROC) == nullptr);
    EXPECT_TRUE(mmioInstallIOProcW(FOURCC_DOS, nullptr, MMIO_FINDPROC) != nullptr);
}

TEST_F(MmioConformance, GlobalModifiesInstallAndIsIgnoredElsewhere) {
    if (!kOwnLayer) GTEST_SKIP() << "a system may keep it to itself";
    const DWORD global = MMIO_GLOBALPROC;
    EXPECT_TRUE(mmioInstallIOProcW(kXyz, tapeProc, MMIO_INSTALLPROC | global) == tapeProc);
    EXPECT_TRUE(mmioInstallIOProcW(kXyz, nullptr, MMIO_INSTALLPROC) == nullptr);
    EXPECT_TRUE(mmioInstallIOProcW(kXyz, nullptr, MMIO_FINDPROC | global) == tapeProc);
    EXPECT_TRUE(mmioInstallIOProcW(kXyz, nullptr, MMIO_REMOVEPROC | global) == tapeProc);
    EXPECT_TRUE(mmioInstallIOProcW(kXyz, tapeProc, MMIO_INSTALLPROC | MMIO_FINDPROC) == nullptr);
    EXPECT_TRUE(mmioInstallIOProcW(kXyz, nullptr, MMIO_FINDPROC) == nullptr);
}

// --- read, write, seek, flush, own messages ---

TEST_F(MmioConformance, WriteIsOneMessageWithTheCallersPointer) {
    open();
    const char bytes[] = "12345678";
    EXPECT_EQ(mmioWrite(file_, bytes, 8), 8);
    EXPECT_EQ(tape_.log, (Log{"OPEN", "WRITE 8"}));
    EXPECT_EQ(tape_.lastBuffer, reinterpret_cast<LPARAM>(bytes));
    EXPECT_EQ(tape_.content, "12345678");
}

TEST_F(MmioConformance, ShortAndFailedTransfersComeBackUnchanged) {
    open();
    char bytes[8] = {};
    for (const LRESULT answer : {LRESULT{3}, LRESULT{0}, LRESULT{-1}}) {
        tape_.fault = [answer](UINT message, LPARAM, LPARAM) {
            return message <= MMIOM_WRITE ? std::optional(answer) : std::nullopt;
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

TEST_F(MmioConformance, BadOriginIsRefusedAndPositionsEndAt31Bits) {
    open();
    tape_.fault = [](UINT message, LPARAM, LPARAM) {
        return message == MMIOM_SEEK ? std::optional<LRESULT>(LRESULT{1} << 31) : std::nullopt;
    };
    if (!kOwnLayer) GTEST_SKIP() << "a system may deliver the origin and cut the position";
    EXPECT_EQ(mmioSeek(file_, 0, 3), -1);
    EXPECT_EQ(tape_.log, Log{"OPEN"});
    EXPECT_EQ(mmioSeek(file_, 0, SEEK_CUR), -1);
}

TEST_F(MmioConformance, FlushOfAnUnbufferedFileIsNoMessage) {
    open();
    EXPECT_EQ(write("abc"), 3);
    tape_.failOn(MMIOM_WRITE);
    EXPECT_EQ(mmioFlush(file_, 0), 0u);
    EXPECT_EQ(mmioFlush(file_, MMIO_EMPTYBUF), 0u);
    EXPECT_EQ(tape_.log, (Log{"OPEN", "WRITE 3"}));
}

TEST_F(MmioConformance, OwnMessagesTravelVerbatimBothWays) {
    open();
    EXPECT_EQ(mmioSendMessage(file_, MMIOM_USER, 4, 5), 4005);
    EXPECT_EQ(mmioSendMessage(file_, MMIOM_USER + 7, -2, 1), -1999);
    const LPARAM wide = INTPTR_MAX / 4096;
    EXPECT_EQ(mmioSendMessage(file_, MMIOM_USER + 7, wide, 1), wide * 1000 + 1);
    EXPECT_EQ(tape_.log.size(), 4u);
    EXPECT_EQ(tape_.log[2], "USER+7 -2,1");
}

TEST_F(MmioConformance, ReservedMessagesAreRefusedAndNotDelivered) {
    open();
    for (const UINT message :
         {UINT{MMIOM_READ}, UINT{MMIOM_WRITE}, UINT{MMIOM_SEEK}, UINT{MMIOM_OPEN},
          UINT{MMIOM_CLOSE}, UINT{MMIOM_WRITEFLUSH}, UINT{MMIOM_RENAME}, UINT{MMIOM_USER} - 1}) {
        EXPECT_EQ(mmioSendMessage(file_, message, 0, 0), LRESULT{kInvalidParameter}) << message;
    }
    EXPECT_EQ(tape_.log, Log{"OPEN"});
}

// --- plain files ---

TEST_F(MmioConformance, PlainFileHoldsWhatWasWritten) {
    const auto path = freshPath();
    MMIOINFO info{};
    file_ = openNamed(path.wstring(), info, MMIO_CREATE | MMIO_READWRITE);
    ASSERT_NE(file_, nullptr) << info.wErrorRet;
    EXPECT_EQ(write("Hold"), 4);
    EXPECT_EQ(write("fast recorder"), 13);
    EXPECT_EQ(mmioSeek(file_, 8, SEEK_END), 9);
    char back[16] = {};
    EXPECT_EQ(mmioRead(file_, back, 16), 8);
    EXPECT_STREQ(back, "recorder");
    ASSERT_EQ(mmioGetInfo(file_, &info, 0), 0u);
    EXPECT_EQ(info.fccIOProc, DWORD{FOURCC_DOS});
    EXPECT_EQ(mmioClose(file_, 0), 0u);
    file_ = nullptr;
    std::ifstream stream(path, std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "Holdfast recorder");
}

TEST_F(MmioConformance, WideNamesReachTheDiskAsUtf8) {
    if (!kOwnLayer) GTEST_SKIP() << "a system has an encoding of its own";
    MMIOINFO info{};
    const std::wstring wide = freshPath().wstring() + L"h\u00FC\u20AC\U0001F600";
    file_ = openNamed(wide, info, MMIO_CREATE | MMIO_WRITE);
    ASSERT_NE(file_, nullptr) << info.wErrorRet;
    path_ = freshPath().string() + "h\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80";
    EXPECT_TRUE(std::filesystem::exists(path_));
    EXPECT_EQ(openNamed({wchar_t(0xD800), 0}, info, MMIO_CREATE | MMIO_WRITE), nullptr);
}

TEST_F(MmioConformance, AbsentPlainFileIsNotFound) {
    MMIOINFO info{};
    EXPECT_EQ(openNamed(freshPath().wstring(), info, MMIO_READ), nullptr);
    EXPECT_EQ(info.wErrorRet, kFileNotFound);
}

TEST_F(MmioConformance, WriteFlushWritesAndMovesTheOffset) {
    if (!kOwnLayer) GTEST_SKIP() << "needs an IOProc of which the source is at hand";
    MMIOINFO info{};
    file_ = openNamed(freshPath().wstring(), info, MMIO_CREATE | MMIO_READWRITE);
    ASSERT_NE(file_, nullptr) << info.wErrorRet;
    ASSERT_EQ(mmioGetInfo(file_, &info, 0), 0u);
    const LPMMIOPROC proc = mmioInstallIOProcW(FOURCC_DOS, nullptr, MMIO_FINDPROC);
    const auto flush = [&](const char* bytes, LPARAM size) {
        return proc(reinterpret_cast<LPSTR>(&info), MMIOM_WRITEFLUSH,
                    reinterpret_cast<LPARAM>(bytes), size);
    };
    EXPECT_EQ(flush("abcde", 5), 5);
    EXPECT_EQ(flush(nullptr, 0), 0);
    EXPECT_EQ(info.lDiskOffset, 5);
    EXPECT_EQ(std::filesystem::file_size(path_), 5u);
    info.adwInfo[0] = 0xFFFFFFFF;
    EXPECT_EQ(flush("abcde", 5), -1);
    EXPECT_EQ(flush(nullptr, 0), -1);
    EXPECT_EQ(info.lDiskOffset, 5);
}

// --- names of four characters ---

TEST(MmioFourCc, StringsArePaddedCutAndRaised) {
    struct Row {
        const char* text;
        const wchar_t* wide;
        UINT flags;
        const char* code;
    };
    const Row rows[] = {{"ab", L"ab", 0, "ab  "},
                        {"abcdef", L"abcdef", MMIO_TOUPPER, "ABCD"},
                        {"", L"", 0, "    "},
                        {"a1z ", L"a1z ", MMIO_TOUPPER, "A1Z "}};
    for (const Row& row : rows) {
        FOURCC expected = 0;
        std::memcpy(&expected, row.code, 4);
        EXPECT_EQ(mmioStringToFOURCCA(row.text, row.flags), expected) << row.text;
        EXPECT_EQ(mmioStringToFOURCCW(row.wide, row.flags), expected) << row.text;
    }
}

}  // namespace
}  // namespace holdfast::mmio_conformance
