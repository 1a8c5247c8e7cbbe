// The exit table, row by row, and what a refused start leaves: nothing.
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using Names = std::vector<std::string>;

class CaptureExitStatus : public testing::Test {
  protected:
    // Refused with `status` and a text that holds `reason`; nothing was made.
    void expectRefused(const Names& arguments, int status, const std::string& reason) {
        const Names before = rig_.files();
        const CaptureOutcome outcome = rig_.run(arguments);
        EXPECT_EQ(outcome.end.status, status) << outcome.err;
        EXPECT_NE(outcome.err.find(reason), std::string::npos) << outcome.err;
        EXPECT_EQ(rig_.files(), before);
        EXPECT_EQ(rig_.rings(), Names{});
    }
    // Whole, with `frames` frames, and nothing beside it.
    void expectWholeTake(const std::string& name, std::uint64_t frames) {
        const auto verdict = wavcheck::checkWavFile(rig_.path(name));
        EXPECT_TRUE(verdict.ok) << verdict.defect;
        EXPECT_EQ(verdict.frames, frames);
        EXPECT_FALSE(verdict.trailing);
    }

    CaptureRig rig_;
};

TEST_F(CaptureExitStatus, DurationIsZero) {
    const auto outcome = rig_.run({"-D", "synth:ramp", "-d", "300ms", "take"});
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_NE(outcome.err.find("14400 frames, no gaps, verified"), std::string::npos);
    expectWholeTake("take.wav", 14'400);
    EXPECT_EQ(rig_.files(), Names{"take.wav"});
    EXPECT_EQ(rig_.rings(), Names{});
}

TEST_F(CaptureExitStatus, EndOfInputIsZero) {
    ASSERT_EQ(rig_.run({"-D", "synth:ramp", "-d", "1", "--speed", "max", "a"}).end.status, 0);
    const auto outcome = rig_.run({"-D", "file:a.wav", "--speed", "max", "b"});
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    expectWholeTake("b.wav", 48'000);
}

TEST_F(CaptureExitStatus, NothingRecordedIsOneAndLeavesNothing) {
    expectRefused({"-D", "synth:ramp?unplug@0", "take"}, 1, "nothing was recorded");
}

TEST_F(CaptureExitStatus, UsageIsTwo) {
    for (const auto& [arguments, reason] : std::vector<std::pair<Names, std::string>>{
             {{"-D", "synth:ramp", "--preroll", "3x", "a"}, "--preroll"},
             {{"-D", "synth:ramp", "--preroll", "3", "-d", "3", "a"}, "shorter than --duration"},
             {{"-D", "synth:ramp", "a", "b"}, "not expected: b"},
             {{"-D", "synth:ramp", "-f", "S8", "a"}, "S8"},
             {{"-D", "synth:ramp", "-r", "7999", "a"}, "7999"},
             {{"-D", "synth:ramp", "-r", "384001", "a"}, "384001"},
             {{"-D", "synth:ramp", "-c", "65", "a"}, "65"},
             {{"-D", "synth:ramp", "-c", "0", "a"}, "0"},
             {{"-D", "synth:ramp", "-d", "0", "a"}, "more than nothing"},
             {{"-D", "synth:ramp", "-d", "1h30", "a"}, "00:10:00"},
             {{"-D", "synth:ramp", "--on-lost", "hope", "a"}, "hope"},
             {{"-D", "synth:ramp", "--file-type", "aiff", "a"}, "aiff"},
             {{"-D", "synth:ramp", "--min-free", "-1", "a"}, "min-free"},
             {{"-D", "synth:ramp", "--config", "none.ini", "a"}, "none.ini"},
             {{"-D", "synth:ramp", "--events-fd", "77", "a"}, "77"},
             {{"--speed", "max", "a"}, "synth:"},
             {{"-D", "synth:ramp", "-"}, "pipe cannot be crash-safe"},
             {{"-D", "synth:ramp", "a.flac"}, ".flac"},
             {{"-D", "synth:ramp", "no/such/a"}, "no/such"},
             {{"-D", "synth:rump", "a"}, "rump"},
             {{"-D", "synth:ramp?gap@x=1", "a"}, "gap@x=1"},
             {{"-D", "file:", "a"}, "file:PATH"}}) {
        expectRefused(arguments, 2, reason);
    }
}

TEST_F(CaptureExitStatus, TakenNameIsTwoAndUntouched) {
    writeFile(rig_.path("take.wav"), "the only copy");
    expectRefused({"-D", "synth:ramp", "-d", "1", "take"}, 2, "--overwrite");
    EXPECT_EQ(readFile(rig_.path("take.wav")), "the only copy");
}

TEST_F(CaptureExitStatus, UnfinishedTakeIsNeverOverwritten) {
    writeFile(rig_.path("take.wav"), "half a take");
    writeFile(rig_.path("take.wav.journal"), "its journal");
    expectRefused({"-D", "synth:ramp", "-d", "1", "--overwrite", "take"}, 2,
                  "holdfast-recover repair --in-place " +
                      quotedForProgram(pathForProgram(rig_.path("take.wav"))));
    EXPECT_EQ(readFile(rig_.path("take.wav")), "half a take");
}

TEST_F(CaptureExitStatus, UnwritableFolderIsTwo) {
    std::filesystem::create_directory(rig_.path("sealed"));
    const TestMount sealed = TestMount::readOnly(rig_.path("sealed"));
    if (!sealed.isMounted()) GTEST_SKIP() << sealed.why();
    expectRefused({"-D", "synth:ramp", "-d", "1", "sealed/take"}, 2, "Read-only");
}

TEST_F(CaptureExitStatus, GapIsThreeAndFilledWithSilence) {
    const auto outcome = rig_.run({"-D", "synth:ramp?gap@4800=2400", "-d", "300ms", "take"});
    EXPECT_EQ(outcome.end.status, 3) << outcome.err;
    EXPECT_NE(outcome.err.find("2400 frames (0.050 s) missing in 1 gap"), std::string::npos);
    expectWholeTake("take.wav", 14'400);
}

TEST_F(CaptureExitStatus, StopAtGapIsThree) {
    const auto outcome = rig_.run({"-D", "synth:ramp?gap@4800=2400", "--gaps", "stop", "take"});
    EXPECT_EQ(outcome.end.status, 3) << outcome.err;
    expectWholeTake("take.wav", 4'800);
}

TEST_F(CaptureExitStatus, LostDeviceIsThreeWithAllItsFrames) {
    const auto outcome = rig_.run({"-D", "synth:ramp?unplug@9601", "take"});
    EXPECT_EQ(outcome.end.status, 3) << outcome.err;
    EXPECT_NE(outcome.err.find("device was lost"), std::string::npos);
    expectWholeTake("take.wav", 9'601);
    EXPECT_EQ(rig_.files(), Names{"take.wav"});
}

TEST_F(CaptureExitStatus, DeviceThatCannotBeOpenedIsFour) {
    expectRefused({"-D", "synth:ramp?error@open", "take"}, 4, "cannot be opened");
    expectRefused({"-D", "file:none.wav", "take"}, 4, "none.wav");
    // A folder made for it goes again.
    expectRefused({"-D", "synth:ramp?error@open", "--mkdir", "new/folder/take"}, 4, "");
}

TEST_F(CaptureExitStatus, NoSoundServerIsFourAndNamesTheWayOut) {
    expectRefused({"take"}, 4, "synth:tone");
    expectRefused({"-l"}, 4, "synth:tone");
}

TEST_F(CaptureExitStatus, FullDiskAtTheStartIsFive) {
    const TestMount small = TestMount::small(rig_.path("small"), 2u << 20);
    if (!small.isMounted()) GTEST_SKIP() << small.why();
    expectRefused({"-D", "synth:ramp", "-d", "1", "small/take"}, 5, "MiB are free");
    EXPECT_TRUE(std::filesystem::is_empty(rig_.path("small")));
}

TEST_F(CaptureExitStatus, FullDiskWhileRecordingIsFiveAndWhatFitsIsPlayable) {
    const TestMount small = TestMount::small(rig_.path("small"), 4u << 20);
    if (!small.isMounted()) GTEST_SKIP() << small.why();
    const auto outcome =
        rig_.run({"-D", "synth:ramp", "--speed", "max", "--min-free", "0", "--json", "small/take"});
    EXPECT_EQ(outcome.end.status, 5) << outcome.err;
    const std::string path = rig_.path("small/take.wav");
    EXPECT_NE(outcome.err.find("holdfast-recover repair --in-place " +
                               quotedForProgram(pathForProgram(path))),
              std::string::npos);
    const auto verdict = wavcheck::checkWavFile(path);
    EXPECT_TRUE(verdict.ok) << verdict.defect;
    // Filled to the last 64 KiB piece or so.
    EXPECT_GT(verdict.dataBytes, 3u << 20);
    // A reader is told of the start although the first commit was the last that worked.
    const auto events = eventsOf(outcome.out);
    EXPECT_EQ(events.back()["event"], "stopped");
    EXPECT_EQ(events.back()["frames"], verdict.frames);
    EXPECT_NE(outcome.out.find(R"("event":"started")"), std::string::npos);
}

TEST_F(CaptureExitStatus, ReserveOfTheDiskIsFiveAndTheTakeIsWhole) {
    const TestMount small = TestMount::small(rig_.path("small"), 8u << 20);
    if (!small.isMounted()) GTEST_SKIP() << small.why();
    const auto outcome = rig_.run({"-D", "synth:ramp", "-r", "192000", "-c", "4", "-f", "S32",
                                   "--commit-ms", "50", "--min-free", "1M", "small/take"});
    EXPECT_EQ(outcome.end.status, 5) << outcome.err;
    EXPECT_NE(outcome.err.find("nearly full"), std::string::npos) << outcome.err;
    const auto verdict = wavcheck::checkWavFile(rig_.path("small/take.wav"));
    EXPECT_TRUE(verdict.ok) << verdict.defect;
    EXPECT_FALSE(std::filesystem::exists(rig_.path("small/take.wav.journal")));
}

TEST_F(CaptureExitStatus, OldFileStaysUntilTheFirstCommitOfTheNew) {
    writeFile(rig_.path("take.wav"), "the only copy");
    // Refused, or ended without audio: the old one is there.
    EXPECT_EQ(rig_.run({"-D", "synth:ramp?error@open", "--overwrite", "take"}).end.status, 4);
    EXPECT_EQ(rig_.run({"-D", "synth:ramp?unplug@0", "--overwrite", "take"}).end.status, 1);
    EXPECT_EQ(readFile(rig_.path("take.wav")), "the only copy");

    // The device is open and silent for long: part file and journal are there, and so is the old.
    ChildProcess child(
        rig_.command({"-D", "synth:ramp?stall@0=60000", "--overwrite", "--json", "take"}));
    ASSERT_TRUE(child.waitForLine(R"("state":"starting")"));
    EXPECT_TRUE(std::filesystem::exists(rig_.path("take.part.wav")));
    EXPECT_EQ(readFile(rig_.path("take.wav")), "the only copy");
    child.signal(stopSignal());
    EXPECT_EQ(child.wait().status, 1);
    EXPECT_EQ(readFile(rig_.path("take.wav")), "the only copy");
    EXPECT_EQ(rig_.files(), Names{"take.wav"});

    EXPECT_EQ(rig_.run({"-D", "synth:ramp", "-d", "100ms", "--overwrite", "take"}).end.status, 0);
    expectWholeTake("take.wav", 4'800);
}

TEST_F(CaptureExitStatus, NamesAndFoldersComeOutAsPromised) {
    const Names shortTake = {"-D", "synth:ramp", "-d", "100ms"};
    const auto with = [&](const Names& more) {
        Names all = shortTake;
        all.insert(all.end(), more.begin(), more.end());
        return rig_.run(all).end.status;
    };
    EXPECT_EQ(with({"запись"}), 0);
    EXPECT_EQ(with({"録音"}), 0);
    EXPECT_EQ(with({"🎙 take"}), 0);
    EXPECT_EQ(with({"line\nend\xff", "--json"}), 0);
    EXPECT_EQ(with({"--mkdir", "a/b/deep"}), 0);
    EXPECT_EQ(with({"a"}), 0);
    EXPECT_EQ(with({}), 0);
    for (const char* name :
         {"запись.wav", "録音.wav", "🎙 take.wav", "line\nend\xff.wav", "a/b/deep.wav"}) {
        expectWholeTake(name, 4'800);
    }
    const auto isClockName = [](const std::string& folder) {
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            const std::string name = entry.path().filename().string();
            if (name.size() == 23 && name.starts_with("20") && name.ends_with(".wav")) return true;
        }
        return false;
    };
    EXPECT_TRUE(isClockName(rig_.path("a")));
    EXPECT_TRUE(isClockName(rig_.home() + "/Music/Recordings"));
}

TEST_F(CaptureExitStatus, OptionsCanComeFromAFile) {
    writeFile(rig_.path("rec.ini"), "device=synth:ramp\nduration=100ms\nchannels=1\n");
    EXPECT_EQ(rig_.run({"--config", "rec.ini", "take"}).end.status, 0);
    expectWholeTake("take.wav", 4'800);
    EXPECT_EQ(wavcheck::checkWavFile(rig_.path("take.wav")).channels, 1U);
    writeFile(rig_.path("bad.ini"), "devise=synth:ramp\n");
    expectRefused({"--config", "bad.ini", "b"}, 2, "devise");
}

TEST_F(CaptureExitStatus, HelpAndVersionAreZero) {
    const auto help = rig_.run({"--help"});
    EXPECT_EQ(help.end.status, 0);
    for (const char* text : {"--device", "--commit-ms", "synth:tone", "130", "Examples"}) {
        EXPECT_NE(help.out.find(text), std::string::npos) << text;
    }
    const auto version = rig_.run({"--version"});
    EXPECT_EQ(version.end.status, 0);
    EXPECT_TRUE(version.out.starts_with("holdfast-capture ")) << version.out;
}

}  // namespace
}  // namespace holdfast
