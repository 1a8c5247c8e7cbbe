// What people hand to holdfast-recover that is no take of ours: named, helped, never harmed.
#include <sys/stat.h>

#include <cstring>
#include <filesystem>

#include "tests/support/recover_rig_posix.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using Words = RecoverRig::Words;

constexpr std::uint64_t kFrames = 24'000;

void put32(std::string& bytes, std::size_t at, std::uint32_t value) {
    for (int i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

// 44 bytes of header, mono S16 at 48 kHz, as most programs write it.
std::string foreignWav(std::uint32_t riffBytes, std::uint32_t dataBytes) {
    std::string bytes("RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0", 24);
    bytes.resize(44);
    put32(bytes, 4, riffBytes);
    put32(bytes, 24, 48'000);
    put32(bytes, 28, 96'000);
    bytes[32] = 2;
    bytes[34] = 16;
    std::memcpy(bytes.data() + 36, "data", 4);
    put32(bytes, 40, dataBytes);
    for (std::uint64_t frame = 0; frame < kFrames; ++frame) {
        bytes += static_cast<char>(frame * 7 + 1);
        bytes += static_cast<char>(frame >> 3);
    }
    return bytes;
}

class RecoverInput : public testing::Test {
  protected:
    RecoverRig rig_;
};

TEST_F(RecoverInput, WrongSizesOfOtherProgramsAreMended) {
    constexpr std::uint32_t kAudio = kFrames * 2;
    const std::vector<std::pair<std::uint32_t, std::uint32_t>> sizes = {
        {0, 0},
        {8, 0},
        {0xFFFFFFFF, 0xFFFFFFFF},
        {0x7FFFF024, 0x7FFFF000},
        {0x7FFFFFFF, 0x7FFFFFDB},
        {36 + kAudio / 2, kAudio / 2}};
    for (const auto& [riff, data] : sizes) {
        SCOPED_TRACE(testing::Message() << riff << "/" << data);
        const std::string before = foreignWav(riff, data);
        writeFile(rig_.path("f.wav"), before);
        const auto found = rig_.recoverJson({"check", "f.wav"});
        EXPECT_EQ(found["exit"], 4);
        EXPECT_EQ(found["ours"], false);
        EXPECT_EQ(found["recoverable_frames"], kFrames);
        EXPECT_EQ(found["verified_frames"], 0);

        EXPECT_EQ(rig_.recoverJson({"repair", "f.wav"})["exit"], 1);
        EXPECT_EQ(rig_.contents()["f.wav"], before);
        EXPECT_EQ(rig_.recoverJson({"repair", "f.wav"})["outcome"], "already_recovered");
        const auto copy = rig_.recoverJson({"check", "f.recovered.wav"});
        EXPECT_EQ(copy["verdict"], "sound");
        EXPECT_EQ(copy["recoverable_frames"], kFrames);

        EXPECT_EQ(rig_.recoverJson({"repair", "--in-place", "f.wav"})["exit"], 1);
        EXPECT_EQ(rig_.contents()["f.wav"], foreignWav(36 + kAudio, kAudio));
        EXPECT_EQ(rig_.recoverJson({"repair", "--in-place", "f.wav"})["exit"], 1);
        EXPECT_EQ(rig_.recoverJson({"repair", "--undo", "f.wav"})["undone"], true);
        EXPECT_EQ(rig_.contents()["f.wav"], before);
        fs::remove(rig_.path("f.recovered.wav"));
        EXPECT_EQ(rig_.files(), Words{"f.wav"});
    }
}

TEST_F(RecoverInput, WhatIsNoRecordingIsNamedAndLeftAlone) {
    writeFile(rig_.path("empty.wav"), "");
    writeFile(rig_.path("text.wav"), "This is a shopping list.\n");
    writeFile(rig_.path("big.rf64.wav"), std::string("RF64\xFF\xFF\xFF\xFFWAVE", 12));
    writeFile(rig_.path("bad.wav.journal"), "no journal");
    fs::create_directory(rig_.path("folder.wav"));
    ASSERT_EQ(::mkfifo(rig_.path("fifo.wav").c_str(), 0600), 0);
    const Files before = rig_.contents();
    const std::vector<std::pair<std::string, std::string>> words = {
        {"empty.wav", "it is empty"},
        {"text.wav", "not a WAV file"},
        {"big.rf64.wav", "no data chunk"},
        {"bad.wav.journal", "journal"},
        {"folder.wav", "recover scan"},
        {"fifo.wav", "FIFO"},
        {"none.wav", "No such file"},
        {"none/none.wav", "No such file"},
        {"", "No such file"}};
    for (const auto& [name, word] : words) {
        for (const Words& how : std::vector<Words>{
                 {"check"}, {"repair"}, {"repair", "--in-place"}, {"repair", "--dry-run"}}) {
            Words arguments = how;
            arguments.push_back(name);
            const auto outcome = rig_.recover(arguments);
            EXPECT_EQ(outcome.end.status, 8) << name << outcome.out << outcome.err;
            EXPECT_NE((outcome.out + outcome.err).find(word), std::string::npos)
                << name << ": " << outcome.out << outcome.err;
            arguments.emplace_back("--json");
            EXPECT_EQ(eventsOf(rig_.recover(arguments).out).size(), 1U);
        }
    }
    EXPECT_EQ(rig_.contents(), before);
}

TEST_F(RecoverInput, NamesAreShownAndNeverObeyed) {
    const std::string hostile = "a\x1b[2J\n\xff'.wav";
    writeFile(rig_.path(hostile), foreignWav(0, 0));
    const auto shown = rig_.recover({"check", hostile});
    EXPECT_EQ(shown.end.status, 4);
    EXPECT_EQ(shown.out.find('\x1b'), std::string::npos);
    EXPECT_NE(shown.out.find("a\\x1b[2J\\x0a\\xff'.wav: "), std::string::npos) << shown.out;
    EXPECT_EQ(rig_.recoverJson({"repair", hostile})["exit"], 1);
    EXPECT_EQ(rig_.recover({"check", "a\x1b[31m.wav"}).err.find('\x1b'), std::string::npos);
}

TEST_F(RecoverInput, NameThatLooksLikeAnOptionAndLinksAreFiles) {
    writeFile(rig_.path("-v.wav"), foreignWav(0, 0));
    const auto outcome = rig_.recover({"check", "--", "-v.wav"});
    EXPECT_EQ(outcome.end.status, 4) << outcome.err;
    EXPECT_NE(outcome.out.find("repair " + quotedForProgram("./-v.wav")), std::string::npos)
        << outcome.out;
    fs::create_symlink("-v.wav", rig_.path("link.wav"));
    EXPECT_EQ(rig_.recoverJson({"repair", "link.wav"})["exit"], 1);
    EXPECT_TRUE(rig_.contents().contains("-v.recovered.wav"));
}

TEST_F(RecoverInput, FullDiskIsSaidAndLeavesNothing) {
    writeFile(rig_.path("f.wav"), foreignWav(0, 0));
    const std::string disk = rig_.path("disk");
    const TestMount mount = TestMount::small(disk, 16 << 10);
    if (!mount.isMounted()) GTEST_SKIP() << mount.why();
    const auto outcome = rig_.recover({"repair", "-o", disk, "f.wav"});
    EXPECT_EQ(outcome.end.status, 8);
    EXPECT_NE(outcome.err.find("bytes are needed and"), std::string::npos) << outcome.err;
    EXPECT_TRUE(fs::is_empty(disk));
}

// By name and not by number, with the program that reads them; assuming a format would make noise
// of them, and is not offered.
TEST_F(RecoverInput, FormatsThatAreNotTakenAreNamedWithAWayOut) {
    const std::vector<std::tuple<int, int, std::string>> encodings = {
        {3, 64, "64-bit float"}, {6, 8, "A-law"},  {7, 8, "mu-law"},    {2, 4, "ADPCM"},
        {0x11, 4, "ADPCM"},      {0x55, 0, "MP3"}, {1, 8, "8-bit PCM"}, {0x4321, 16, "0x4321"}};
    for (const auto& [tag, bits, name] : encodings) {
        std::string bytes = foreignWav(0, 0);
        bytes[20] = static_cast<char>(tag);
        bytes[21] = static_cast<char>(tag >> 8);
        bytes[34] = static_cast<char>(bits);
        writeFile(rig_.path("f.wav"), bytes);
        for (const Words& words : {Words{"check", "f.wav"}, Words{"repair", "f.wav"}}) {
            const CaptureOutcome got = rig_.recover(words);
            EXPECT_EQ(got.end.status, 8) << name;
            EXPECT_NE(got.out.find("cannot be recovered: its audio is "), std::string::npos)
                << got.out;
            EXPECT_NE(got.out.find(name), std::string::npos) << got.out;
            EXPECT_NE(got.out.find("ffmpeg -ignore_length 1 -i " + quotedForProgram("f.wav")),
                      std::string::npos)
                << got.out;
            EXPECT_EQ(got.out.find("--assume"), std::string::npos) << got.out;
        }
        EXPECT_EQ(readFile(rig_.path("f.wav")), bytes);
        EXPECT_EQ(rig_.contents().size(), 1u);
    }
}

}  // namespace
}  // namespace holdfast
