// The recorder in a console: Wine shows one on a terminal, and `script` makes a terminal.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/command_output.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

class WineConsole : public testing::Test {
  protected:
    void SetUp() override {
        if (!testsWindowsPrograms()) {
            GTEST_SKIP() << "HOLDFAST_WINDOWS_BIN names no Windows programs";
        }
        if (outputOf("script --version").status != 0) GTEST_SKIP() << "script is not installed";
    }
    // What the console shows is its stdout; what is typed there goes to its stdin.
    [[nodiscard]] ChildOptions onConsole(const std::vector<std::string>& arguments) const {
        ChildOptions command = rig_.command(arguments);
        std::string line = "stty cols 160 rows 40 && exec";
        for (const std::string& word : command.argv) line += " '" + word + "'";
        command.argv = {"script", "-qefc", line, "/dev/null"};
        command.environment.emplace_back("TERM", "xterm");
        command.environment.emplace_back("SHELL", "/bin/sh");
        command.keepsStdinOpen = true;
        return command;
    }
    void expectWholeTake(const std::string& name) {
        const auto verdict = wavcheck::checkWavFile(rig_.path(name));
        EXPECT_TRUE(verdict.ok) << verdict.defect;
        EXPECT_GE(verdict.frames, 1U);
        EXPECT_EQ(rig_.rings(), std::vector<std::string>{});
    }
    static bool shows(const ChildProcess& child, const std::string& text) {
        return child.out().find(text) != std::string::npos;
    }

    CaptureRig rig_;
};

TEST_F(WineConsole, KeysMarkSplitAndStop) {
    ChildProcess child(onConsole({"-D", "synth:ramp", "запись"}));
    ASSERT_TRUE(child.waitUntil([&] { return shows(child, "Keys: q stop"); })) << child.out();
    EXPECT_TRUE(child.waitUntil([&] { return shows(child, "запись.wav"); })) << child.out();
    EXPECT_TRUE(child.waitUntil([&] { return shows(child, "REC"); })) << child.out();
    child.type("m");
    EXPECT_TRUE(child.waitUntil([&] { return shows(child, "Marker 1 at"); })) << child.out();
    child.type("n");
    EXPECT_TRUE(child.waitUntil([&] { return shows(child, "new file"); })) << child.out();
    child.type("q");
    EXPECT_EQ(child.wait().status, 0) << child.out();
    expectWholeTake("запись.wav");
    expectWholeTake("запись-002.wav");
    EXPECT_EQ(wavcheck::checkWavFile(rig_.path("запись.wav")).labels.size(), 1U);
}

TEST_F(WineConsole, CtrlCIsASignalAndNoKey) {
    ChildProcess child(onConsole({"-D", "synth:ramp", "take"}));
    ASSERT_TRUE(child.waitUntil([&] { return shows(child, "Keys: q stop"); })) << child.out();
    child.type("\x03");
    EXPECT_EQ(child.wait().status, 0) << child.out();
    expectWholeTake("take.wav");
}

}  // namespace
}  // namespace holdfast
