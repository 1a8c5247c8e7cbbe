// holdfast-recover selftest on real folders.
#include <csignal>
#include <filesystem>

#include "tests/support/recover_rig_posix.h"

namespace holdfast {
namespace {

using Words = RecoverRig::Words;

class SelfTestCli : public testing::Test {
  protected:
    RecoverRig rig_;
};

TEST_F(SelfTestCli, MeasuresTheFolderAndLeavesNothing) {
    const auto json = rig_.recoverJson({"selftest", "--seconds", "1", "."});
    EXPECT_EQ(json["event"], "selftest");
    EXPECT_EQ(json["path"], ".");
    for (const char* key : {"commit_ms", "audio_sync_ms", "header_sync_ms", "write_ms"}) {
        EXPECT_GT(json[key]["count"], 0) << key;
        EXPECT_LE(json[key]["p50"], json[key]["p95"]) << key;
        EXPECT_LE(json[key]["p95"], json[key]["p99"]) << key;
        EXPECT_LE(json[key]["p99"], json[key]["max"]) << key;
    }
    // The program adds nanoseconds; adding the printed milliseconds may differ in the last bit.
    EXPECT_DOUBLE_EQ(json["loss_bound_ms"]["max"].get<double>(),
                     json["interval_ms"].get<double>() + json["commit_ms"]["max"].get<double>());
    EXPECT_EQ(json["keeps_taken_names"], true);
    EXPECT_FALSE(json["file_system"]["type"].get<std::string>().empty());
    EXPECT_GT(json["free_bytes"], 0);
    EXPECT_EQ(json["exit"], json["promises_hold"] == true ? 0 : 4);
    EXPECT_EQ(rig_.files(), Words{});
}

TEST_F(SelfTestCli, FolderInMemoryIsFour) {
    const TestMount mount = TestMount::small(rig_.path("memory"), 64 << 20);
    if (!mount.isMounted()) GTEST_SKIP() << mount.why();
    const auto outcome = rig_.recover({"selftest", "--seconds", "1", "memory"});
    EXPECT_EQ(outcome.end.status, 4) << outcome.err;
    EXPECT_NE(outcome.out.find("lies in memory (tmpfs)"), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find("slowest"), std::string::npos) << outcome.out;
}

TEST_F(SelfTestCli, FullDiskIsEightAndLeavesNothing) {
    const TestMount mount = TestMount::small(rig_.path("full"), 1 << 20);
    if (!mount.isMounted()) GTEST_SKIP() << mount.why();
    writeFile(rig_.path("full/other"), std::string(1'000'000, 'x'));
    const auto outcome = rig_.recover({"selftest", "--seconds", "1", "full"});
    EXPECT_EQ(outcome.end.status, 8) << outcome.out;
    EXPECT_NE(outcome.err.find("are free"), std::string::npos) << outcome.err;
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(rig_.path("full")), {}), 1);
}

TEST_F(SelfTestCli, ReadOnlyFolderIsEight) {
    std::filesystem::create_directory(rig_.path("sealed"));
    const TestMount mount = TestMount::readOnly(rig_.path("sealed"));
    if (!mount.isMounted()) GTEST_SKIP() << mount.why();
    const auto outcome = rig_.recover({"selftest", "--seconds", "1", "sealed"});
    EXPECT_EQ(outcome.end.status, 8) << outcome.out;
    EXPECT_NE(outcome.err.find("sealed"), std::string::npos) << outcome.err;
}

TEST_F(SelfTestCli, InterruptIsThirtyTwoAndLeavesNothing) {
    ChildProcess child(rig_.recovery({"selftest", "--seconds", "600", "."}));
    ASSERT_TRUE(child.waitUntil([&] { return !rig_.files().empty(); }));
    child.signal(SIGINT);
    EXPECT_EQ(child.wait().status, 32) << child.err();
    EXPECT_EQ(rig_.files(), Words{});
    EXPECT_EQ(rig_.rings(), Words{});
}

TEST_F(SelfTestCli, UsageIsSixteen) {
    for (const Words& words : std::vector<Words>{{"selftest"},
                                                 {"selftest", ".", "."},
                                                 {"selftest", "--seconds", "0", "."},
                                                 {"selftest", "--seconds", "601", "."}}) {
        EXPECT_EQ(rig_.recover(words).end.status, 16);
    }
    EXPECT_EQ(rig_.recover({"selftest", "none"}).end.status, 8);
    EXPECT_EQ(rig_.recover({"selftest", "--help"}).end.status, 0);
}

}  // namespace
}  // namespace holdfast
