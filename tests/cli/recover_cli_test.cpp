// holdfast-recover on takes that really crashed: what it finds, makes, refuses and exits with.
#include <csignal>
#include <filesystem>

#include "iocore/recovery/session_index.h"
#include "tests/support/command_output.h"
#include "tests/support/recover_rig_posix.h"
#include "tests/support/strict_wav_checker.h"
#include "tests/support/take_builder.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using Words = RecoverRig::Words;

class RecoverCli : public testing::Test {
  protected:
    void expectWhole(const std::string& name, std::uint64_t leastFrames) {
        const auto verdict = wavcheck::checkWavFile(rig_.path(name));
        EXPECT_TRUE(verdict.ok) << verdict.defect;
        EXPECT_GE(verdict.frames, leastFrames);
        // Every sample of the ramp is its frame's number: S24, two channels.
        const std::string bytes = rig_.contents()[name];
        for (std::uint64_t frame = 0; frame < verdict.frames; ++frame) {
            std::uint32_t sample = 0;
            for (int i = 2; i >= 0; --i) {
                sample = sample << 8 | static_cast<unsigned char>(bytes[512 + frame * 6 + i]);
            }
            ASSERT_EQ(sample, frame);
        }
    }
    int status(const Words& arguments) { return rig_.recover(arguments).end.status; }

    RecoverRig rig_;
};

TEST_F(RecoverCli, LookingChangesNothing) {
    rig_.crash("take.wav");
    const RecoverRig::State before = rig_.save();
    for (const Words& look : std::vector<Words>{{"check", "take.wav"},
                                                {"check", "-v", "take.wav"},
                                                {"repair", "--dry-run", "take.wav"},
                                                {"repair", "-n", "--in-place", "take.wav"},
                                                {"repair", "-n", "-o", "x.wav", "take.wav"},
                                                {"scan", "."},
                                                {"list"}}) {
        const auto outcome = rig_.recover(look);
        EXPECT_EQ(outcome.end.status, 4) << outcome.out << outcome.err;
        EXPECT_NE(outcome.out.find("take.wav: unfinished"), std::string::npos) << outcome.out;
        const RecoverRig::State after = rig_.save();
        EXPECT_EQ(after.takes, before.takes) << look[0];
        EXPECT_EQ(after.rings, before.rings) << look[0];
    }
}

