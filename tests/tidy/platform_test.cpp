// A platform is chosen by a file's name and by CMake, nowhere else.
#include <regex>

#include "tests/tidy/rule.h"

namespace holdfast {
namespace {

// The one header that is <mmsystem.h> on one platform and the same declarations on the others.
constexpr std::string_view kBothPlatforms = "iocore/mmio/mmio.h";

bool isPlatformFile(const std::string& path) {
    static const std::regex name(R"(_(posix|pulse|alsa|win32)(_test)?\.(h|cpp)$|/wavein_[^/]*$)");
    return path == kBothPlatforms || std::regex_search(path, name);
}

Findings platformMacroOnlyInPlatformFiles(const TextFile& file) {
    static const std::regex macro(R"(^\s*#.*\b(_WIN32|_WIN64|__linux__|__unix__|_MSC_VER)\b)");
    Findings findings;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        if (file.isCode() && !isPlatformFile(file.path) &&
            std::regex_search(file.lines[i], macro)) {
            findings.push_back(finding(file, i, "platform macro outside of a platform's file"));
        }
    }
    return findings;
}

Findings platformHeaderOnlyInPlatformFiles(const TextFile& file) {
    static const std::regex header(
        "^\\s*#\\s*include\\s*<((sys|linux|arpa|netinet|pulse|alsa)/.*|"
        "(unistd|fcntl|poll|pthread|dlfcn|pwd|termios|windows|mmsystem|mmreg|io)\\.h)>",
        std::regex::icase);
    Findings findings;
    // Tests start, kill and trace programs where they stand.
    if (!file.isCode() || isPlatformFile(file.path) || file.path.starts_with("tests/")) {
        return findings;
    }
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        if (std::regex_search(file.lines[i], header)) {
            findings.push_back(finding(file, i, "platform header outside of a platform's file"));
        }
    }
    return findings;
}

TEST(Platform, MacrosStandOnlyInPlatformFiles) {
    expectTreeKeeps(platformMacroOnlyInPlatformFiles);
}

TEST(Platform, MacroElsewhereIsFound) {
    const Rule rule = platformMacroOnlyInPlatformFiles;
    EXPECT_EQ(countFindings(rule, "iocore/disk/disk_file.cpp", "#ifdef _WIN32\n"), 1U);
    EXPECT_EQ(countFindings(rule, "app/a.h", "# if defined(X) && defined(__linux__)\n"), 1U);
    EXPECT_EQ(countFindings(rule, "tests/unit/a_test.cpp", "#ifdef _WIN32\n"), 1U);
    EXPECT_EQ(countFindings(rule, "iocore/disk/disk_file_win32.cpp", "#ifdef _WIN32\n"), 0U);
    EXPECT_EQ(countFindings(rule, "iocore/mmio/mmio.h", "#ifdef _WIN32\n"), 0U);
}

TEST(Platform, HeadersStandOnlyInPlatformFiles) {
    expectTreeKeeps(platformHeaderOnlyInPlatformFiles);
}

TEST(Platform, HeaderElsewhereIsFound) {
    const Rule rule = platformHeaderOnlyInPlatformFiles;
    EXPECT_EQ(countFindings(rule, "iocore/disk/disk_file.cpp", "#include <unistd.h>\n"), 1U);
    EXPECT_EQ(countFindings(rule, "iocore/disk/disk_file.cpp", "#include <sys/stat.h>\n"), 1U);
    EXPECT_EQ(countFindings(rule, "ui/a.cpp", "#include <Windows.h>\n"), 1U);
    EXPECT_EQ(countFindings(rule, "iocore/capture/a.cpp", "#include <pulse/pulseaudio.h>\n"), 1U);
    EXPECT_EQ(countFindings(rule, "iocore/capture/a_pulse.cpp", "#include <pulse/pulseaudio.h>\n"),
              0U);
    EXPECT_EQ(countFindings(rule, "iocore/disk/disk_file_posix.cpp", "#include <unistd.h>\n"), 0U);
    EXPECT_EQ(countFindings(rule, "tests/crash/a_test.cpp", "#include <unistd.h>\n"), 0U);
}

}  // namespace
}  // namespace holdfast
