// Commands in messages can be copied, whatever the file is called.
#include "iocore/base/shell_quoted.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(ShellQuoted, PosixShellTakesTheNameAsItIs) {
    EXPECT_EQ(quotedForPosixShell("it's a $HOME.wav"), R"('it'\''s a $HOME.wav')");
    EXPECT_EQ(quotedForPosixShell("a\n'\\.wav"), R"($'a\x0a\'\\.wav')");
    EXPECT_EQ(quotedForPosixShell("запись.wav"), "'запись.wav'");
}

// The rules of CommandLineToArgvW: backslashes count only before a quote, and the closing one is
// one.
TEST(ShellQuoted, WindowsProgramGetsTheNameAsItIs) {
    EXPECT_EQ(quotedForWindowsShell(R"(D:\it's a take.wav)"), R"("D:\it's a take.wav")");
    EXPECT_EQ(quotedForWindowsShell(R"(D:\takes\)"), R"("D:\takes\\")");
    EXPECT_EQ(quotedForWindowsShell(R"(a\\"b)"), R"("a\\\\\"b")");
    EXPECT_EQ(quotedForWindowsShell(""), R"("")");
    EXPECT_EQ(quotedForWindowsShell("録音 🎙.wav"), R"("録音 🎙.wav")");
}

}  // namespace
}  // namespace holdfast
