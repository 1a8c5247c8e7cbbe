// scanWav on files that lie about their sizes.
#include "iocore/recovery/wav_scan.h"

#include <gtest/gtest.h>

#include <cstring>

#include "iocore/base/little_endian.h"
#include "tests/support/take_builder.h"
#include "tests/support/wav_forge.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kAudio = 44;  // offset of the audio without other chunks

WavScan scanBytes(const Bytes& bytes) {
    FaultDisk disk = FaultDisk::fromImage(FileMap{{"a.wav", std::make_shared<const Bytes>(bytes)}});
    auto file = disk.open("a.wav", Access::read);
    auto scan = scanWav(**file);
    EXPECT_TRUE(scan.has_value());
    return scan.value_or(WavScan{});
}

WavScan scanForeign(const ForeignSpec& spec) {
    return scanBytes(buildForeign(spec));
}

TEST(WavScan, SoundFileIsSound) {
    const WavScan scan = scanForeign({});
    EXPECT_EQ(scan.state, WavState::sound) << scan.reason;
    EXPECT_EQ(scan.dataOffset, kAudio);
    EXPECT_EQ(scan.dataBytes, 2'000u);
    EXPECT_EQ(scan.format->channels, 1u);
}

TEST(WavScan, PlaceholderSizesMeanTheFilesEnd) {
    for (const auto& [riff, data] :
         std::vector<std::pair<std::uint32_t, std::uint32_t>>{{0, 0},
                                                              {8, 0},
                                                              {36, 0},
                                                              {0xFFFF'FFFF, 0xFFFF'FFFF},
                                                              {0x7FFF'FFFF, 0x7FFF'FFFF},
                                                              {0x7FFF'F024, 0x7FFF'F000},
                                                              {0xFFFF'FFFF, 0xFFFF'FFDB}}) {
        const WavScan scan = scanForeign({.riffBytes = riff, .dataBytes = data});
        EXPECT_EQ(scan.state, WavState::sizesWrong) << riff << " " << data;
        EXPECT_EQ(scan.dataBytes, 2'000u) << riff << " " << data;
        EXPECT_EQ(scan.missingBytes, 0u);
    }
}

TEST(WavScan, StaleSizesGiveWayToTheFilesEnd) {
    const WavScan scan = scanForeign({.riffBytes = 36 + 1'000, .dataBytes = 1'000});
    EXPECT_EQ(scan.state, WavState::sizesWrong);
    EXPECT_EQ(scan.dataBytes, 2'000u);
    EXPECT_TRUE(scan.after.extents.empty());
}

TEST(WavScan, ChunksBehindTheDataBearOutItsSize) {
    const Bytes after = joined({chunkOf("LIST", "INFOabc"), chunkOf("XYZ1", "12345")});
    for (std::optional<std::uint32_t> riff :
         {std::optional<std::uint32_t>{}, std::optional<std::uint32_t>{0},
          std::optional<std::uint32_t>{36 + 2'000}}) {
        const WavScan scan = scanForeign({.riffBytes = riff, .after = after});
        EXPECT_EQ(scan.state, riff ? WavState::sizesWrong : WavState::sound) << scan.reason;
        EXPECT_EQ(scan.dataBytes, 2'000u);
        ASSERT_EQ(scan.after.extents.size(), 2u);
        EXPECT_EQ(std::string_view(scan.after.extents[1].id.data(), 4), "XYZ1");
        EXPECT_EQ(scan.after.extents[1].bytes, 5u);
    }
}

TEST(WavScan, EmptyDataWithChunksBehindItIsEmpty) {
    const WavScan scan = scanForeign({.frames = 0, .after = chunkOf("LIST", "INFOabcd")});
    EXPECT_EQ(scan.state, WavState::sound) << scan.reason;
    EXPECT_EQ(scan.dataBytes, 0u);
    EXPECT_EQ(scan.after.extents.size(), 1u);
}

TEST(WavScan, ShorterThanClaimedIsCutShort) {
    const WavScan scan = scanForeign({.riffBytes = 36 + 4'000, .dataBytes = 4'000});
    EXPECT_EQ(scan.state, WavState::cutShort);
    EXPECT_EQ(scan.missingBytes, 2'000u);
    EXPECT_EQ(scan.dataBytes, 2'000u);
}

TEST(WavScan, HalfAFrameAtTheEndIsLeftOut) {
    Bytes bytes = buildForeign({.riffBytes = 0, .dataBytes = 0});
    bytes.push_back(std::byte{7});
    const WavScan scan = scanBytes(bytes);
    EXPECT_EQ(scan.dataBytes, 2'000u);
    EXPECT_EQ(scan.state, WavState::sizesWrong);
}

TEST(WavScan, FilesThatAreNoWavSaySo) {
    EXPECT_EQ(scanBytes({}).state, WavState::notWav);
    EXPECT_EQ(scanBytes(Bytes(7, std::byte{'R'})).state, WavState::notWav);
    EXPECT_EQ(scanBytes(Bytes(4'096, std::byte{0})).state, WavState::notWav);
}

TEST(WavScan, EncodingsThatAreNotReadAreRefusedWithTheReason) {
    Bytes bytes = buildForeign({});
    storeLe(bytes.data() + 34, std::uint16_t{8});
    const WavScan scan = scanBytes(bytes);
    EXPECT_EQ(scan.state, WavState::noFormat);
    EXPECT_NE(scan.reason.find("8-bit PCM"), std::string::npos) << scan.reason;
    storeLe(bytes.data() + 34, std::uint16_t{16});
    storeLe(bytes.data() + 22, std::uint16_t{0});
    EXPECT_EQ(scanBytes(bytes).state, WavState::noFormat);
}

TEST(WavScan, AnAssumedFormatStandsInForAMissingOne) {
    Bytes bytes = buildForeign({});
    std::memcpy(bytes.data() + 12, "gone", 4);
    EXPECT_EQ(scanBytes(bytes).state, WavState::noFormat);
    FaultDisk disk = FaultDisk::fromImage(FileMap{{"a", std::make_shared<const Bytes>(bytes)}});
    auto file = disk.open("a", Access::read);
    const auto scan = scanWav(**file, AssumedFormat{{48'000, 1, SampleType::S16, 0}});
    EXPECT_EQ(scan->state, WavState::headDamaged);
    EXPECT_EQ(scan->dataBytes, 2'000u);
}

TEST(WavScan, AHeaderDamagedInFrontOfTheDataIsSteppedOver) {
    const Bytes before = chunkOf("note", std::string(100, 'x'));
    Bytes bytes = buildForeign({.before = before});
    storeLe(bytes.data() + 40, std::uint32_t{0x7000'0000});  // the size of `note`
    const WavScan scan = scanBytes(bytes);
    EXPECT_EQ(scan.dataBytes, 2'000u) << scan.reason;
}

TEST(WavScan, EveryLengthOfEveryFileEndsTheScan) {
    const Bytes whole = buildForeign({.frames = 40,
                                      .before = chunkOf("bext", std::string(33, 'b')),
                                      .after = chunkOf("LIST", "INFOabcdefg")});
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
        const WavScan scan = scanBytes(cut);
        EXPECT_LE(scan.dataOffset + scan.dataBytes, std::max<std::uint64_t>(length, 12)) << length;
        // The last byte is a pad, which not every writer writes.
        EXPECT_EQ(scan.state == WavState::sound, length + 1 >= whole.size()) << length;
    }
}

TEST(WavScan, EveryAbsurdSizeEndsTheScan) {
    const Bytes whole = buildForeign({.frames = 40,
                                      .before = chunkOf("bext", std::string(33, 'b')),
                                      .after = chunkOf("LIST", "INFOabcdefg")});
    for (std::size_t at = 4; at + 4 <= whole.size(); at += 2) {
        for (std::uint32_t size : {0u, 1u, 3u, 0x7FFF'FFFFu, 0xFFFF'FFFFu, 0xFFFF'FFF7u}) {
            Bytes bytes = whole;
            storeLe(bytes.data() + at, size);
            const WavScan scan = scanBytes(bytes);
            EXPECT_LE(scan.dataOffset + scan.dataBytes, whole.size());
            for (const ChunkExtent& chunk : scan.after.extents) {
                EXPECT_LE(chunk.offset + chunk.bytes, whole.size());
            }
        }
    }
}

// Every field of every container, whole and half of 64 bits: nothing lies outside the file, and
// nothing hangs.
TEST(WavScan, EveryAbsurdSizeInEveryContainerEndsTheScan) {
    for (const auto container : {ForgedContainer::riff, ForgedContainer::rf64,
                                 ForgedContainer::bw64, ForgedContainer::w64}) {
        const ForgedWav wav = forgeWav({.container = container,
                                        .frames = 20,
                                        .before = {{"bext", "some text"}},
                                        .after = {{"bext", "some more text"}}});
        for (std::size_t at = 4; at + 8 <= wav.bytes.size(); ++at) {
            for (const std::uint64_t size :
                 {std::uint64_t{0}, std::uint64_t{23}, std::uint64_t{0x7FFF'FFFF},
                  std::uint64_t{0xFFFF'FFFF}, ~std::uint64_t{0}, ~std::uint64_t{0} - 24,
                  std::uint64_t{1} << 63}) {
                Bytes bytes = wav.bytes;
                storeLe(bytes.data() + at, size);
                const WavScan scan = scanBytes(bytes);
                EXPECT_LE(scan.dataOffset, bytes.size());
                EXPECT_LE(scan.dataBytes, bytes.size() - scan.dataOffset);
                EXPECT_LE(scan.chunksEnd, bytes.size());
                for (const auto* chunks : {&scan.before, &scan.after}) {
                    for (const ChunkExtent& chunk : chunks->extents) {
                        EXPECT_LE(chunk.offset, bytes.size());
                        EXPECT_LE(chunk.bytes, bytes.size() - chunk.offset);
                    }
                }
            }
        }
    }
}

TEST(WavScan, ListsOnlySoManyChunks) {
    Bytes before;
    for (int i = 0; i < 2'000; ++i) {
        const Bytes one = chunkOf("tiny", "");
        before.insert(before.end(), one.begin(), one.end());
    }
    const WavScan scan = scanForeign({.before = before});
    EXPECT_EQ(scan.state, WavState::sound);
    EXPECT_EQ(scan.before.extents.size(), kMaxListedChunks);
    EXPECT_EQ(scan.before.notListed, 2'000 - kMaxListedChunks);
}

}  // namespace
}  // namespace holdfast
