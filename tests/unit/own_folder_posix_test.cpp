// Folders of Holdfast's own are for this user alone, whatever the umask is.
#include "iocore/base/own_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "iocore/recovery/session_index.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

TEST(OwnFolder, AllThatIsMadeIsForThisUserAlone) {
    const TempFolder temp;
    const mode_t before = ::umask(0);
    const auto made = makeOwnFolders(temp.path() / "state/holdfast");
    ::umask(before);
    ASSERT_TRUE(made) << made.error().message();
    for (const fs::path& folder : {temp.path() / "state", temp.path() / "state/holdfast"}) {
        EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all) << folder;
    }
    EXPECT_TRUE(makeOwnFolders(temp.path() / "state/holdfast")) << "there already";
    std::ofstream(temp.path() / "file") << "x";
    EXPECT_EQ(makeOwnFolders(temp.path() / "file/below").error().code, ENOTDIR);
}

TEST(OwnFolder, HintsOnUnfinishedTakesLieInOne) {
    const TempFolder temp;
    SessionIndex index(temp.path() / "sessions");
    ASSERT_TRUE(index.add(TakeId::random(), "/x/y.journal").has_value());
    EXPECT_EQ(fs::status(temp.path() / "sessions").permissions(), fs::perms::owner_all);
}

}  // namespace
}  // namespace holdfast
