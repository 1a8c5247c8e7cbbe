// Paths as Windows spells them: both separators, drives, servers.
#include <gtest/gtest.h>

#include <string>

#include "iocore/base/path_text.h"

namespace holdfast {
namespace {

TEST(PathTextWindows, BothSeparatorsAndDrivesAreKnown) {
    EXPECT_EQ(nameOfPath("C:\\takes/day 1\\take.wav"), "take.wav");
    EXPECT_EQ(folderOfPath("C:\\takes/day 1\\take.wav"), "C:\\takes/day 1");
    EXPECT_EQ(folderOfPath("C:\\take.wav"), "C:\\");
    EXPECT_EQ(folderOfPath("C:take.wav"), "C:");
    EXPECT_EQ(nameOfPath("C:take.wav"), "take.wav");
    EXPECT_EQ(folderOfPath("\\\\server\\share\\take.wav"), "\\\\server\\share");
    EXPECT_EQ(nameOfPath("takes\\"), "");
}

TEST(PathTextWindows, JoinedPartsComeApartAgain) {
    for (const std::string folder : {"takes", "C:\\", "C:", "\\\\server\\share", "C:/a"}) {
        const std::string path = joinPath(folder, "take.wav");
        EXPECT_EQ(folderOfPath(path), folder);
        EXPECT_EQ(nameOfPath(path), "take.wav");
    }
    EXPECT_EQ(joinPath("C:\\takes", "take.wav"), "C:\\takes\\take.wav");
    EXPECT_EQ(joinPath("C:\\takes/", "take.wav"), "C:\\takes/take.wav");
    EXPECT_EQ(joinPath("C:", "take.wav"), "C:take.wav") << "the drive's present folder";
}

}  // namespace
}  // namespace holdfast
