// A recording in several files: split by wish, time and size, spilled to another folder.
#include <csignal>
#include <cstring>
#include <filesystem>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using Names = std::vector<std::string>;

class CaptureParts : public testing::Test {
  protected:
    // The frames of a mono S32 ramp in these files, one behind the other: every frame is its
    // number.
    std::uint64_t contiguousFrames(const Names& names) const {
        std::uint64_t next = 0;
        for (const std::string& name : names) {
            const auto verdict = wavcheck::checkWavFile(rig_.path(name));
            EXPECT_TRUE(verdict.ok) << name << ": " << verdict.defect;
            EXPECT_FALSE(verdict.trailing) << name;
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

    static Names ramp(Names more) {
        Names all = {"-D", "synth:ramp", "-c", "1", "-f", "S32", "--json"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    CaptureRig rig_;
};

TEST_F(CaptureParts, SignalBeginsANewFileAndNoFrameIsLost) {
    ChildProcess child(rig_.command(ramp({"take"})));
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    child.signal(SIGUSR1);
    const auto line = child.waitForLine(R"("event":"split")");
    ASSERT_TRUE(line) << child.err();
    EXPECT_EQ(eventsOf(*line)[0]["reason"], "asked");
    EXPECT_EQ(eventsOf(*line)[0]["part"], 2);
    ASSERT_TRUE(child.waitForLine(R"("event":"status")")) << child.err();
    child.signal(SIGTERM);
    EXPECT_EQ(child.wait().status, 0) << child.err();
    const auto stopped = eventsOf(child.out()).back();
    const auto first = wavcheck::checkWavFile(rig_.path("take.wav"));
    EXPECT_EQ(first.frames, eventsOf(*line)[0]["frame"]);
    Names names = {"take.wav"};
    // Stopped at once, the second file may not have got a frame.
    if (rig_.files().size() == 2) names.push_back("take-002.wav");
    EXPECT_EQ(stopped["frames"], contiguousFrames(names));
    EXPECT_EQ(rig_.rings(), Names{});
}

TEST_F(CaptureParts, PartsOfATimeAreExact) {
    const auto outcome =
        rig_.run(ramp({"-r", "8000", "-d", "5", "--split-time", "2s", "--speed", "max", "take"}));
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_EQ(rig_.files(), (Names{"take-002.wav", "take-003.wav", "take.wav"}));
    EXPECT_EQ(contiguousFrames({"take.wav", "take-002.wav", "take-003.wav"}), 40'000U);
    EXPECT_EQ(wavcheck::checkWavFile(rig_.path("take.wav")).frames, 16'000U);
}

TEST_F(CaptureParts, PartsOfASizeStayBelowIt) {
    const auto outcome = rig_.run(
        ramp({"-r", "8000", "-d", "10", "--split-size", "100K", "--speed", "max", "take"}));
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_EQ(contiguousFrames({"take.wav", "take-002.wav", "take-003.wav", "take-004.wav"}),
              80'000U);
    EXPECT_LE(std::filesystem::file_size(rig_.path("take.wav")), 100u << 10);
}

// As on FAT32: a file may not be longer, and the recording goes on in another one. 4,000 blocks are
// known to be the limit and planned for; 1,000 are too few for that, and met.
TEST_F(CaptureParts, LimitOnTheLengthOfFilesLosesNothing) {
    for (const char* blocks : {"4000", "1000"}) {
        auto command = rig_.command(ramp({"-d", "20", "--speed", "max", "--overwrite", "take"}));
        const std::string limited = std::string("ulimit -f ") + blocks + "; exec \"$@\"";
        command.argv.insert(command.argv.begin(), {"sh", "-c", limited, "sh"});
        const auto outcome = rig_.run(command);
        EXPECT_EQ(outcome.end.status, 0) << outcome.err;
        Names names = rig_.files();
        EXPECT_GE(names.size(), 3U);
        names.insert(names.begin(), names.back());  // "take.wav" sorts last
        names.pop_back();
        EXPECT_EQ(contiguousFrames(names), 960'000U) << blocks;
        for (const std::string& name : names) std::filesystem::remove(rig_.path(name));
    }
}

TEST_F(CaptureParts, FullDiskGoesOnInTheSpillFolderAndIsNoFailure) {
    const TestMount small = TestMount::small(rig_.path("small"), 4u << 20);
    if (!small.isMounted()) GTEST_SKIP() << small.why();
    std::filesystem::create_directory(rig_.path("other"));
    const auto outcome = rig_.run(
        ramp({"-r", "384000", "-d", "4", "--min-free", "0", "--spill", "other", "small/take"}));
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_NE(outcome.out.find(R"("event":"spilled")"), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.err.find("goes on in " + pathForProgram(rig_.path("other"))),
              std::string::npos);
    EXPECT_EQ(contiguousFrames({"small/take.wav", "other/take-002.wav"}), 1'536'000U);
    EXPECT_FALSE(std::filesystem::exists(rig_.path("small/take.wav.journal")));
}

// A real file system that stops: every write and sync on it stands until it goes on.
TEST_F(CaptureParts, DiskThatHangsIsLeftForTheSpillFolder) {
    TestMount disk = TestMount::ext4(rig_.path("disk"), 32u << 20);
    if (!disk.isMounted()) GTEST_SKIP() << disk.why();
    std::filesystem::create_directory(rig_.path("other"));
    ChildOptions command =
        rig_.command(ramp({"--min-free", "0", "--ring", "10s", "--spill", "other", "disk/take"}));
    // The user's own state lies on the same disk, as in a home folder.
    command.environment.emplace_back("XDG_STATE_HOME", rig_.path("disk/state"));
    ChildProcess child(command);
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    if (!disk.freeze()) GTEST_SKIP() << disk.why();
    const auto told = child.waitForLine(R"("event":"error")");
    ASSERT_TRUE(told) << child.err();
    EXPECT_NE(told->find("has not answered"), std::string::npos) << *told;
    const auto spilled = child.waitForLine(R"("event":"spilled")");
    ASSERT_TRUE(spilled) << child.err();
    EXPECT_EQ(eventsOf(*spilled)[0]["reason"], "disk_hang");
    disk.thaw();
    ASSERT_TRUE(child.waitForLine(R"("event":"status")")) << child.err();
    child.signal(stopSignal());
    EXPECT_EQ(child.wait().status, 0) << child.err();
    const auto stopped = eventsOf(child.out()).back();
    EXPECT_EQ(stopped["lost_frames"], 0);
    EXPECT_EQ(contiguousFrames({"disk/take.wav", "other/take-002.wav"}), stopped["frames"]);
    EXPECT_FALSE(std::filesystem::exists(rig_.path("disk/take.wav.journal")));
}

TEST_F(CaptureParts, LowSpaceGoesOnInTheSpillFolder) {
    const TestMount small = TestMount::small(rig_.path("small"), 8u << 20);
    if (!small.isMounted()) GTEST_SKIP() << small.why();
    std::filesystem::create_directory(rig_.path("other"));
    const auto outcome = rig_.run(
        ramp({"-r", "384000", "-d", "4", "--min-free", "2M", "--spill", "other", "small/take"}));
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_EQ(contiguousFrames({"small/take.wav", "other/take-002.wav"}), 1'536'000U);
}

// In real time little waits in the ring, and the room kept from the start takes it.
TEST_F(CaptureParts, FullDiskInRealTimeEndsWithAFinishedFile) {
    const TestMount small = TestMount::small(rig_.path("small"), 6u << 20);
    if (!small.isMounted()) GTEST_SKIP() << small.why();
    const auto outcome = rig_.run(ramp({"-r", "384000", "--min-free", "0", "small/take"}));
    EXPECT_EQ(outcome.end.status, 5) << outcome.err;
    const auto stopped = eventsOf(outcome.out).back();
    EXPECT_EQ(stopped["complete"], true) << outcome.out;
    EXPECT_EQ(stopped["only_in_ring"], 0);
    EXPECT_EQ(contiguousFrames({"small/take.wav"}), stopped["frames"]);
    EXPECT_FALSE(std::filesystem::exists(rig_.path("small/take.wav.journal")));
    EXPECT_EQ(rig_.rings(), Names{});
}

TEST_F(CaptureParts, MirrorHoldsTheSame) {
    std::filesystem::create_directory(rig_.path("other"));
    const auto outcome = rig_.run(ramp({"-r", "8000", "-d", "30", "--speed", "max", "--split-time",
                                        "20s", "--mirror", "other", "take"}));
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_EQ(contiguousFrames({"take.wav", "take-002.wav"}), 240'000U);
    EXPECT_EQ(contiguousFrames({"other/take.wav", "other/take-002.wav"}), 240'000U);
    EXPECT_EQ(eventsOf(outcome.out).back()["mirror_complete"], true);
    EXPECT_EQ(rig_.rings(), Names{});
}

TEST_F(CaptureParts, RecordingGoesOnWhenItsMirrorIsFull) {
    const TestMount small = TestMount::small(rig_.path("small"), 4u << 20);
    if (!small.isMounted()) GTEST_SKIP() << small.why();
    const auto outcome =
        rig_.run(ramp({"-r", "384000", "-d", "4", "--min-free", "0", "--mirror", "small", "take"}));
    EXPECT_EQ(outcome.end.status, 5) << outcome.err;
    const auto stopped = eventsOf(outcome.out).back();
    EXPECT_EQ(stopped["complete"], true);
    EXPECT_EQ(stopped["mirror_complete"], false);
    EXPECT_EQ(contiguousFrames({"take.wav"}), 1'536'000U);
    EXPECT_EQ(contiguousFrames({"small/take.wav"}), stopped["mirror_frames"]);
    EXPECT_NE(outcome.err.find("the mirror"), std::string::npos) << outcome.err;
}

TEST_F(CaptureParts, MirrorGoesOnWhenTheRecordingsDiskIsFull) {
    const TestMount small = TestMount::small(rig_.path("small"), 4u << 20);
    if (!small.isMounted()) GTEST_SKIP() << small.why();
    std::filesystem::create_directory(rig_.path("other"));
    const auto outcome = rig_.run(
        ramp({"-r", "384000", "-d", "4", "--min-free", "0", "--mirror", "other", "small/take"}));
    EXPECT_EQ(outcome.end.status, 5) << outcome.err;
    EXPECT_EQ(contiguousFrames({"other/take.wav"}), 1'536'000U);
    const auto stopped = eventsOf(outcome.out).back();
    EXPECT_EQ(stopped["mirror_frames"], 1'536'000U);
    EXPECT_EQ(contiguousFrames({"small/take.wav"}), stopped["frames"]);
    EXPECT_NE(outcome.err.find("goes on in the mirror"), std::string::npos) << outcome.err;
}

TEST_F(CaptureParts, WrongWishesAreRefusedByName) {
    for (const Names& wrong :
         {Names{"--split-time", "10ms"}, Names{"--split-size", "1K"}, Names{"--spill", "nowhere"},
          Names{"--mirror", "nowhere"}, Names{"--mirror", "."}}) {
        const auto outcome = rig_.run({"-D", "synth:ramp", "-d", "1", wrong[0], wrong[1], "take"});
        EXPECT_EQ(outcome.end.status, 2) << wrong[0];
        EXPECT_NE(outcome.err.find(wrong[0]), std::string::npos) << outcome.err;
        EXPECT_EQ(rig_.files(), Names{});
    }
}

}  // namespace
}  // namespace holdfast
