// The session index and the scan of folders: what is listed, and what is not.
#include "iocore/recovery/session_index.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "iocore/recovery/folder_scan.h"
#include "iocore/recovery/recovery_writer.h"
#include "tests/support/take_builder.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

class Folders : public testing::Test {
  protected:
    void SetUp() override {
        root_ = fs::path(testing::TempDir()) / ("holdfast_index_" + TakeId::random().hex());
        fs::create_directories(root_ / "takes");
    }
    void TearDown() override { fs::remove_all(root_); }

    void put(const fs::path& folder, const std::string& name, const Bytes& bytes) {
        fs::create_directories(folder);
        std::ofstream(folder / name, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()));
    }
    void put(const fs::path& folder, const BuiltTake& take) {
        for (const auto& [name, bytes] : take.files) put(folder, name, *bytes);
    }
    std::vector<std::string> scanNames() {
        const auto finds = scanFolder(root_.string());
        EXPECT_TRUE(finds.has_value());
        std::vector<std::string> names;
        for (const FoundTake& take : finds->takes) {
            names.push_back(take.name + ":" + std::string(findReasonName(take.reason)) +
                            (take.alreadyRecovered ? ":recovered" : ""));
        }
        return names;
    }

    fs::path root_;
};
using SessionIndexTest = Folders;
using FolderScanTest = Folders;

// A power cut may come at any moment: the old hint stays until the new one is whole.
TEST_F(SessionIndexTest, HintIsReplacedWhenTheNewOneIsWhole) {
    const BuiltTake take = buildTake({});
    put(root_ / "takes", take);
    const std::string folder = (root_ / "index").string();
    const std::string path = (root_ / "takes" / take.journalName).string();
    ASSERT_TRUE(SessionIndex(folder).add(take.takeId, path).has_value());
    // In the way of the new one.
    fs::create_directories(fs::path(folder) / (take.takeId.hex() + ".part") / "x");
    EXPECT_FALSE(SessionIndex(folder).add(take.takeId, "/elsewhere").has_value());
    const auto hints = SessionIndex(folder).list();
    ASSERT_EQ(hints->size(), 1u);
    EXPECT_EQ(hints->front().journalPath, path);
}

TEST_F(SessionIndexTest, ListsUnfinishedTakesAndDropsResolvedOnes) {
    SessionIndex index((root_ / "state/holdfast/sessions").string());
    EXPECT_TRUE(index.list()->empty());
    const BuiltTake take = buildTake({});
    put(root_ / "takes", take);
    const std::string journal = (root_ / "takes/take.wav.journal").string();
    ASSERT_TRUE(index.add(take.takeId, journal).has_value());
    ASSERT_TRUE(index.add(take.takeId, journal).has_value());
    ASSERT_EQ(index.list()->size(), 1u);
    EXPECT_EQ(index.list()->at(0).journalPath, journal);
    EXPECT_EQ(index.list()->at(0).takeIdHex, take.takeId.hex());
    fs::remove(journal);
    EXPECT_TRUE(index.list()->empty());
    EXPECT_TRUE(fs::is_empty(root_ / "state/holdfast/sessions"));
}

TEST_F(SessionIndexTest, RemoveEndsTheHintAndMayBeRepeated) {
    SessionIndex index((root_ / "sessions").string());
    const BuiltTake take = buildTake({});
    put(root_ / "takes", take);
    ASSERT_TRUE(index.add(take.takeId, (root_ / "takes/take.wav.journal").string()).has_value());
    EXPECT_TRUE(index.remove(take.takeId).has_value());
    EXPECT_TRUE(index.remove(take.takeId).has_value());
    EXPECT_TRUE(index.list()->empty());
}

TEST_F(SessionIndexTest, TakeOnADiskThatIsAwayIsKept) {
    SessionIndex index((root_ / "sessions").string());
    const TakeId id = TakeId::random();
    ASSERT_TRUE(index.add(id, (root_ / "not mounted/take.wav.journal").string()).has_value());
    ASSERT_EQ(index.list()->size(), 1u);
    EXPECT_FALSE(index.list()->at(0).reachable);
}

TEST_F(SessionIndexTest, JournalOfAnotherTakeIsNotThisOne) {
    SessionIndex index((root_ / "sessions").string());
    put(root_ / "takes", buildTake({}));
    ASSERT_TRUE(
        index.add(TakeId::random(), (root_ / "takes/take.wav.journal").string()).has_value());
    EXPECT_TRUE(index.list()->empty());
}

TEST_F(FolderScanTest, FindsWhatIsUnfinishedAndNothingElse) {
    put(root_ / "takes/deep/er", buildTake({}));
    put(root_ / "part", buildTake({.wavName = "take.part.wav", .journal = false}));
    put(root_ / "alone", buildTake({.journal = false}));
    put(root_ / "sound", buildTake({.journal = false, .finished = true}));
    put(root_ / "foreign", "fine.wav", buildForeign({}));
    put(root_ / "foreign", "stale.wav", buildForeign({.riffBytes = 0, .dataBytes = 0}));
    put(root_ / "foreign", "x.recovered.part.wav", buildForeign({.dataBytes = 0}));
    BuiltTake orphan = buildTake({});
    orphan.files.erase("take.wav");
    put(root_ / "orphan", orphan);
    EXPECT_EQ(scanNames(),
              (std::vector<std::string>{"take.wav:unfinished", "stale.wav:sizes wrong",
                                        "take.wav.journal:journal", "take.part.wav:part file",
                                        "take.wav:unfinished"}));
}

TEST_F(FolderScanTest, FinishedTakeWithItsJournalLeftIsFoundOnce) {
    put(root_ / "takes", buildTake({.finished = true}));
    EXPECT_EQ(scanNames(), std::vector<std::string>{"take.wav:journal"});
}

TEST_F(FolderScanTest, LinksAreNotFollowed) {
    put(root_ / "takes", buildTake({.journal = false, .finished = true}));
    fs::create_directories(root_ / "away");
    const fs::path outside = root_.string() + "_outside";
    put(outside, buildTake({}));
    std::error_code noLinks;
    fs::create_directory_symlink(outside, root_ / "takes/link", noLinks);
    fs::create_directory_symlink(root_, root_ / "takes/loop", noLinks);
    if (noLinks) {
        fs::remove_all(outside);
        GTEST_SKIP() << noLinks.message();
    }
    EXPECT_TRUE(scanNames().empty());
    fs::remove_all(outside);
}

TEST_F(FolderScanTest, SaysWhichTakesWereRecoveredBefore) {
    put(root_ / "takes", buildTake({}));
    auto folder = openFolder((root_ / "takes").string());
    ASSERT_TRUE(repairCopy(**folder, "take.wav").has_value());
    EXPECT_EQ(scanNames(), std::vector<std::string>{"take.wav:unfinished:recovered"});
}

TEST_F(FolderScanTest, MissingFolderIsAnError) {
    EXPECT_FALSE(scanFolder((root_ / "nothing here").string()).has_value());
}

}  // namespace
}  // namespace holdfast
