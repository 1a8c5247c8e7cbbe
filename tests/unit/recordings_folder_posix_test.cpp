// The folder of takes without a name, as the XDG user directories say.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "app/recordings_folder.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

TEST(RecordingsFolder, FollowsTheUsersDirectories) {
    const TempFolder temporary;
    const std::string root = temporary.path().generic_string();
    const std::string home = std::getenv("HOME") != nullptr ? std::getenv("HOME") : "";
    ::setenv("HOME", root.c_str(), 1);
    ::setenv("XDG_CONFIG_HOME", (root + "/config").c_str(), 1);
    EXPECT_EQ(recordingsFolder().value_or(""), root + "/Music/Recordings");
    std::filesystem::create_directory(root + "/config");
    std::ofstream(root + "/config/user-dirs.dirs")
        << "# comment\nXDG_VIDEOS_DIR=\"$HOME/V\"\nXDG_MUSIC_DIR=\"$HOME/Musik\"\n";
    EXPECT_EQ(recordingsFolder().value_or(""), root + "/Musik/Recordings");
    std::ofstream(root + "/config/user-dirs.dirs") << "XDG_MUSIC_DIR=\"/srv/audio\"\n";
    EXPECT_EQ(recordingsFolder().value_or(""), "/srv/audio/Recordings");
    ::setenv("HOME", "", 1);
    EXPECT_EQ(recordingsFolder().error().stage, Stage::usage);
    ::setenv("HOME", home.c_str(), 1);
    ::unsetenv("XDG_CONFIG_HOME");
}

}  // namespace
}  // namespace holdfast
