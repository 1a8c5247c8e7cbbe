// What mmio promises to the recorder, for chunks, against the public API alone.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "iocore/mmio/mmio.h"
#include "tests/support/mmio_tape.h"

namespace holdfast::mmio_conformance {
namespace {

TEST_F(MmioConformance, WholeWavFlowSendsExactlyTheseMessages) {
    open(MMIO_WRITE | MMIO_CREATE);
    MMCKINFO riff{};
    riff.fccType = mmioFOURCC('W', 'A', 'V', 'E');
    ASSERT_EQ(mmioCreateChunk(file_, &riff, MMIO_CREATERIFF), 0u);
    MMCKINFO format{};
    format.ckid = mmioFOURCC('f', 'm', 't', ' ');
    ASSERT_EQ(mmioCreateChunk(file_, &format, 0), 0u);
    ASSERT_EQ(write(std::string(16, 'f')), 16);
    ASSERT_EQ(mmioAscend(file_, &format, 0), 0u);
    MMCKINFO data{};
    data.ckid = mmioFOURCC('d', 'a', 't', 'a');
    ASSERT_EQ(mmioCreateChunk(file_, &data, 0), 0u);
    for (const int bytes : {10, 40, 1}) {
        ASSERT_EQ(write(std::string(static_cast<std::size_t>(bytes), 'd')), bytes);
    }
    ASSERT_EQ(mmioFlush(file_, 0), 0u);
    ASSERT_EQ(mmioSendMessage(file_, MMIOM_USER + 7, 1, 2), 1002);
    ASSERT_EQ(mmioAscend(file_, &data, 0), 0u);
    ASSERT_EQ(mmioAscend(file_, &riff, 0), 0u);
    ASSERT_EQ(mmioClose(file_, 0), 0u);
    file_ = nullptr;
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
    riff.fccType = mmioFOURCC('W', 'A', 'V', 'E');
    ASSERT_EQ(mmioCreateChunk(file_, &riff, MMIO_CREATERIFF), 0u);
    EXPECT_EQ(riff.ckid, DWORD{FOURCC_RIFF});
    EXPECT_EQ(riff.dwDataOffset, 8u);
    EXPECT_EQ(riff.dwFlags, DWORD{MMIO_DIRTY});
    EXPECT_EQ(mmioSeek(file_, 0, SEEK_CUR), 12);
    MMCKINFO data{};
    data.ckid = mmioFOURCC('d', 'a', 't', 'a');
    data.cksize = 0x01020304;
    ASSERT_EQ(mmioCreateChunk(file_, &data, 0), 0u);
    EXPECT_EQ(data.dwDataOffset, 20u);
    EXPECT_EQ(mmioSeek(file_, 0, SEEK_CUR), 20);
    EXPECT_EQ(tape_.content.substr(12), "data\x04\x03\x02\x01");
    MMCKINFO list{};
    list.fccType = mmioFOURCC('I', 'N', 'F', 'O');
    ASSERT_EQ(mmioCreateChunk(file_, &list, MMIO_CREATELIST), 0u);
    EXPECT_EQ(tape_.content.substr(20), std::string("LIST\0\0\0\0INFO", 12));
}

TEST_F(MmioConformance, OddChunkIsPaddedAndTheParentCountsThePad) {
    open();
    MMCKINFO riff{};
    riff.fccType = mmioFOURCC('W', 'A', 'V', 'E');
    ASSERT_EQ(mmioCreateChunk(file_, &riff, MMIO_CREATERIFF), 0u);
    MMCKINFO data{};
    data.ckid = mmioFOURCC('d', 'a', 't', 'a');
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
    EXPECT_EQ(mmioSeek(file_, 0, SEEK_CUR), 48);
}

TEST_F(MmioConformance, OddChunkWithARightPresetSizeIsPaddedToo) {
    open();
    MMCKINFO data{};
    data.ckid = mmioFOURCC('d', 'a', 't', 'a');
    data.cksize = 3;
    ASSERT_EQ(mmioCreateChunk(file_, &data, 0), 0u);
    ASSERT_EQ(write("abc"), 3);
    ASSERT_EQ(mmioAscend(file_, &data, 0), 0u);
    EXPECT_DOCUMENTED("preset odd size, right: pad", tape_.content.size(), 12, 11);
    EXPECT_EQ(tape_.content.substr(0, 11), std::string("data\3\0\0\0abc", 11));
    EXPECT_EQ(mmioSeek(file_, 0, SEEK_CUR), 12);
}

TEST_F(MmioConformance, LeavingAChunkThatWasNotCreatedWritesNothing) {
    open();
    tape_.content.assign(100, 'x');
    MMCKINFO chunk{};
    chunk.cksize = 27;
    chunk.dwDataOffset = 20;
    ASSERT_EQ(mmioAscend(file_, &chunk, 0), 0u);
    EXPECT_EQ(mmioSeek(file_, 0, SEEK_CUR), 48);
    EXPECT_EQ(tape_.content, std::string(100, 'x'));
}

TEST_F(MmioConformance, FailedChunkCallsSaySo) {
    open();
    MMCKINFO chunk{};
    chunk.ckid = mmioFOURCC('d', 'a', 't', 'a');
    tape_.failOn(MMIOM_WRITE);
    EXPECT_EQ(mmioCreateChunk(file_, &chunk, 0), kCannotWrite);
    tape_.failOn(MMIOM_SEEK);
    EXPECT_DOCUMENTED("create: seek fails", mmioCreateChunk(file_, &chunk, 0), kCannotSeek, 0);
    tape_.fault = nullptr;
    MMCKINFO even{};
    even.ckid = mmioFOURCC('d', 'a', 't', 'a');
    ASSERT_EQ(mmioCreateChunk(file_, &even, 0), 0u);
    ASSERT_EQ(write("abcd"), 4);
    MMCKINFO copy = even;
    tape_.failOn(MMIOM_WRITE);
    EXPECT_DOCUMENTED("ascend: write fails", mmioAscend(file_, &copy, 0), kCannotWrite, 0);
    tape_.position = 12;
    copy = even;
    tape_.failOn(MMIOM_SEEK);
    EXPECT_DOCUMENTED("ascend: seek fails", mmioAscend(file_, &copy, 0), kCannotSeek, 0);
    tape_.position = 12;
    copy = even;
    tape_.fault = [](UINT message, LPARAM first, LPARAM) {
        const bool last = message == MMIOM_SEEK && first == 12;
        return last ? std::optional<LRESULT>(-1) : std::nullopt;
    };
    EXPECT_DOCUMENTED("ascend: last seek fails", mmioAscend(file_, &copy, 0), kCannotSeek, 0);
}

TEST_F(MmioConformance, FailedPadByteSaysSo) {
    open();
    MMCKINFO odd{};
    odd.ckid = mmioFOURCC('d', 'a', 't', 'a');
    ASSERT_EQ(mmioCreateChunk(file_, &odd, 0), 0u);
    ASSERT_EQ(write("abc"), 3);
    tape_.fault = [](UINT message, LPARAM, LPARAM bytes) {
        const bool pad = message == MMIOM_WRITE && bytes == 1;
        return pad ? std::optional<LRESULT>(0) : std::nullopt;
    };
    EXPECT_DOCUMENTED("ascend: pad fails", mmioAscend(file_, &odd, 0), kCannotWrite, 0);
}

TEST_F(MmioConformance, ChunkCannotEndBeforeItsData) {
    if (!kOwnLayer) GTEST_SKIP() << "nothing is documented";
    open();
    MMCKINFO chunk{};
    chunk.ckid = mmioFOURCC('d', 'a', 't', 'a');
    ASSERT_EQ(mmioCreateChunk(file_, &chunk, 0), 0u);
    ASSERT_EQ(mmioSeek(file_, 4, SEEK_SET), 4);
    EXPECT_EQ(mmioAscend(file_, &chunk, 0), kCannotSeek);
    EXPECT_EQ(tape_.content, std::string("data\0\0\0\0", 8));
}

}  // namespace
}  // namespace holdfast::mmio_conformance
