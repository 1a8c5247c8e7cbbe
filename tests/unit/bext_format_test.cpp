// The bext chunk against EBU Tech 3285, read from its bytes and by libsndfile.
#include "iocore/riff/bext_format.h"

#include <gtest/gtest.h>
#include <sndfile.h>

#include <fstream>

#include "iocore/base/little_endian.h"
#include "tests/support/take_builder.h"
#include "tests/support/take_rig.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

const PcmFormat kStereo24{48'000, 2, SampleType::S24, 0};

BextFields fieldsOf(const std::vector<std::string>& assignments) {
    BextFields fields;
    for (const std::string& one : assignments) {
        const auto set = setBextField(fields, one);
        EXPECT_TRUE(set) << one << ": " << (set ? "" : set.error().text);
    }
    return fields;
}

std::string textAt(const std::vector<std::byte>& bext, std::size_t offset, std::size_t bytes) {
    const std::string text(reinterpret_cast<const char*>(bext.data()) + offset, bytes);
    return text.substr(0, text.find('\0'));
}

std::string dateAndTime(const std::vector<std::byte>& bext) {
    return textAt(bext, 320, 10) + " " + textAt(bext, 330, 8);
}

std::uint64_t timeReferenceOf(const std::vector<std::byte>& bext) {
    return loadLe<std::uint64_t>(bext.data() + 338);
}

TEST(Bext, FieldsStandWhereTheSpecificationHasThem) {
    const std::string umid = "0x060A2B34" + std::string(56, 'f');
    const BextInfo info{
        fieldsOf({"Description=hearing 7", "ORIGINATOR=me", "originatorreference=R1",
                  "OriginationDate=2024-02-29", "OriginationTime=01.02.03", "TimeReference=99",
                  "UMID=" + umid, "CodingHistory=A=ANALOG,T=tape\nA=PCM,F=48000"}),
        {}};
    const auto bext = encodeBext(info, kStereo24, 0);
    EXPECT_EQ(textAt(bext, 0, 256), "hearing 7");
    EXPECT_EQ(textAt(bext, 256, 32), "me");
    EXPECT_EQ(textAt(bext, 288, 32), "R1");
    EXPECT_EQ(dateAndTime(bext), "2024-02-29 01.02.03");
    EXPECT_EQ(timeReferenceOf(bext), 99u);
    EXPECT_EQ(loadLe<std::uint16_t>(bext.data() + 346), 1u);
    EXPECT_EQ(loadLe<std::uint32_t>(bext.data() + 348), 0x342B0A06u);
    EXPECT_EQ(bext[379], std::byte{0xFF});
    EXPECT_EQ(bext[380], std::byte{0});
    EXPECT_EQ(textAt(bext, 602, bext.size() - 602), "A=ANALOG,T=tape\r\nA=PCM,F=48000\r\n");
}

TEST(Bext, WhatIsNotGivenIsFilledIn) {
    const BextInfo info{fieldsOf({"Description=x"}), {2024, 5, 6, 3'661, 500'000'000}};
    const auto bext = encodeBext(info, kStereo24, 0);
    EXPECT_EQ(textAt(bext, 256, 32), "Holdfast");
    EXPECT_EQ(dateAndTime(bext), "2024-05-06 01:01:01");
    EXPECT_EQ(timeReferenceOf(bext), 3'661u * 48'000 + 24'000);
    EXPECT_EQ(textAt(bext, 602, bext.size() - 602), "A=PCM,F=48000,W=24,M=stereo,T=Holdfast\r\n");
    const auto six = encodeBext(info, {96'000, 6, SampleType::F32, 0}, 0);
    EXPECT_EQ(textAt(six, 602, six.size() - 602),
              "A=PCM,F=96000,W=32,T=Holdfast; 6 channels; float\r\n");
}

TEST(Bext, LaterPartsAreMovedOnAndTheDayWithThem) {
    const LocalTime start{2023, 12, 31, 86'399, 0};
    const auto known = encodeBext({fieldsOf({"Description=x"}), start}, kStereo24, 48'000 + 7);
    EXPECT_EQ(dateAndTime(known), "2024-01-01 00:00:00");
    EXPECT_EQ(timeReferenceOf(known), 7u);
    const BextFields given =
        fieldsOf({"OriginationDate=2023:02:28", "OriginationTime=23:59:58", "TimeReference=1000"});
    const auto moved = encodeBext({given, start}, kStereo24, 2 * 48'000 * 86'400ULL + 3 * 48'000);
    EXPECT_EQ(dateAndTime(moved), "2023:03:03 00:00:01");
    EXPECT_EQ(timeReferenceOf(moved), 1'000u + 2 * 48'000 * 86'400ULL + 3 * 48'000);
}

TEST(Bext, BadValuesAreRefusedByName) {
    const std::vector<std::pair<std::string, std::string>> bad = {
        {"Colour=red", "known are Description, Originator, "},
        {"Description", "KEY=VALUE"},
        {"Description=" + std::string(257, 'x'), "at most 256"},
        {"Originator=" + std::string(33, 'x'), "at most 32"},
        {"OriginatorReference=" + std::string(33, 'x'), "at most 32"},
        {"CodingHistory=" + std::string(kMaxBextBytes - kBextFixedBytes - 1, 'x'), "at most 9398"},
        {"Description=\xC3\xBC", "ASCII"},
        {"CodingHistory=a\tb", "ASCII"},
        {"OriginationDate=2023-02-29", "YYYY-MM-DD"},
        {"OriginationDate=23-02-2801", "YYYY-MM-DD"},
        {"OriginationDate=", "YYYY-MM-DD"},
        {"OriginationTime=24:00:00", "HH:MM:SS"},
        {"OriginationTime=10:60:00", "HH:MM:SS"},
        {"OriginationTime=10-00", "HH:MM:SS"},
        {"TimeReference=-1", "whole numbers"},
        {"TimeReference=1e3", "whole numbers"},
        {"TimeReference=18446744073709551615", "whole numbers"},
        {"UMID=" + std::string(63, 'a'), "64 hexadecimal digits"},
        {"UMID=" + std::string(64, 'g'), "64 hexadecimal digits"}};
    for (const auto& [assignment, says] : bad) {
        BextFields fields;
        const auto set = setBextField(fields, assignment);
        ASSERT_FALSE(set) << assignment;
        EXPECT_EQ(set.error().stage, Stage::usage);
        const std::string key = assignment.substr(0, assignment.find('='));
        EXPECT_NE(set.error().text.find(key), std::string::npos) << set.error().text;
        EXPECT_NE(set.error().text.find(says), std::string::npos) << set.error().text;
    }
    BextFields twice = fieldsOf({"Description=a"});
    EXPECT_FALSE(setBextField(twice, "description=b"));
    fieldsOf({"CodingHistory=" + std::string(kMaxBextBytes - kBextFixedBytes - 2, 'x')});
}

// The longest chunk, behind the data of a whole take.
TEST(Bext, LibsndfileReadsItBehindTheAudio) {
    const std::string history(kMaxBextBytes - kBextFixedBytes - 2, 'h');
    const BextInfo info{fieldsOf({"Description=behind", "TimeReference=4294967297",
                                  "UMID=" + std::string(128, '7'), "CodingHistory=" + history}),
                        {2024, 5, 6, 3'661, 0}};
    TakeRig rig(FaultDisk(), {.format = kStereo24, .bext = info});
    ASSERT_TRUE(rig.take->begin());
    rig.deliver(333);
    ASSERT_TRUE(rig.take->addMarker("here", 7));
    ASSERT_TRUE(rig.finish().value_or(false));
    const TempFolder folder;
    const std::string path = (folder.path() / "take.wav").string();
    const Bytes bytes = fileOf(rig.disk, "take.wav");
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));

    SF_INFO sound{};
    SNDFILE* const file = sf_open(path.c_str(), SFM_READ, &sound);
    ASSERT_NE(file, nullptr);
    static SF_BROADCAST_INFO_VAR(16'384) read{};
    EXPECT_EQ(sf_command(file, SFC_GET_BROADCAST_INFO, &read, sizeof read), SF_TRUE);
    sf_close(file);
    EXPECT_EQ(std::string(read.description), "behind");
    EXPECT_EQ(std::string(read.originator), "Holdfast");
    EXPECT_EQ(std::string(read.origination_date, 10), "2024-05-06");
    EXPECT_EQ(std::string(read.origination_time, 8), "01:01:01");
    EXPECT_EQ(read.time_reference_low, 1u);
    EXPECT_EQ(read.time_reference_high, 1u);
    EXPECT_EQ(read.version, 1);
    EXPECT_EQ(std::string(read.umid, 64), std::string(64, 'w'));
}

}  // namespace
}  // namespace holdfast
