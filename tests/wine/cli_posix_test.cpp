// The Windows programs as their users call them: names, refusals, outputs, stops.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/recover_rig_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using Words = std::vector<std::string>;

class WineCli : public testing::Test {
  protected:
    void SetUp() override {
        if (!testsWindowsPrograms()) {
            GTEST_SKIP() << "HOLDFAST_WINDOWS_BIN names no Windows programs";
        }
    }
    // `name` below the folder of the takes, as the programs show it.
    [[nodiscard]] std::string shown(const std::string& name) const {
        std::string path = pathForProgram(rig_.path(name));
        std::ranges::replace(path, '/', '\\');
        return path;
    }
    void expectWholeTake(const std::string& name, std::uint64_t leastFrames) {
        const auto verdict = wavcheck::checkWavFile(rig_.path(name));
        EXPECT_TRUE(verdict.ok) << name << ": " << verdict.defect;
        EXPECT_GE(verdict.frames, leastFrames) << name;
        EXPECT_FALSE(std::filesystem::exists(rig_.path(name) + ".journal"));
        EXPECT_EQ(rig_.rings(), Words{});
    }
    void expectRefused(const std::string& name, const std::string& reason) {
        const CaptureOutcome outcome = rig_.run({"-D", "synth:ramp", "-d", "100ms", name});
        EXPECT_EQ(outcome.end.status, 2) << name << outcome.err;
        EXPECT_NE(outcome.err.find(reason), std::string::npos) << name << ": " << outcome.err;
        EXPECT_EQ(rig_.files(), Words{}) << name;
    }

    RecoverRig rig_;
    const Words short_ = {"-D", "synth:ramp", "-d", "200ms", "--json"};
};