TEST_F(RecoverCli, CopyHoldsEveryCapturedFrameAndLeavesTheInput) {
    const std::uint64_t captured = rig_.crash("take.wav", 30'000);
    const std::string input = rig_.contents()["take.wav"];
    const auto first = rig_.recoverJson({"repair", "take.wav"});
    EXPECT_EQ(first["exit"], 1);
    EXPECT_EQ(first["outcome"], "recovered");
    EXPECT_EQ(first["result"], "take.recovered.wav");
    EXPECT_GE(first["recoverable_frames"], captured);
    expectWhole("take.recovered.wav", captured);
    EXPECT_EQ(rig_.contents()["take.wav"], input);
    EXPECT_EQ(rig_.files(), (Words{"take.recovered.wav", "take.wav"}));
    EXPECT_EQ(rig_.rings(), Words{});

    const auto again = rig_.recoverJson({"repair", "take.wav"});
    EXPECT_EQ(again["exit"], 1);
    EXPECT_EQ(again["outcome"], "already_recovered");
    EXPECT_EQ(rig_.recoverJson({"repair", "take.recovered.wav"})["outcome"], "already_recovered");
    EXPECT_EQ(status({"check", "take.recovered.wav"}), 0);
    EXPECT_EQ(status({"scan", "."}), 0);
    EXPECT_EQ(status({"list"}), 0);
}

TEST_F(RecoverCli, InPlaceFinishesTheTakeAndUndoTakesItBack) {
    const std::uint64_t captured = rig_.crash("take.wav", 30'000);
    const Files before = rig_.contents();
    const auto done = rig_.recoverJson({"repair", "--in-place", "take.wav"});
    EXPECT_EQ(done["exit"], 1);
    EXPECT_EQ(done["outcome"], "recovered");
    expectWhole("take.wav", captured);
    EXPECT_EQ(rig_.files(), (Words{"take.wav", "take.wav.undo"}));
    EXPECT_EQ(rig_.recoverJson({"repair", "--in-place", "take.wav"})["outcome"],
              "already_recovered");
    EXPECT_EQ(status({"repair", "--in-place", "take.wav"}), 1);
    EXPECT_EQ(status({"check", "take.wav"}), 0);
    EXPECT_EQ(status({"list"}), 0);
    EXPECT_EQ(status({"scan", "."}), 0);

    EXPECT_EQ(rig_.recoverJson({"repair", "--undo", "take.wav"})["undone"], true);
    const Files after = rig_.contents();
    EXPECT_EQ(after.at("take.wav"), before.at("take.wav"));
    EXPECT_TRUE(after.contains("take.wav.journal"));
    EXPECT_EQ(status({"check", "take.wav"}), 4);
    EXPECT_EQ(rig_.recoverJson({"repair", "--undo", "take.wav"})["undone"], false);
    EXPECT_EQ(status({"repair", "--in-place", "take.wav"}), 1);
    expectWhole("take.wav", captured);
}

TEST_F(RecoverCli, JournalsNameMeansItsTake) {
    rig_.crash("take.wav");
    EXPECT_EQ(rig_.recoverJson({"check", "take.wav.journal"})["wav"], "take.wav");
    EXPECT_EQ(rig_.recoverJson({"repair", "--in-place", "take.wav.journal"})["exit"], 1);
    EXPECT_EQ(rig_.recoverJson({"repair", "take.wav.journal"})["outcome"], "already_recovered");
}

TEST_F(RecoverCli, PartFileIsATakeAndGetsItsFinalName) {
    rig_.crash("take.wav");
    fs::rename(rig_.path("take.wav"), rig_.path("take.part.wav"));
    const std::string input = rig_.contents()["take.part.wav"];
    EXPECT_EQ(status({"scan", "."}), 4);
    // The copy's temporary file must not be the input.
    const auto copy = rig_.recoverJson({"repair", "-o", "take.wav", "take.part.wav"});
    EXPECT_EQ(copy["exit"], 1);
    expectWhole("take.wav", 1);
    EXPECT_EQ(rig_.contents()["take.part.wav"], input);
    fs::remove(rig_.path("take.wav"));
    EXPECT_EQ(status({"repair", "--in-place", "take.part.wav"}), 1);
    expectWhole("take.wav", 1);
    EXPECT_EQ(rig_.recoverJson({"repair", "--in-place", "take.part.wav"})["outcome"],
              "already_recovered");
}

TEST_F(RecoverCli, TakenOutputIsRefusedAndUntouched) {
    rig_.crash("take.wav");
    writeFile(rig_.path("take.recovered.wav"), "somebody else's work");
    writeFile(rig_.path("mine.wav"), "mine");
    const Files before = rig_.contents();
    EXPECT_EQ(status({"repair", "take.wav"}), 8);
    EXPECT_EQ(status({"repair", "take.wav", "-o", "mine.wav"}), 8);
    EXPECT_EQ(rig_.contents(), before);
}

TEST_F(RecoverCli, OutputIsAFileOrAFolderAndNeverTheInput) {
    rig_.crash("take.wav");
    fs::create_directory(rig_.path("out"));
    fs::create_hard_link(rig_.path("take.wav"), rig_.path("same.wav"));
    const Files before = rig_.contents();
    EXPECT_EQ(status({"repair", "take.wav", "-o", "take.wav"}), 16);
    EXPECT_EQ(status({"repair", "take.wav", "-o", "same.wav"}), 16);
    EXPECT_EQ(status({"repair", "take.wav", "same.wav", "-o", "one.wav"}), 16);
    EXPECT_EQ(status({"repair", "take.wav", "-o", "none/one.wav"}), 16);
    EXPECT_EQ(status({"repair", "take.wav", "-o", "x.wav", "--in-place"}), 16);
    EXPECT_EQ(rig_.contents(), before);
    const auto done = rig_.recoverJson({"repair", "take.wav", "-o", "out"});
    EXPECT_EQ(done["result"],
              testsWindowsPrograms() ? "out\\take.recovered.wav" : "out/take.recovered.wav");
    EXPECT_TRUE(fs::exists(rig_.path("out/take.recovered.wav")));
    EXPECT_EQ(status({"repair", "take.wav", "-o", "out/"}), 1);
    EXPECT_EQ(status({"repair", "take.wav", "-o", "out/other.wav"}), 1);
    EXPECT_TRUE(fs::exists(rig_.path("out/other.wav")));
}

TEST_F(RecoverCli, LiveRecordingIsRefusedAndGoesOn) {
    ChildProcess recorder(rig_.command({"-D", "synth:ramp", "--json", "take"}));
    ASSERT_TRUE(recorder.waitForLine(R"("event":"started")")) << recorder.err();
    for (const Words& words : std::vector<Words>{{"check", "take.wav"},
                                                 {"repair", "take.wav"},
                                                 {"repair", "--in-place", "take.wav"},
                                                 {"repair", "--in-place", "--force", "take.wav"},
                                                 {"repair", "take.wav.journal"}}) {
        const auto outcome = rig_.recover(words);
        EXPECT_EQ(outcome.end.status, 8) << outcome.out;
        EXPECT_NE(outcome.out.find("being recorded now"), std::string::npos) << outcome.out;
    }
    EXPECT_EQ(status({"repair", "--undo", "take.wav"}) & ~8, 0);
    EXPECT_EQ(status({"scan", "."}), 0);
    EXPECT_EQ(status({"list"}), 0);
    recorder.signal(SIGINT);
    EXPECT_EQ(recorder.wait().status, 0) << recorder.err();
    expectWhole("take.wav", 1);
    EXPECT_EQ(rig_.files(), Words{"take.wav"});
}

TEST_F(RecoverCli, DamageThatStaysIsFourEachTime) {
    rig_.crash("take.wav", 60'000);
    std::string bytes = rig_.contents()["take.wav"];
    bytes[4'096] = static_cast<char>(bytes[4'096] ^ 1);
    writeFile(rig_.path("take.wav"), bytes);
    EXPECT_EQ(rig_.recoverJson({"check", "take.wav"})["verdict"], "damaged");
    const auto done = rig_.recoverJson({"repair", "take.wav"});
    EXPECT_EQ(done["exit"], 4);
    EXPECT_EQ(done["damage_left"], true);
    EXPECT_EQ(done["damaged"].size(), 1U);
    EXPECT_EQ(rig_.recoverJson({"repair", "take.wav"})["exit"], 4);
    EXPECT_EQ(status({"scan", "."}), 0);
    EXPECT_TRUE(rig_.contents().contains("take.wav.journal"));
}

TEST_F(RecoverCli, SoundTakeIsLeftAlone) {
    ASSERT_EQ(rig_.run({"-D", "synth:ramp", "-d", "100ms", "take"}).end.status, 0);
    const Files before = rig_.contents();
    EXPECT_EQ(status({"check", "take.wav"}), 0);
    EXPECT_EQ(status({"repair", "take.wav"}), 0);
    EXPECT_EQ(status({"repair", "--in-place", "take.wav"}), 0);
    EXPECT_EQ(status({"repair", "--undo", "take.wav"}), 0);
    EXPECT_EQ(status({"list"}), 0);
    EXPECT_EQ(rig_.contents(), before);
}

TEST_F(RecoverCli, ExitStatusesAreJoinedAndOneFailureStopsNoOther) {
    rig_.crash("a.wav");
    rig_.crash("b.wav");
    writeFile(rig_.path("text.wav"), "no audio");
    const auto outcome =
        rig_.recover({"repair", "--json", "a.wav", "text.wav", "none.wav", "b.wav"});
    EXPECT_EQ(outcome.end.status, 1 | 8);
    const auto events = eventsOf(outcome.out);
    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(events[0]["exit"], 1);
    EXPECT_EQ(events[1]["exit"], 8);
    EXPECT_EQ(events[2]["event"], "error");
    EXPECT_EQ(events[3]["exit"], 1);
}

TEST_F(RecoverCli, UsageIsSixteenAndHelpIsZero) {
    for (const Words& words : std::vector<Words>{{},
                                                 {"check"},
                                                 {"scan"},
                                                 {"frobnicate"},
                                                 {"check", "--none", "a.wav"},
                                                 {"check", "-q", "-v", "a.wav"},
                                                 {"extract", "a.wav"}}) {
        const auto outcome = rig_.recover(words);
        EXPECT_EQ(outcome.end.status, 16) << outcome.out;
        EXPECT_EQ(outcome.out, "");
        EXPECT_NE(outcome.err.find("--help"), std::string::npos) << outcome.err;
    }
    EXPECT_EQ(status({"--help"}), 0);
    EXPECT_EQ(status({"repair", "--help"}), 0);
    EXPECT_EQ(rig_.recover({"--version"}).out, "holdfast-recover 0.1.0\n");
}

// The first barrier behind the temporary file takes half a second.
TEST_F(RecoverCli, InterruptCancelsAndLeavesNothing) {
    if (outputOf("strace -V").status != 0) GTEST_SKIP() << "strace is not installed";
    rig_.crash("take.wav");
    const RecoverRig::State before = rig_.save();
    auto command = rig_.recovery({"repair", "--json", "take.wav"});
    const Words slowDisk = {"strace",
                            "-D",
                            "-f",
                            "-o",
                            "/dev/null",
                            "-e",
                            "trace=fdatasync",
                            "-e",
                            "inject=fdatasync:delay_enter=500000"};
    command.argv.insert(command.argv.begin(), slowDisk.begin(), slowDisk.end());
    ChildProcess child(command);
    ASSERT_TRUE(child.waitUntil([&] { return fs::exists(rig_.path("take.recovered.part.wav")); }));
    child.signal(SIGINT);
    EXPECT_EQ(child.wait().status, 32) << child.err();
    EXPECT_EQ(eventsOf(child.out()).back()["exit"], 32);
    EXPECT_EQ(rig_.contents(), before.takes);
    EXPECT_EQ(status({"repair", "take.wav"}), 1);
}

// What a kill around a split leaves of the next part.
TEST_F(RecoverCli, EmptyPartIsRemovedAndNoLongerNamed) {
    for (const Words& repair : std::vector<Words>{{"repair", "take-002.part.wav"},
                                                  {"repair", "--in-place", "take-002.part.wav"}}) {
        const BuiltTake take = buildTake({.wavName = "take-002.part.wav",
                                          .journalName = "take-002.wav.journal",
                                          .committedFrames = 0});
        for (const auto& [name, bytes] : take.files) {
            writeFile(rig_.path(name),
                      {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
        }
        SessionIndex index(rig_.sessionFolder());
        ASSERT_TRUE(index.add(take.takeId, rig_.path("take-002.wav.journal")).has_value());
        for (const Words& look : std::vector<Words>{{"scan", "."}, {"list"}}) {
            const auto outcome = rig_.recover(look);
            EXPECT_EQ(outcome.end.status, 4);
            EXPECT_NE(outcome.out.find("nothing to recover"), std::string::npos) << outcome.out;
            EXPECT_NE(outcome.out.find("removes it"), std::string::npos) << outcome.out;
        }
        Words dry = repair;
        dry.insert(dry.begin() + 1, "--dry-run");
        EXPECT_NE(rig_.recover(dry).out.find("would remove"), std::string::npos);
        EXPECT_EQ(rig_.contents().size(), 2u);
        const auto done = rig_.recover(repair);
        EXPECT_EQ(done.end.status, 1) << done.err;
        EXPECT_NE(done.out.find("nothing was recorded in it; removed"), std::string::npos);
        EXPECT_TRUE(rig_.contents().empty());
        EXPECT_EQ(status({"scan", "."}), 0);
        EXPECT_EQ(status({"list"}), 0);
    }
}

}  // namespace
}  // namespace holdfast
