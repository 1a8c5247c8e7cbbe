// What mmio promises, against the public API alone: finding chunks.
#include "tests/support/mmio_tape.h"

namespace holdfast::mmio_conformance {
namespace {

constexpr FOURCC kInfo = mmioFOURCC('I', 'N', 'F', 'O');
constexpr MMRESULT kNotFound = MMIOERR_CHUNKNOTFOUND;

std::string chunk(const std::string& id, const std::string& payload) {
    std::string text = id;
    for (int shift = 0; shift < 32; shift += 8) {
        text += static_cast<char>(payload.size() >> shift & 0xFF);
    }
    return text + payload + std::string(payload.size() % 2, '\0');
}

MMCKINFO idIs(FOURCC id) {
    MMCKINFO wanted{};
    wanted.ckid = id;
    return wanted;
}

MMCKINFO typeIs(FOURCC type) {
    MMCKINFO wanted{};
    wanted.fccType = type;
    return wanted;
}

// 'RIFF' WAVE: 'odd ' of 3 bytes at 12, 'LIST' INFO at 24, 'fmt ' at 36, 'data' at 60; behind it,
// at 72, a 'late' that belongs to no chunk.
class MmioDescend : public MmioConformance {
  protected:
    void SetUp() override {
        const std::string inner = "WAVE" + chunk("odd ", "abc") + chunk("LIST", "INFO") +
                                  chunk("fmt ", std::string(16, 'f')) + chunk("data", "dddd");
        tape_.content = chunk("RIFF", inner) + chunk("late", "llll");
        open(MMIO_READ, cchBuffer_);
        riff_ = typeIs(kWave);
        ASSERT_EQ(mmioDescend(file_, &riff_, nullptr, MMIO_FINDRIFF), 0u);
    }

