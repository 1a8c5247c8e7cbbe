// Paths taken apart and put together, as text.
#include "iocore/base/path_text.h"

#include <gtest/gtest.h>

#include <string>

namespace holdfast {
namespace {

TEST(PathText, NameAndFolderAreTakenApart) {
    EXPECT_EQ(nameOfPath("takes/day 1/take.wav"), "take.wav");
    EXPECT_EQ(folderOfPath("takes/day 1/take.wav"), "takes/day 1");
    EXPECT_EQ(nameOfPath("take.wav"), "take.wav");
    EXPECT_EQ(folderOfPath("take.wav"), ".");
    EXPECT_EQ(folderOfPath("/take.wav"), "/");
    EXPECT_EQ(folderOfPath("takes//take.wav"), "takes");
    EXPECT_EQ(nameOfPath("takes/"), "");
    EXPECT_EQ(nameStart("a/b"), 2U);
}

TEST(PathText, JoinedPartsComeApartAgain) {
    for (const std::string folder : {"takes", "/", "/music/takes", "."}) {
        const std::string path = joinPath(folder, "take.wav");
        EXPECT_EQ(folderOfPath(path), folder);
        EXPECT_EQ(nameOfPath(path), "take.wav");
    }
    EXPECT_EQ(joinPath("", "take.wav"), "take.wav");
    EXPECT_EQ(joinPath("takes/", "take.wav"), "takes/take.wav");
}

TEST(PathText, EveryScriptSurvivesTheSystemsSpelling) {
    for (const std::string name : {"запись", "録音", "\U0001F399 take", "naïve"}) {
        EXPECT_EQ(textOfPath(pathOfText(name)), name);
    }
}

}  // namespace
}  // namespace holdfast