Words with(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

TEST_F(WineCli, HelpSaysWhatStopsTheProgramHere) {
    const CaptureOutcome outcome = rig_.run({"--help"});
    EXPECT_EQ(outcome.end.status, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_NE(outcome.out.find("Ctrl-Break"), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find("USR1 (new file)"), std::string::npos) << "said that it is not";
    EXPECT_NE(outcome.out.find(R"(--mkdir "lectures/%Y-%m-%d")"), std::string::npos);
    EXPECT_EQ(outcome.out.find('\r'), std::string::npos);
    EXPECT_EQ(rig_.recover({"--help"}).end.status, 0);
    EXPECT_EQ(rig_.recover({"--no-such-option"}).end.status, 16);
}

TEST_F(WineCli, NamesOfAllScriptsAreWhatWasTyped) {
    for (const std::string name : {"запись", "録音", "🎙 ünï", "it's 100% & more"}) {
        const CaptureOutcome outcome = rig_.run(with(short_, {name}));
        ASSERT_EQ(outcome.end.status, 0) << name << outcome.err;
        EXPECT_EQ(eventsOf(outcome.out).back()["path"], shown(name + ".wav"));
        EXPECT_NE(outcome.err.find(name + ".wav"), std::string::npos) << outcome.err;
        expectWholeTake(name + ".wav", 9'600);
        EXPECT_EQ(rig_.recoverJson({"check", name + ".wav"})["exit"], 0);
    }
}

TEST_F(WineCli, PathsMayBeLongAndBeginWithASlash) {
    const std::string part = "папка-с-очень-длинным-именем-которое-не-кончается-никогда";
    std::string folder = rig_.folder();
    for (int i = 0; i < 6; ++i) folder += "/" + part;
    // In characters, as Windows counts: about 60 each.
    const std::string take = folder + "/take.wav";
    const CaptureOutcome outcome = rig_.run(with(short_, {"--mkdir", take}));
    ASSERT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_TRUE(wavcheck::checkWavFile(take).ok);
    EXPECT_EQ(rig_.recover({"check", take}).end.status, 0);
}

TEST_F(WineCli, NamesThatWindowsCannotHoldAreRefusedWithTheWayOut) {
    expectRefused("con", "CON is a device");
    expectRefused("NUL.wav", "NUL is a device");
    expectRefused("com1.2026", "COM1 is a device");
    expectRefused("a:b", "no ':' in a name");
    expectRefused("%H:%M", "no ':' in a name");
    expectRefused("what?", "write 'what-'");
    expectRefused("a|b", "no '|'");
    expectRefused("aux/take", "AUX is a device");
    expectRefused("takes./take", "no '.' at the end");
    const CaptureOutcome made = rig_.run(with(short_, {"--mkdir", "new/prn.d/take"}));
    EXPECT_EQ(made.end.status, 2) << made.err;
    EXPECT_EQ(rig_.files(), Words{}) << "no folder stays";
}

TEST_F(WineCli, RepairIntoADeviceIsRefused) {
    rig_.crash("take");
    const CaptureOutcome outcome = rig_.recover({"repair", "-o", "con.wav", "take.wav"});
    EXPECT_EQ(outcome.end.status, 16) << outcome.err;
    EXPECT_NE(outcome.err.find("CON is a device"), std::string::npos) << outcome.err;
}

// The command that the refusal prints is quoted for Windows' shells and does what it says.
TEST_F(WineCli, KilledTakeIsNamedRepairedAndTakenBack) {
    const std::string name = "it's мой take.wav";
    rig_.crash(name, 48'000);
    const std::string before = readFile(rig_.path(name));
    const CaptureOutcome refused = rig_.run(with(short_, {name}));
    EXPECT_EQ(refused.end.status, 2);
    const std::string command = "holdfast-recover repair --in-place \"" + shown(name) + "\"";
    EXPECT_NE(refused.err.find(command), std::string::npos) << refused.err;
    EXPECT_EQ(readFile(rig_.path(name)), before);

    const CaptureOutcome list = rig_.recover({"list"});
    EXPECT_EQ(list.end.status, 4) << list.err;
    EXPECT_NE(list.out.find(shown(name)), std::string::npos) << list.out;
    EXPECT_EQ(rig_.recover({"repair", "--in-place", shown(name)}).end.status, 1);
    EXPECT_TRUE(wavcheck::checkWavFile(rig_.path(name)).ok);
    EXPECT_EQ(rig_.recover({"repair", "--undo", name}).end.status, 0);
    EXPECT_EQ(readFile(rig_.path(name)), before);
}

// Wine makes Ctrl-C of it.
TEST_F(WineCli, InterruptFinalises) {
    ChildProcess child(rig_.command({"-D", "synth:ramp", "--json", "take"}));
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    child.signal(SIGINT);
    EXPECT_EQ(child.wait().status, 0) << child.err();
    EXPECT_EQ(eventsOf(child.out()).back()["reason"], "asked");
    expectWholeTake("take.wav", 1);
}

TEST_F(WineCli, ReaderThatGoesAwayHarmsNothing) {
    ChildProcess child(rig_.command({"-D", "synth:ramp", "-d", "600ms", "--json", "take"}));
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    child.closeStdout();
    EXPECT_EQ(child.wait().status, 0) << child.err();
    expectWholeTake("take.wav", 28'800);
}

// A thousand gaps are more events than a pipe holds, and nobody reads one of them.
TEST_F(WineCli, PipeThatNobodyReadsHarmsNothing) {
    std::string device = "synth:ramp?gap@1000=1";
    for (int gap = 2; gap <= 1000; ++gap) device += "&gap@" + std::to_string(gap * 1000) + "=1";
    auto command = rig_.command({"-D", device, "-d", "25", "--speed", "max", "--json", "take"});
    command.nobodyReadsStdout = true;
    ChildProcess child(command);
    const ChildEnd end = child.wait();
    EXPECT_EQ(end.signal, 0);
    EXPECT_EQ(end.status, 3) << child.err();
    expectWholeTake("take.wav", 1'200'000);
}

TEST_F(WineCli, DescriptorThatIsNotOpenIsRefused) {
    const CaptureOutcome outcome =
        rig_.run({"-D", "synth:ramp", "-d", "100ms", "--events-fd", "77", "take"});
    EXPECT_EQ(outcome.end.status, 2);
    EXPECT_NE(outcome.err.find("--events-fd 77: not open for writing"), std::string::npos)
        << outcome.err;
    const CaptureOutcome stderrToo =
        rig_.run({"-D", "synth:ramp", "-d", "100ms", "-q", "--events-fd", "2", "take"});
    EXPECT_EQ(stderrToo.end.status, 0);
    EXPECT_EQ(eventsOf(stderrToo.err).back()["event"], "stopped");
}

// Through the libraries' narrow names: the manifest makes them UTF-8.
TEST_F(WineCli, ConfigurationMayHaveAnyName) {
    writeFile(rig_.path("настройки 録.ini"), "duration=200ms\ndevice=\"synth:ramp\"\n");
    const CaptureOutcome outcome = rig_.run({"--config", "настройки 録.ini", "take"});
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    expectWholeTake("take.wav", 9'600);
}

TEST_F(WineCli, RawAudioGoesToStandardOutputByteForByte) {
    ASSERT_EQ(rig_.run(with(short_, {"-c", "1", "-f", "S16", "take"})).end.status, 0);
    const CaptureOutcome outcome = rig_.recover({"extract", "--raw", "-o", "-", "-q", "take.wav"});
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    // The ramp has line ends (0x0a), end-of-file marks (0x1a) and zeros in it.
    EXPECT_EQ(outcome.out, readFile(rig_.path("take.wav")).substr(512, outcome.out.size()));
    EXPECT_EQ(outcome.out.size(), 9'600U * 2);
}

}  // namespace
}  // namespace holdfast