    LONG cchBuffer_ = 0;
    MMCKINFO riff_{};
};

TEST_F(MmioDescend, FindsTheRiffAndStandsBehindItsType) {
    EXPECT_EQ(riff_.ckid, DWORD{FOURCC_RIFF});
    EXPECT_EQ(riff_.fccType, kWave);
    EXPECT_EQ(riff_.cksize, 64u);
    EXPECT_EQ(riff_.dwDataOffset, 8u);
    EXPECT_EQ(riff_.dwFlags, 0u);
    EXPECT_EQ(tell(), 12);
}

TEST_F(MmioDescend, WithoutAFlagTheNextChunkIsEntered) {
    MMCKINFO next = idIs(kData);
    ASSERT_EQ(mmioDescend(file_, &next, &riff_, 0), 0u);
    EXPECT_EQ(next.ckid, mmioFOURCC('o', 'd', 'd', ' '));
    EXPECT_EQ(next.cksize, 3u);
    EXPECT_EQ(next.dwDataOffset, 20u);
    EXPECT_EQ(tell(), 20);
    ASSERT_EQ(mmioAscend(file_, &next, 0), 0u);
    EXPECT_EQ(tell(), 24);
    ASSERT_EQ(mmioDescend(file_, &next, &riff_, 0), 0u);
    EXPECT_EQ(next.ckid, DWORD{FOURCC_LIST});
    EXPECT_EQ(next.fccType, kInfo);
    EXPECT_EQ(next.dwDataOffset, 32u);
    EXPECT_EQ(tell(), 36);
}

TEST_F(MmioDescend, FindsAChunkBehindOthersAndReadsIt) {
    MMCKINFO data = idIs(kData);
    ASSERT_EQ(mmioDescend(file_, &data, &riff_, MMIO_FINDCHUNK), 0u);
    EXPECT_EQ(data.cksize, 4u);
    EXPECT_EQ(data.dwDataOffset, 68u);
    EXPECT_EQ(data.dwFlags, 0u);
    EXPECT_EQ(read(4), "dddd");
}

TEST_F(MmioDescend, FindsAListByItsType) {
    MMCKINFO list = typeIs(kInfo);
    ASSERT_EQ(mmioDescend(file_, &list, &riff_, MMIO_FINDLIST), 0u);
    EXPECT_EQ(list.ckid, DWORD{FOURCC_LIST});
    EXPECT_EQ(list.dwDataOffset, 32u);
    EXPECT_EQ(tell(), 36);
}

TEST_F(MmioDescend, ListOfAnotherTypeIsNotFound) {
    MMCKINFO list = typeIs(kWave);
    EXPECT_EQ(mmioDescend(file_, &list, &riff_, MMIO_FINDLIST), kNotFound);
}

TEST_F(MmioDescend, RiffOfAnotherTypeIsNotFound) {
    ASSERT_EQ(mmioSeek(file_, 0, SEEK_SET), 0);
    MMCKINFO riff = typeIs(kInfo);
    EXPECT_EQ(mmioDescend(file_, &riff, nullptr, MMIO_FINDRIFF), kNotFound);
}

TEST_F(MmioDescend, AbsentChunkIsNotFound) {
    MMCKINFO absent = idIs(mmioFOURCC('n', 'o', 'n', 'e'));
    EXPECT_EQ(mmioDescend(file_, &absent, &riff_, MMIO_FINDCHUNK), kNotFound);
    ASSERT_EQ(mmioSeek(file_, 0, SEEK_SET), 0);
    absent = idIs(mmioFOURCC('n', 'o', 'n', 'e'));
    EXPECT_EQ(mmioDescend(file_, &absent, nullptr, MMIO_FINDCHUNK), kNotFound);
}

TEST_F(MmioDescend, EndsAtTheParentsEnd) {
    MMCKINFO late = idIs(mmioFOURCC('l', 'a', 't', 'e'));
    expectDocumentedOr(mmioDescend(file_, &late, &riff_, MMIO_FINDCHUNK), kNotFound, 0u,
                       "found beyond the parent's end");
    ASSERT_EQ(mmioSeek(file_, 12, SEEK_SET), 12);
    late = idIs(mmioFOURCC('l', 'a', 't', 'e'));
    EXPECT_EQ(mmioDescend(file_, &late, nullptr, MMIO_FINDCHUNK), 0u);
    EXPECT_EQ(late.dwDataOffset, 80u);
}

TEST_F(MmioDescend, WithoutAFlagTheParentsEndIsTheEndToo) {
    ASSERT_EQ(mmioSeek(file_, 72, SEEK_SET), 72);
    MMCKINFO next{};
    expectDocumentedOr(mmioDescend(file_, &next, &riff_, 0), kNotFound, 0u,
                       "found beyond the parent's end");
    ASSERT_EQ(mmioSeek(file_, 84, SEEK_SET), 84);
    EXPECT_EQ(mmioDescend(file_, &next, nullptr, 0), kNotFound);
}

TEST_F(MmioDescend, HeaderThatIsCutOffIsNotFound) {
    tape_.content.resize(66);
    MMCKINFO data = idIs(kData);
    EXPECT_EQ(mmioDescend(file_, &data, &riff_, MMIO_FINDCHUNK), kNotFound);
}

TEST_F(MmioDescend, ErrorOfTheProcIsNoEnd) {
    tape_.failOn(MMIOM_READ);
    MMCKINFO data = idIs(kData);
    const MMRESULT cannotRead = MMIOERR_CANNOTREAD;
    expectDocumentedOr(mmioDescend(file_, &data, &riff_, MMIO_FINDCHUNK), cannotRead, kNotFound,
                       "an error is the end");
}

TEST_F(MmioDescend, SizeBeyondAllPositionsEndsTheSearch) {
    tape_.content.replace(16, 4, "\xFF\xFF\xFF\x7F");
    MMCKINFO data = idIs(kData);
    EXPECT_EQ(mmioDescend(file_, &data, &riff_, MMIO_FINDCHUNK), kNotFound);
}

class MmioDescendBuffered : public MmioDescend {
  protected:
    MmioDescendBuffered() { cchBuffer_ = 16; }
};

TEST_F(MmioDescendBuffered, FindsTheSameChunks) {
    EXPECT_EQ(riff_.dwDataOffset, 8u);
    EXPECT_EQ(tell(), 12);
    MMCKINFO list = typeIs(kInfo);
    ASSERT_EQ(mmioDescend(file_, &list, &riff_, MMIO_FINDLIST), 0u);
    EXPECT_EQ(tell(), 36);
    MMCKINFO data = idIs(kData);
    ASSERT_EQ(mmioDescend(file_, &data, &riff_, MMIO_FINDCHUNK), 0u);
    EXPECT_EQ(data.dwDataOffset, 68u);
    EXPECT_EQ(read(4), "dddd");
    ASSERT_EQ(mmioAscend(file_, &data, 0), 0u);
    EXPECT_EQ(tell(), 72);
}

}  // namespace
}  // namespace holdfast::mmio_conformance
