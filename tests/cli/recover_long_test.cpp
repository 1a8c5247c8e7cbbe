// WAVs of other programs above 4 GiB: sparse files, so that only their ends are real.
#include <cstring>
#include <filesystem>
#include <fstream>

#include "iocore/base/little_endian.h"
#include "iocore/riff/riff_format.h"
#include "tests/support/recover_rig_posix.h"
#include "tests/support/strict_wav_checker.h"
#include "tests/support/wav_forge.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLong = (std::uint64_t{9} << 29) + 6'000;  // 4.5 GiB and a bit

// Sizes 0, room for ds64 in front, audio at both ends.
void writeLong(const std::string& path, ForgedContainer container) {
    ForgedWav wav = forgeWav({.container = container, .before = {}, .after = {}});
    wav.setSizes(0, 0);
    if (container == ForgedContainer::rf64) {  // never promoted: its ds64 is JUNK still
        std::memcpy(wav.bytes.data(), "RIFF", 4);
        std::memcpy(wav.bytes.data() + 12, "JUNK", 4);
        storeLe(wav.bytes.data() + 4, std::uint32_t{0});
        storeLe(wav.bytes.data() + wav.dataSizeAt, std::uint32_t{0});
    }
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(wav.bytes.data()),
               static_cast<std::streamsize>(wav.bytes.size()));
    file.seekp(static_cast<std::streamoff>(wav.audioAt + kLong - 6));
    file.write("abcdef", 6);
}

TEST(RecoverLong, RiffAbove4GiBIsPromotedInPlaceAndTakenBack) {
    RecoverRig rig;
    const std::string path = rig.path("long.wav");
    writeLong(path, ForgedContainer::rf64);
    EXPECT_EQ(rig.recoverJson({"check", "long.wav"})["recoverable_frames"], kLong / 6);
    EXPECT_EQ(rig.recoverJson({"repair", "--in-place", "long.wav"})["exit"], 1);
    const auto verdict = wavcheck::checkWavFile(path);
    EXPECT_TRUE(verdict.ok) << verdict.defect;
    EXPECT_TRUE(verdict.isRf64);
    EXPECT_EQ(verdict.frames, kLong / 6);
    EXPECT_EQ(rig.recoverJson({"repair", "--undo", "long.wav"})["undone"], true);
    EXPECT_FALSE(wavcheck::checkWavFile(path).isRf64);
}

TEST(RecoverLong, W64IsMendedInPlaceAndRiffWithoutRoomIsRefused) {
    RecoverRig rig;
    writeLong(rig.path("long.w64"), ForgedContainer::w64);
    EXPECT_EQ(rig.recoverJson({"repair", "--in-place", "long.w64"})["exit"], 1);
    const auto sound = rig.recoverJson({"check", "long.w64"});
    EXPECT_EQ(sound["header_frames"], kLong / 6);
    writeLong(rig.path("full.wav"), ForgedContainer::riff);
    const auto refused = rig.recover({"repair", "--in-place", "full.wav"});
    EXPECT_EQ(refused.end.status, 8);
    EXPECT_NE(refused.err.find("no room for sizes above 4 GiB"), std::string::npos) << refused.err;
}

TEST(RecoverLong, HeaderOfALongCopyIsRf64) {
    HeaderBlock block;
    block.sizes = SizeForm::rf64;
    block.dataBytes = kLong;
    block.trailerBytes = 0;
    for (const SampleType type : {SampleType::S24, SampleType::F32}) {
        block.format = {48'000, 2, type, 0};
        block.dataBytes = kLong / block.format.bytesPerFrame() * block.format.bytesPerFrame();
        const HeaderImage image = encodeHeaderBlock(block);
        const auto read = [&](std::uint64_t at, std::span<std::byte> into) {
            for (std::byte& byte : into) {
                byte = at < image.size() ? image[static_cast<std::size_t>(at)] : std::byte{0};
                ++at;
            }
            return true;
        };
        const auto verdict = wavcheck::checkWav(512 + block.dataBytes, read);
        EXPECT_TRUE(verdict.ok) << verdict.defect;
        EXPECT_TRUE(verdict.isRf64);
        EXPECT_EQ(verdict.frames, block.dataBytes / block.format.bytesPerFrame());
    }
}

}  // namespace
}  // namespace holdfast
