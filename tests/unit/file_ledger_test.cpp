#include "app/file_ledger.h"

#include <gtest/gtest.h>

#include <fstream>

#include "iocore/base/path_text.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

class FileLedgerTest : public testing::Test {
  protected:
    [[nodiscard]] std::string folder() const { return textOfPath(root_.path() / "files"); }
    static LedgerEntry entry(const std::string& id, const std::string& path,
                             std::uint64_t begunNs) {
        return {id, path, begunNs, 1, true, false};
    }
    TempFolder root_;
    FileLedger ledger_{folder()};
    const std::string takes_ = textOfPath(root_.path() / "takes");
};

TEST_F(FileLedgerTest, KeepsWhatIsPutInTheOrderOfBeginnings) {
    const LedgerEntry late = entry("aa", joinPath(takes_, "late.wav"), 2);
    const LedgerEntry early = entry("bb", joinPath(takes_, "early \xE2\x99\xAB.wav"), 1);
    ASSERT_TRUE(ledger_.put(late));
    ASSERT_TRUE(ledger_.put(early));
    EXPECT_EQ(FileLedger(folder()).list({takes_}).value(), (std::vector{early, late}));
}

TEST_F(FileLedgerTest, PartsOfOneRecordingAreInTheirOrder) {
    LedgerEntry second = entry("aa", joinPath(takes_, "take-002.wav"), 7);
    second.part = 2;
    const LedgerEntry first = entry("bb", joinPath(takes_, "take.wav"), 7);
    ASSERT_TRUE(ledger_.put(second));
    ASSERT_TRUE(ledger_.put(first));
    EXPECT_EQ(ledger_.list({takes_}).value(), (std::vector{first, second}));
}

TEST_F(FileLedgerTest, PutAgainReplacesAndRemoveForgets) {
    LedgerEntry one = entry("aa", joinPath(takes_, "take.wav"), 1);
    ASSERT_TRUE(ledger_.put(one));
    one.path = joinPath(takes_, "take-2.wav");
    one.toShip = false;
    ASSERT_TRUE(ledger_.put(one));
    EXPECT_EQ(ledger_.list({takes_}).value(), std::vector{one});
    ASSERT_TRUE(ledger_.remove(one));
    EXPECT_TRUE(ledger_.remove(one)) << "twice is no error";
    EXPECT_TRUE(ledger_.list({takes_})->empty());
}

TEST_F(FileLedgerTest, OtherFoldersFilesAreOthersBusiness) {
    ASSERT_TRUE(ledger_.put(entry("aa", joinPath(takes_, "take.wav"), 1)));
    EXPECT_TRUE(ledger_.list({textOfPath(root_.path() / "others")})->empty());
    EXPECT_TRUE(ledger_.list({folderOfPath(takes_)})->empty()) << "nor what is above";
}

TEST_F(FileLedgerTest, DamagedEntriesAreLeftOut) {
    const LedgerEntry good = entry("aa", joinPath(takes_, "take.wav"), 1);
    ASSERT_TRUE(ledger_.put(good));
    for (const char* text : {"", "{", "[]", "{\"path\":3}", "{\"path\":\"/x\"}"}) {
        std::ofstream(root_.path() / "files" / "bad.json") << text;
        EXPECT_EQ(ledger_.list({takes_}).value(), std::vector{good}) << text;
    }
}

TEST_F(FileLedgerTest, MissingFolderIsAnEmptyLedger) {
    EXPECT_TRUE(ledger_.list({takes_})->empty());
    EXPECT_TRUE(FileLedger("").list({takes_})->empty());
    EXPECT_FALSE(FileLedger("").put(entry("aa", "/x.wav", 1)));
}

}  // namespace
}  // namespace holdfast
