// What other programs and the system do to a recording: the text and the exit status a user gets.
#include <sys/resource.h>

#include <csignal>
#include <cstring>
#include <filesystem>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class CaptureFaults : public testing::Test {
  protected:
    static Names ramp(Names more) {
        Names all = {"-D", "synth:ramp", "-c", "1", "-f", "S32", "--json"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    // Frames of the ramp in these files, one behind the other, each its number.
    std::uint64_t contiguousFrames(const Names& names) const {
        std::uint64_t next = 0;
        for (const std::string& name : names) {
            const auto verdict = wavcheck::checkWavFile(rig_.path(name));
            EXPECT_TRUE(verdict.ok) << name << ": " << verdict.defect;
            const std::string bytes = readFile(rig_.path(name));
            for (std::uint64_t i = 0; i < verdict.frames; ++i, ++next) {
                std::uint32_t value = 0;
                std::memcpy(&value, bytes.data() + verdict.dataOffset + 4 * i, 4);
                if (value == static_cast<std::uint32_t>(next)) continue;
                ADD_FAILURE() << name << ": frame " << i << " is " << value << ", not " << next;
                return next;
            }
        }
        return next;
    }
    // Through a shell that sets a limit first.
    ChildOptions limited(const std::string& limit, const Names& arguments) const {
        ChildOptions command = rig_.command(arguments);
        const std::string text = limit + "; exec \"$@\"";
        command.argv.insert(command.argv.begin(), {"sh", "-c", text, "sh"});
        return command;
    }
    ChildOptions preloaded(const std::string& library, const Names& arguments) const {
        ChildOptions command = rig_.command(arguments);
        command.environment.emplace_back("LD_PRELOAD", HOLDFAST_BIN_DIR "/" + library + ".so");
        return command;
    }

    CaptureRig rig_;
};

TEST_F(CaptureFaults, RenamedFolderIsFollowedAndNamed) {
    fs::create_directory(rig_.path("old"));
    ChildProcess child(rig_.command(ramp({"old/take"})));
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    fs::rename(rig_.path("old"), rig_.path("new"));
    ASSERT_TRUE(child.waitForLine(R"("event":"status")")) << child.err();
    child.signal(stopSignal());
    EXPECT_EQ(child.wait().status, 0) << child.err();
    const auto stopped = eventsOf(child.out()).back();
    EXPECT_EQ(stopped["path"], rig_.path("new/take.wav"));
    EXPECT_EQ(contiguousFrames({"new/take.wav"}), stopped["frames"]);
    EXPECT_EQ(rig_.rings(), Names{});
}

TEST_F(CaptureFaults, RemovedFileIsToldAtOnceAndIsFive) {
    ChildProcess child(rig_.command(ramp({"take"})));
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    fs::remove(rig_.path("take.wav"));
    const auto told = child.waitForLine(R"("event":"error")");
    ASSERT_TRUE(told) << child.err();
    EXPECT_NE(told->find("renamed or removed"), std::string::npos) << *told;
    child.signal(stopSignal());
    EXPECT_EQ(child.wait().status, 5) << child.err();
    EXPECT_NE(child.err().find("take.wav is gone"), std::string::npos) << child.err();
    EXPECT_EQ(eventsOf(child.out()).back()["complete"], false);
}

TEST_F(CaptureFaults, RenamedFileIsWholeUnderItsNewName) {
    ChildProcess child(rig_.command(ramp({"take"})));
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    fs::rename(rig_.path("take.wav"), rig_.path("mine.wav"));
    ASSERT_TRUE(child.waitForLine(R"("event":"error")")) << child.err();
    child.signal(stopSignal());
    EXPECT_EQ(child.wait().status, 5) << child.err();
    EXPECT_EQ(contiguousFrames({"mine.wav"}), eventsOf(child.out()).back()["frames"]);
}

TEST_F(CaptureFaults, TooFewOpenFilesAreRefusedWithAText) {
    for (const char* most : {"4", "5", "6", "7", "8", "9", "10", "11", "12"}) {
        const auto outcome = rig_.run(limited(std::string("ulimit -n ") + most,
                                              ramp({"-d", "200ms", "--overwrite", "take"})));
        if (outcome.end.status == 0) {
            EXPECT_EQ(contiguousFrames({"take.wav"}), 9'600U);
            fs::remove(rig_.path("take.wav"));
            continue;
        }
        if (outcome.end.status == 127) continue;  // too few for the program's own libraries
        EXPECT_NE(outcome.err.find("open files"), std::string::npos) << most << outcome.err;
        EXPECT_EQ(rig_.files(), Names{}) << most;
        EXPECT_EQ(rig_.rings(), Names{}) << most;
    }
}

// The kernel finds an error in the file system and mounts it read only.
TEST_F(CaptureFaults, FileSystemThatTurnsReadOnlyKeepsAllThatWasCaptured) {
    TestMount disk = TestMount::ext4(rig_.path("disk"), 32u << 20);
    if (!disk.isMounted()) GTEST_SKIP() << disk.why();
    fs::create_directory(rig_.path("other"));
    ChildProcess child(rig_.command(ramp({"--min-free", "0", "disk/take"})));
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    if (!disk.turnReadOnly()) GTEST_SKIP() << disk.why();
    EXPECT_EQ(child.wait().status, 5) << child.err();
    EXPECT_NE(child.err().find("Read-only file system"), std::string::npos) << child.err();
    const auto stopped = eventsOf(child.out()).back();
    EXPECT_EQ(contiguousFrames({"disk/take.wav"}), stopped["frames"]);
    const std::uint64_t all =
        stopped["frames"].get<std::uint64_t>() + stopped["only_in_ring"].get<std::uint64_t>();
    EXPECT_GT(all, stopped["frames"]) << "the ring holds what the disk did not take";

    const ChildOptions repair = rig_.recovery({"repair", "-o", "other/take.wav", "disk/take.wav"});
    EXPECT_LE(rig_.run(repair).end.status, 1);
    EXPECT_EQ(contiguousFrames({"other/take.wav"}), all);
}

TEST_F(CaptureFaults, NextFileWithoutADescriptorIsToldAndTheOldOneGoesOn) {
    ChildProcess child(rig_.command(ramp({"take"})));
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    rlimit before{};
    ASSERT_EQ(::prlimit(child.pid(), RLIMIT_NOFILE, nullptr, &before), 0);
    const rlimit none{3, before.rlim_max};
    ASSERT_EQ(::prlimit(child.pid(), RLIMIT_NOFILE, &none, nullptr), 0);
    child.signal(SIGUSR1);
    const auto told = child.waitForLine(R"("event":"error")");
    ASSERT_TRUE(told) << child.err();
    EXPECT_NE(told->find("Too many open files"), std::string::npos) << *told;
    ASSERT_EQ(::prlimit(child.pid(), RLIMIT_NOFILE, &before, nullptr), 0);
    ASSERT_TRUE(child.waitForLine(R"("event":"status")")) << child.err();
    child.signal(SIGTERM);
    EXPECT_EQ(child.wait().status, 0) << child.err();
    EXPECT_EQ(contiguousFrames({"take.wav"}), eventsOf(child.out()).back()["frames"]);
}

TEST_F(CaptureFaults, SignalsThatInterruptEveryCallCostNothing) {
    const auto outcome =
        rig_.run(preloaded("preload_signal_storm_posix", ramp({"-d", "2", "take"})));
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_EQ(contiguousFrames({"take.wav"}), 96'000U);
    EXPECT_EQ(rig_.files(), Names{"take.wav"});
}

TEST_F(CaptureFaults, WallClockThatJumpsCostsNothing) {
    const auto outcome = rig_.run(
        preloaded("preload_jumping_clock_posix", ramp({"-d", "2", "--split-time", "1s", "take"})));
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_EQ(contiguousFrames({"take.wav", "take-002.wav"}), 96'000U);
    EXPECT_EQ(rig_.files(), (Names{"take-002.wav", "take.wav"}));
}

// A shell may leave SIGXFSZ ignored: the limit is then an error like another.
TEST_F(CaptureFaults, LimitOnFilesWithItsSignalIgnoredLosesNothing) {
    ChildOptions command = limited("ulimit -f 1000", ramp({"-d", "10", "--speed", "max", "take"}));
    command.ignoredSignals = {SIGXFSZ};
    const auto outcome = rig_.run(command);
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    Names names = rig_.files();
    names.insert(names.begin(), names.back());  // "take.wav" sorts last
    names.pop_back();
    EXPECT_EQ(contiguousFrames(names), 480'000U);
}

}  // namespace
}  // namespace holdfast
