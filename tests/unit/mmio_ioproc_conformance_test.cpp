// What mmio promises, against the public API alone: IOProcs, messages, names of four characters.
#include <cstdint>
#include <cstring>

#include "tests/support/mmio_tape.h"

namespace holdfast::mmio_conformance {
namespace {

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
    for (const FOURCC builtIn : {FOURCC{FOURCC_DOS}, FOURCC{FOURCC_MEM}}) {
        EXPECT_TRUE(mmioInstallIOProcW(builtIn, nullptr, MMIO_REMOVEPROC) == nullptr);
        EXPECT_TRUE(mmioInstallIOProcW(builtIn, nullptr, MMIO_FINDPROC) != nullptr);
    }
}

TEST_F(MmioConformance, GlobalProcIsInstalledAndTheFlagIgnoredElsewhere) {
    const DWORD global = MMIO_GLOBALPROC;
    const LPMMIOPROC installed = mmioInstallIOProcW(kXyz, tapeProc, MMIO_INSTALLPROC | global);
    expectDocumentedOr(installed == tapeProc, true, false, "global procs are not there");
    ASSERT_TRUE(installed != nullptr ||
                mmioInstallIOProcW(kXyz, tapeProc, MMIO_INSTALLPROC) == tapeProc);
    const auto found = mmioInstallIOProcW(kXyz, nullptr, MMIO_FINDPROC | global);
    expectDocumentedOr(found == tapeProc, true, false, "global procs are not there");
    const auto removed = mmioInstallIOProcW(kXyz, nullptr, MMIO_REMOVEPROC | global);
    expectDocumentedOr(removed == tapeProc, true, false, "global procs are not there");
}

TEST_F(MmioConformance, NothingToInstallAndTwoWishesAreRefused) {
    const auto nothing = mmioInstallIOProcW(kXyz, nullptr, MMIO_INSTALLPROC);
    EXPECT_TRUE(nothing == nullptr);
    const auto both = mmioInstallIOProcW(kXyz, tapeProc, MMIO_INSTALLPROC | MMIO_FINDPROC);
    EXPECT_TRUE(both == nullptr);
    EXPECT_TRUE(mmioInstallIOProcW(kXyz, nullptr, 0) == nullptr);
}

// --- messages ---

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
        EXPECT_EQ(mmioSendMessage(file_, message, 0, 0), LRESULT{MMSYSERR_INVALPARAM}) << message;
    }
    EXPECT_EQ(tape_.log, Log{"OPEN"});
}

TEST_F(MmioConformance, BufferedFileGoesOnWhereItWasAfterAMessageThatMovedTheDisk) {
    tape_.content = counting(100);
    open(MMIO_READWRITE, 16);
    EXPECT_EQ(read(16), counting(16));
    tape_.fault = [this](UINT message, LPARAM, LPARAM) -> std::optional<LRESULT> {
        if (message == MMIOM_USER) tape_.position = 70;
        return std::nullopt;
    };
    ASSERT_EQ(mmioSendMessage(file_, MMIOM_USER, 0, 0), 0);
    EXPECT_EQ(read(4), counting(20).substr(16));
}

// --- renaming ---

TEST_F(MmioConformance, RenameIsOneMessageWithBothNames) {
    MMIOINFO wanted{};
    wanted.pIOProc = tapeProc;
    wanted.adwInfo[1] = 8;
    EXPECT_EQ(mmioRenameA("from", "to", &wanted, 0), 0u);
    EXPECT_EQ(tape_.log, Log{"RENAME"});
    EXPECT_EQ(tape_.names, (Log{"from", "to"}));
    EXPECT_EQ(tape_.atOpen.adwInfo[1], 8u);
    tape_.failOn(MMIOM_RENAME, 4711);
    EXPECT_EQ(mmioRenameW(L"from", L"to", &wanted, 0), 4711u);
    EXPECT_EQ(tape_.names, (Log{"from", "to", "from", "to"}));
}

TEST_F(MmioConformance, RenameFindsItsProcAsOpenDoes) {
    ASSERT_TRUE(mmioInstallIOProcW(kXyz, tapeProc, MMIO_INSTALLPROC) == tapeProc);
    MMIOINFO wanted{};
    wanted.fccIOProc = kXyz;
    EXPECT_EQ(mmioRenameA("from", "to", &wanted, 0), 0u);
    EXPECT_EQ(tape_.log, Log{"RENAME"});
    const MMRESULT notFound = MMIOERR_FILENOTFOUND;
    expectDocumentedOr(mmioRenameA("file.xyz+one", "file.xyz+two", nullptr, 0), 0u, notFound,
                       "the name is not looked at");
    ASSERT_TRUE(mmioInstallIOProcW(kXyz, nullptr, MMIO_REMOVEPROC) == tapeProc);
    EXPECT_NE(mmioRenameA("from", "to", &wanted, 0), 0u);
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
