#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "app/hook_process.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

class HookProcessTest : public testing::Test {
  protected:
    [[nodiscard]] std::string path(const char* name) const { return folder_.path() / name; }
    Result<int> run(const std::string& command, const std::string& file = "/takes/a b.wav") {
        return runHook({command, file}, [] { return false; });
    }
    [[nodiscard]] std::string text(const char* name) const {
        std::ifstream in(path(name));
        return {std::istreambuf_iterator<char>(in), {}};
    }
    const TempFolder folder_;
};

TEST_F(HookProcessTest, CommandGetsTheFileAndItsStatusComesBack) {
    const auto status =
        run("printf '%s|%s' \"$HOLDFAST_FILE\" \"$1\" >" + path("out") + "; exit 7");
    ASSERT_TRUE(status) << status.error().text;
    EXPECT_EQ(*status, 7);
    EXPECT_EQ(text("out"), "/takes/a b.wav|/takes/a b.wav");
    EXPECT_EQ(run("kill -9 $$").value(), 128 + 9);
    EXPECT_EQ(run("no-such-command-anywhere").value(), 127);
}

TEST_F(HookProcessTest, CommandReadsNothingAndBlocksNoSignal) {
    sigset_t all;
    ::sigfillset(&all);
    sigset_t before;
    ::pthread_sigmask(SIG_BLOCK, &all, &before);
    const auto status = run("cat; grep SigBlk /proc/self/status >" + path("mask"));
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    EXPECT_EQ(status.value(), 0);
    EXPECT_EQ(text("mask"), "SigBlk:\t0000000000000000\n");
}

TEST_F(HookProcessTest, CancelledOneEndsWithAllThatItStarted) {
    // The pipe's reader hears the end of the last writer.
    const std::string pipe = path("pipe");
    ASSERT_EQ(run("mkfifo " + pipe).value(), 0);
    const std::string command =
        "(sleep 1000 & echo started >" + path("started") + "; wait) >" + pipe;
    std::ifstream reader;
    const auto ended = runHook({command, "x"}, [&] {
        if (!reader.is_open()) reader.open(pipe);
        return std::filesystem::exists(path("started"));
    });
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ECANCELED);
    EXPECT_EQ(reader.get(), std::ifstream::traits_type::eof()) << "nobody has it open any more";
}

}  // namespace
}  // namespace holdfast
