// A Windows program is one file: whatever DLL it asks for is the system's own.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>
#include <string>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/command_output.h"

namespace holdfast {
namespace {

// Part of each Windows 10 and later.
const std::set<std::string> kOfTheSystem{"advapi32.dll", "avrt.dll",  "bcrypt.dll", "kernel32.dll",
                                         "msvcrt.dll",   "ntdll.dll", "ole32.dll",  "shell32.dll",
                                         "user32.dll",   "winmm.dll", "ws2_32.dll"};

std::set<std::string> imported(const std::string& program) {
    const CommandOutput output =
        outputOf(fmt::format("x86_64-w64-mingw32-objdump -p \"{}\"", program));
    EXPECT_EQ(output.status, 0) << output.text;
    std::set<std::string> names;
    std::istringstream lines(output.text);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t at = line.find("DLL Name: ");
        if (at == std::string::npos) continue;
        std::string name = line.substr(at + 10);
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
        names.insert(name);
    }
    return names;
}

TEST(WindowsPrograms, AskForNoDllButTheSystems) {
    if (!testsWindowsPrograms()) GTEST_SKIP() << "HOLDFAST_WINDOWS_BIN names no Windows programs";
    for (const char* name : {"holdfast-capture", "holdfast-recover"}) {
        const std::set<std::string> names = imported(programUnderTest(name).back());
        EXPECT_TRUE(names.contains("kernel32.dll")) << name << ": the test must see imports";
        for (const std::string& dll : names) {
            EXPECT_TRUE(kOfTheSystem.contains(dll)) << name << " asks for " << dll;
        }
    }
}

}  // namespace
}  // namespace holdfast
