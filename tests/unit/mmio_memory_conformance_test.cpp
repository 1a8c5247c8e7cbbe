// What mmio promises, against the public API alone: files in memory.
#include <cstring>

#include "tests/support/mmio_tape.h"
#include "tests/support/standard_file.h"

namespace holdfast::mmio_conformance {
namespace {

class MmioMemory : public MmioConformance {
  protected:
    void openMemory(DWORD flags, LONG bytes, HPSTR buffer, DWORD expansion = 0) {
        MMIOINFO wanted{};
        wanted.fccIOProc = FOURCC_MEM;
        wanted.cchBuffer = bytes;
        wanted.pchBuffer = buffer;
        wanted.adwInfo[0] = expansion;
        file_ = mmioOpenW(nullptr, &wanted, flags);
        ASSERT_TRUE(file_ != nullptr) << wanted.wErrorRet;
    }
};

TEST_F(MmioMemory, WholeBlockCanBeRead) {
    std::string block = counting(100);
    openMemory(MMIO_READ, 100, block.data());
    const MMIOINFO now = info();
    EXPECT_EQ(now.fccIOProc, DWORD{FOURCC_MEM});
    EXPECT_TRUE(now.pchBuffer == block.data() && now.pchNext == block.data());
    EXPECT_EQ(now.pchEndRead - now.pchBuffer, 100);
    EXPECT_EQ(now.pchEndWrite - now.pchBuffer, 100);
    EXPECT_EQ(now.dwFlags & MMIO_ALLOCBUF, 0u);
    EXPECT_EQ(read(60), counting(60));
    EXPECT_EQ(tell(), 60);
    EXPECT_EQ(read(60), counting(100).substr(60));
    EXPECT_EQ(read(1), "");
}

TEST_F(MmioMemory, CreateEndsTheFileAtTheBuffersStart) {
    std::string block = counting(16);
    openMemory(MMIO_CREATE | MMIO_READWRITE, 16, block.data());
    EXPECT_EQ(info().pchEndRead - info().pchBuffer, 0);
    EXPECT_EQ(read(1), "");
    EXPECT_EQ(write("new"), 3);
    EXPECT_EQ(mmioSeek(file_, 0, SEEK_SET), 0);
    EXPECT_EQ(read(16), "new");
    EXPECT_EQ(block, "new" + counting(16).substr(3));
}

TEST_F(MmioMemory, SeeksCountFromAllThreeOrigins) {
    std::string block = counting(100);
    openMemory(MMIO_READ, 100, block.data());
    EXPECT_EQ(mmioSeek(file_, 40, SEEK_SET), 40);
    EXPECT_EQ(mmioSeek(file_, 2, SEEK_CUR), 42);
    EXPECT_EQ(read(2), counting(44).substr(42));
    EXPECT_EQ(mmioSeek(file_, -44, SEEK_CUR), 0);
    EXPECT_EQ(mmioSeek(file_, 16, SEEK_END), 84);
    EXPECT_EQ(mmioSeek(file_, 0, SEEK_END), 100);
    EXPECT_EQ(mmioSeek(file_, -1, SEEK_SET), -1);
    EXPECT_EQ(mmioSeek(file_, 101, SEEK_SET), -1);
    EXPECT_EQ(mmioSeek(file_, 0, 3), -1);
    EXPECT_EQ(tell(), 100);
}

TEST_F(MmioMemory, FixedBlockTakesWhatFits) {
    std::string block(10, '.');
    openMemory(MMIO_READWRITE, 10, block.data());
    EXPECT_EQ(write("01234567"), 8);
    EXPECT_EQ(write("89ab"), 2);
    EXPECT_EQ(block, "0123456789");
    EXPECT_EQ(write("c"), -1);
    EXPECT_EQ(mmioAdvance(file_, nullptr, MMIO_WRITE), MMRESULT{MMIOERR_CANNOTEXPAND});
    EXPECT_EQ(block, "0123456789");
}

TEST_F(MmioMemory, FileForReadingIsNotWritten) {
    std::string block = counting(16);
    openMemory(MMIO_READ, 16, block.data());
    EXPECT_EQ(write("no"), -1);
    EXPECT_EQ(block, counting(16));
}

TEST_F(MmioMemory, AllocatedFileGrowsBySteps) {
    openMemory(MMIO_CREATE | MMIO_READWRITE, 16, nullptr, 10);
    EXPECT_EQ(info().cchBuffer, 16);
    EXPECT_NE(info().dwFlags & MMIO_ALLOCBUF, 0u);
    EXPECT_EQ(write(counting(16)), 16);
    EXPECT_EQ(info().cchBuffer, 16);
    EXPECT_EQ(write(counting(40).substr(16)), 24);
    EXPECT_EQ(info().cchBuffer, 46);
    EXPECT_EQ(tell(), 40);
    EXPECT_EQ(mmioSeek(file_, 0, SEEK_SET), 0);
    EXPECT_EQ(read(100), counting(40));
}

TEST_F(MmioMemory, OwnBlockFromTheHeapGrowsAndStaysOurs) {
    char* const block = allocateGlobal(16);
    openMemory(MMIO_CREATE | MMIO_READWRITE, 16, block, 16);
    EXPECT_EQ(write(counting(100)), 100);
    const MMIOINFO now = info();
    EXPECT_EQ(now.cchBuffer, 112);
    EXPECT_EQ(now.dwFlags & MMIO_ALLOCBUF, 0u);
    ASSERT_EQ(close(), 0u);
    EXPECT_EQ(std::string(now.pchBuffer, 100), counting(100));
    freeGlobal(now.pchBuffer);
}

TEST_F(MmioMemory, FileOfNoBytesGrows) {
    openMemory(MMIO_CREATE | MMIO_READWRITE, 0, nullptr, 8);
    EXPECT_EQ(read(1), "");
    EXPECT_EQ(write("0123456789"), 10);
    EXPECT_EQ(mmioSeek(file_, 0, SEEK_SET), 0);
    EXPECT_EQ(read(20), "0123456789");
}

TEST_F(MmioMemory, AdvanceExpandsAFullFile) {
    openMemory(MMIO_CREATE | MMIO_READWRITE, 4, nullptr, 4);
    MMIOINFO now = info();
    std::memcpy(now.pchNext, "0123", 4);
    now.pchNext += 4;
    now.dwFlags |= MMIO_DIRTY;
    EXPECT_EQ(mmioAdvance(file_, &now, MMIO_WRITE), 0u);
    ASSERT_EQ(now.pchEndWrite - now.pchNext, 4);
    std::memcpy(now.pchNext, "45", 2);
    now.pchNext += 2;
    now.dwFlags |= MMIO_DIRTY;
    EXPECT_EQ(mmioSetInfo(file_, &now, 0), 0u);
    EXPECT_EQ(mmioSeek(file_, 0, SEEK_SET), 0);
    EXPECT_EQ(read(10), "012345");
}

TEST_F(MmioMemory, AdvanceAtTheEndIsNoError) {
    std::string block = counting(16);
    openMemory(MMIO_READ, 16, block.data());
    MMIOINFO now = info();
    now.pchNext = now.pchEndRead;
    EXPECT_EQ(mmioAdvance(file_, &now, MMIO_READ), 0u);
    EXPECT_TRUE(now.pchNext == now.pchEndRead);
}

TEST_F(MmioMemory, FlushKeepsTheBytesWhereTheyAre) {
    openMemory(MMIO_CREATE | MMIO_READWRITE, 16, nullptr);
    EXPECT_EQ(write("bytes"), 5);
    EXPECT_EQ(mmioFlush(file_, 0), 0u);
    EXPECT_EQ(mmioFlush(file_, MMIO_EMPTYBUF), 0u);
    EXPECT_EQ(tell(), 5);
    EXPECT_EQ(mmioSeek(file_, 0, SEEK_SET), 0);
    EXPECT_EQ(read(16), "bytes");
}

TEST_F(MmioMemory, ChunksAreMadeAndFoundInMemory) {
    openMemory(MMIO_CREATE | MMIO_READWRITE, 64, nullptr, 16);
    MMCKINFO riff{};
    riff.fccType = kWave;
    ASSERT_EQ(mmioCreateChunk(file_, &riff, MMIO_CREATERIFF), 0u);
    MMCKINFO data{};
    data.ckid = kData;
    ASSERT_EQ(mmioCreateChunk(file_, &data, 0), 0u);
    ASSERT_EQ(write(counting(27)), 27);
    ASSERT_EQ(mmioAscend(file_, &data, 0), 0u);
    ASSERT_EQ(mmioAscend(file_, &riff, 0), 0u);
    EXPECT_EQ(tell(), 48);

    ASSERT_EQ(mmioSeek(file_, 0, SEEK_SET), 0);
    MMCKINFO found{};
    found.fccType = kWave;
    ASSERT_EQ(mmioDescend(file_, &found, nullptr, MMIO_FINDRIFF), 0u);
    EXPECT_EQ(found.cksize, 40u);
    MMCKINFO inner{};
    inner.ckid = kData;
    ASSERT_EQ(mmioDescend(file_, &inner, &found, MMIO_FINDCHUNK), 0u);
    EXPECT_EQ(inner.cksize, 27u);
    EXPECT_EQ(read(27), counting(27));
}

TEST_F(MmioMemory, AnotherBufferMakesAnEmptyFile) {
    std::string block = counting(16);
    std::string other(16, '.');
    openMemory(MMIO_READWRITE, 16, block.data());
    EXPECT_EQ(mmioSetBuffer(file_, other.data(), 16, 0), 0u);
    EXPECT_EQ(read(16), "");
    EXPECT_EQ(write("new"), 3);
    EXPECT_EQ(block, counting(16));
    EXPECT_EQ(other, "new.............");
}

}  // namespace
}  // namespace holdfast::mmio_conformance
