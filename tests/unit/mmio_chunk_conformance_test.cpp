// What mmio promises, against the public API alone: making chunks.
#include "tests/support/mmio_tape.h"

namespace holdfast::mmio_conformance {
namespace {

constexpr MMRESULT kCannotWrite = MMIOERR_CANNOTWRITE;
constexpr MMRESULT kCannotSeek = MMIOERR_CANNOTSEEK;

TEST_F(MmioConformance, WholeWavFlowSendsExactlyTheseMessages) {
    open(MMIO_WRITE | MMIO_CREATE);
    MMCKINFO riff{};
    riff.fccType = kWave;
    ASSERT_EQ(mmioCreateChunk(file_, &riff, MMIO_CREATERIFF), 0u);
    MMCKINFO format{};
    format.ckid = kFmt;
    ASSERT_EQ(mmioCreateChunk(file_, &format, 0), 0u);
    ASSERT_EQ(write(std::string(16, 'f')), 16);
    ASSERT_EQ(mmioAscend(file_, &format, 0), 0u);
    MMCKINFO data{};
    data.ckid = kData;
    ASSERT_EQ(mmioCreateChunk(file_, &data, 0), 0u);
    for (const int bytes : {10, 40, 1}) {
        ASSERT_EQ(write(std::string(static_cast<std::size_t>(bytes), 'd')), bytes);
    }
    ASSERT_EQ(mmioFlush(file_, 0), 0u);
    ASSERT_EQ(mmioSendMessage(file_, MMIOM_USER + 7, 1, 2), 1002);
    ASSERT_EQ(mmioAscend(file_, &data, 0), 0u);
    ASSERT_EQ(mmioAscend(file_, &riff, 0), 0u);
    ASSERT_EQ(close(), 0u);
    const Log expected{
        "OPEN",                                                                    //
        "SEEK 0,CUR", "WRITE 12",                                                  // RIFF
        "SEEK 0,CUR", "WRITE 8",     "WRITE 16",                                   // fmt
        "SEEK 0,CUR", "SEEK 16,SET", "WRITE 4",     "SEEK 36,SET",                 // ends fmt
        "SEEK 0,CUR", "WRITE 8",     "WRITE 10",    "WRITE 40",    "WRITE 1",      // data
        "USER+7 1,2",                                                              //
        "SEEK 0,CUR", "WRITE 1",     "SEEK 40,SET", "WRITE 4",     "SEEK 96,SET",  // ends data
        "SEEK 0,CUR", "SEEK 4,SET",  "WRITE 4",     "SEEK 96,SET",                 // ends RIFF
        "CLOSE"};
    EXPECT_EQ(tape_.log, expected);
    EXPECT_EQ(tape_.content.substr(0, 20), std::string("RIFF\x58\0\0\0WAVEfmt \x10\0\0\0", 20));
    EXPECT_EQ(tape_.content.substr(36, 8), std::string("data\x33\0\0\0", 8));
    EXPECT_EQ(tape_.content.size(), 96u);
}

TEST_F(MmioConformance, CreatedChunksTellWhereTheirDataBegins) {
    open();
    MMCKINFO riff{};
    riff.fccType = kWave;
    ASSERT_EQ(mmioCreateChunk(file_, &riff, MMIO_CREATERIFF), 0u);
    EXPECT_EQ(riff.ckid, DWORD{FOURCC_RIFF});
    EXPECT_EQ(riff.dwDataOffset, 8u);
    EXPECT_EQ(riff.dwFlags, DWORD{MMIO_DIRTY});
    EXPECT_EQ(tell(), 12);
    MMCKINFO data{};
    data.ckid = kData;
    data.cksize = 0x01020304;
    ASSERT_EQ(mmioCreateChunk(file_, &data, 0), 0u);
    EXPECT_EQ(data.dwDataOffset, 20u);
    EXPECT_EQ(tell(), 20);
    EXPECT_EQ(tape_.content.substr(12), "data\x04\x03\x02\x01");
    MMCKINFO list{};
    list.fccType = mmioFOURCC('I', 'N', 'F', 'O');
    ASSERT_EQ(mmioCreateChunk(file_, &list, MMIO_CREATELIST), 0u);
    EXPECT_EQ(tape_.content.substr(20), std::string("LIST\0\0\0\0INFO", 12));
}

TEST_F(MmioConformance, OddChunkIsPaddedAndTheParentCountsThePad) {
    open();
    MMCKINFO riff{};
    riff.fccType = kWave;
    ASSERT_EQ(mmioCreateChunk(file_, &riff, MMIO_CREATERIFF), 0u);
    MMCKINFO data{};
    data.ckid = kData;
    ASSERT_EQ(mmioCreateChunk(file_, &data, 0), 0u);
    ASSERT_EQ(write(std::string(27, 'd')), 27);
    ASSERT_EQ(mmioAscend(file_, &data, 0), 0u);
    EXPECT_EQ(data.cksize, 0x1Bu);
    EXPECT_EQ(data.dwFlags, 0u);
    ASSERT_EQ(mmioAscend(file_, &riff, 0), 0u);
    EXPECT_EQ(riff.cksize, 0x28u);
    EXPECT_EQ(riff.dwFlags, 0u);
    EXPECT_EQ(tape_.content,
              std::string("RIFF\x28\0\0\0WAVEdata\x1b\0\0\0", 20) + std::string(27, 'd') + '\0');
    EXPECT_EQ(tell(), 48);
}

TEST_F(MmioConformance, OddChunkWithARightPresetSizeIsPaddedToo) {
    open();
    MMCKINFO data{};
    data.ckid = kData;
    data.cksize = 3;
    ASSERT_EQ(mmioCreateChunk(file_, &data, 0), 0u);
    ASSERT_EQ(write("abc"), 3);
    ASSERT_EQ(mmioAscend(file_, &data, 0), 0u);
    expectDocumentedOr(tape_.content.size(), 12u, 11u, "no pad");
    EXPECT_EQ(tape_.content.substr(0, 11), std::string("data\3\0\0\0abc", 11));
    EXPECT_EQ(tell(), 12);
}

TEST_F(MmioConformance, LeavingAChunkThatWasNotCreatedWritesNothing) {
    open();
    tape_.content.assign(100, 'x');
    MMCKINFO chunk{};
    chunk.cksize = 27;
    chunk.dwDataOffset = 20;
    ASSERT_EQ(mmioAscend(file_, &chunk, 0), 0u);
    EXPECT_EQ(tell(), 48);
    EXPECT_EQ(tape_.content, std::string(100, 'x'));
}

TEST_F(MmioConformance, FailedCreateChunkSaysSo) {
    open();
    MMCKINFO chunk{};
    chunk.ckid = kData;
    tape_.failOn(MMIOM_WRITE);
    EXPECT_EQ(mmioCreateChunk(file_, &chunk, 0), kCannotWrite);
    tape_.failOn(MMIOM_SEEK);
    expectDocumentedOr(mmioCreateChunk(file_, &chunk, 0), kCannotSeek, 0u, "the error is lost");
}

class MmioFailedAscend : public MmioConformance {
  protected:
    void SetUp() override {
        open();
        chunk_.ckid = kData;
        ASSERT_EQ(mmioCreateChunk(file_, &chunk_, 0), 0u);
        ASSERT_EQ(write("abcd"), 4);
    }
    MMCKINFO chunk_{};
};

TEST_F(MmioFailedAscend, SaysThatItCannotWrite) {
    tape_.failOn(MMIOM_WRITE);
    expectDocumentedOr(mmioAscend(file_, &chunk_, 0), kCannotWrite, 0u, "the error is lost");
}

TEST_F(MmioFailedAscend, SaysThatItCannotSeek) {
    tape_.failOn(MMIOM_SEEK);
    expectDocumentedOr(mmioAscend(file_, &chunk_, 0), kCannotSeek, 0u, "the error is lost");
}

TEST_F(MmioFailedAscend, SaysThatItCannotSeekToTheEnd) {
    tape_.fault = [](UINT message, LPARAM first, LPARAM) {
        const bool last = message == MMIOM_SEEK && first == 12;
        return last ? std::optional<LRESULT>(-1) : std::nullopt;
    };
    expectDocumentedOr(mmioAscend(file_, &chunk_, 0), kCannotSeek, 0u, "the error is lost");
}

TEST_F(MmioFailedAscend, SaysThatItCannotPad) {
    ASSERT_EQ(write("e"), 1);
    tape_.fault = [](UINT message, LPARAM, LPARAM bytes) {
        const bool pad = message == MMIOM_WRITE && bytes == 1;
        return pad ? std::optional<LRESULT>(0) : std::nullopt;
    };
    expectDocumentedOr(mmioAscend(file_, &chunk_, 0), kCannotWrite, 0u, "the error is lost");
}

TEST_F(MmioConformance, FailureOfABufferedFileSaysSoAtLast) {
    open(MMIO_READWRITE, 16);
    MMCKINFO chunk{};
    chunk.ckid = kData;
    ASSERT_EQ(mmioCreateChunk(file_, &chunk, 0), 0u);
    ASSERT_EQ(write("abcd"), 4);
    tape_.failOn(MMIOM_WRITE);
    EXPECT_EQ(mmioAscend(file_, &chunk, 0), 0u);  // all in the buffer
    expectDocumentedOr(close(), kCannotWrite, 0u, "the error is lost");
}

TEST_F(MmioConformance, BufferedFlowMakesTheSameFile) {
    std::string expected;
    for (const LONG cchBuffer : {0, 7, 16, 4096}) {
        tape_.content.clear();
        tape_.position = 0;
        open(MMIO_WRITE | MMIO_CREATE, cchBuffer);
        MMCKINFO riff{};
        riff.fccType = kWave;
        ASSERT_EQ(mmioCreateChunk(file_, &riff, MMIO_CREATERIFF), 0u);
        for (const std::size_t bytes : {16, 27, 3}) {
            MMCKINFO chunk{};
            chunk.ckid = kData;
            ASSERT_EQ(mmioCreateChunk(file_, &chunk, 0), 0u);
            ASSERT_EQ(write(counting(bytes)), static_cast<LONG>(bytes));
            ASSERT_EQ(mmioAscend(file_, &chunk, 0), 0u);
        }
        ASSERT_EQ(mmioAscend(file_, &riff, 0), 0u);
        ASSERT_EQ(close(), 0u);
        if (cchBuffer == 0) expected = tape_.content;
        EXPECT_EQ(tape_.content == expected, true) << "with a buffer of " << cchBuffer;
    }
    EXPECT_EQ(expected.size(), 12u + 8 + 16 + 8 + 28 + 8 + 4);
}

}  // namespace
}  // namespace holdfast::mmio_conformance
