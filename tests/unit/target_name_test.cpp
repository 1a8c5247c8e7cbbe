#include "app/target_name.h"

#include <gtest/gtest.h>

#include <fstream>

#include "iocore/base/path_text.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

// 2026-03-04 05:06:07, with the folders "takes" and "rec.d".
TargetSurroundings surroundings() {
    TargetSurroundings around;
    around.localTime.tm_year = 126;
    around.localTime.tm_mon = 2;
    around.localTime.tm_mday = 4;
    around.localTime.tm_hour = 5;
    around.localTime.tm_min = 6;
    around.localTime.tm_sec = 7;
    around.isFolder = [](const std::string& path) {
        return path == "takes" || path == "rec.d" || path == joinPath(".", "folder.wav") ||
               path == "100%S";
    };
    around.recordingsFolder = [] { return Result<std::string>("/home/me/Music/Recordings"); };
    return around;
}

std::string resolved(const std::string& file) {
    const auto target = resolveTarget(file, surroundings());
    return target ? target->folder + " | " + target->wavName : target.error().text;
}

TEST(TargetName, NoFileIsNamedByTheClockInTheRecordingsFolder) {
    EXPECT_EQ(resolved(""), "/home/me/Music/Recordings | 2026-03-04_05-06-07.wav");
    EXPECT_TRUE(resolveTarget("", surroundings())->madeByUs);
    EXPECT_FALSE(resolveTarget("a", surroundings())->madeByUs);
}

TEST(TargetName, FolderGetsTheClockName) {
    EXPECT_EQ(resolved("takes"), "takes | 2026-03-04_05-06-07.wav");
    EXPECT_EQ(resolved("rec.d"), "rec.d | 2026-03-04_05-06-07.wav");
    EXPECT_EQ(resolved("missing/"), "missing/ | 2026-03-04_05-06-07.wav");
}

TEST(TargetName, WavIsAddedWhereThereIsNoExtension) {
    EXPECT_EQ(resolved("take"), ". | take.wav");
    EXPECT_EQ(resolved("take.wav"), ". | take.wav");
    EXPECT_EQ(resolved("TAKE.WAV"), ". | TAKE.WAV");
    EXPECT_EQ(resolved("a/b/take"), "a/b | take.wav");
    EXPECT_EQ(resolved("/take"), "/ | take.wav");
    EXPECT_EQ(resolved("Take 2.1"), ". | Take 2.1.wav");
    EXPECT_EQ(resolved("Mr. Smith"), ". | Mr. Smith.wav");
    EXPECT_EQ(resolved("2026.03.04"), ". | 2026.03.04.wav");
    EXPECT_EQ(resolved(".hidden"), ". | .hidden.wav");
    EXPECT_EQ(resolved("a.flac/take"), "a.flac | take.wav");
    EXPECT_EQ(resolved("запись"), ". | запись.wav");
    EXPECT_EQ(resolved("録音🎙"), ". | 録音🎙.wav");
}

TEST(TargetName, TimeEscapesAreExpanded) {
    EXPECT_EQ(resolved("%Y/%m/take-%H%M"), "2026/03 | take-0506.wav");
    EXPECT_EQ(resolved("100%%"), ". | 100%.wav");
    // A folder that is there is meant as it is spelled.
    EXPECT_EQ(resolved("100%S"), "100%S | 2026-03-04_05-06-07.wav");
}

TEST(TargetName, OtherExtensionIsRefusedWithTheWayOut) {
    for (const char* file : {"song.flac", "a/song.mp3", "song.w64", "song.OGG"}) {
        const auto target = resolveTarget(file, surroundings());
        ASSERT_FALSE(target.has_value()) << file;
        EXPECT_EQ(target.error().stage, Stage::usage);
        EXPECT_NE(target.error().text.find("song.wav"), std::string::npos) << target.error().text;
    }
}

TEST(TargetName, NamesThatCannotBeTakesAreRefused) {
    for (const char* file : {"-", ".wav", "take.part.wav", "a/.wav", "folder", "folder.wav"}) {
        const auto target = resolveTarget(file, surroundings());
        ASSERT_FALSE(target.has_value()) << file;
        EXPECT_EQ(target.error().stage, Stage::usage);
    }
}

TEST(TargetName, MadeFoldersAreListedOutermostFirst) {
    const TempFolder temporary;
    const std::string root = temporary.path().generic_string();
    std::vector<std::string> made;
    ASSERT_TRUE(makeFolder(root + "/a/b/", made).has_value());
    EXPECT_EQ(made, (std::vector<std::string>{root + "/a", root + "/a/b"}));
    made.clear();
    ASSERT_TRUE(makeFolder(root + "/a", made).has_value());
    EXPECT_TRUE(made.empty());
    std::ofstream(root + "/file") << "x";
    const auto through = makeFolder(root + "/file/b", made);
    ASSERT_FALSE(through.has_value());
    EXPECT_EQ(through.error().stage, Stage::disk);
}

}  // namespace
}  // namespace holdfast
