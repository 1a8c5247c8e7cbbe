// How code looks on the page, as far as a machine can tell.
#include <algorithm>

#include "tests/support/command_output.h"
#include "tests/tidy/rule.h"

namespace holdfast {
namespace {

constexpr std::size_t kMaxColumns = 100;
constexpr std::size_t kMaxLines = 400;

// Characters, not bytes: every byte but the second and later ones of a UTF-8 character.
std::size_t columnsOf(std::string_view line) {
    return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
    }));
}

Findings codeFitsThePage(const TextFile& file) {
    Findings findings;
    if (!file.isCode()) {
        return findings;
    }
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        if (columnsOf(file.lines[i]) > kMaxColumns) {
            findings.push_back(finding(file, i, "over 100 columns"));
        }
    }
    if (file.lines.size() > kMaxLines) {
        findings.push_back(finding(file, kMaxLines, "over 400 lines: more than one idea?"));
    }
    return findings;
}

Findings noTabsNorTrailingBlanks(const TextFile& file) {
    Findings findings;
    if (file.path.starts_with("tests/data/")) {
        return findings;
    }
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        const auto& line = file.lines[i];
        if (file.isCode() && line.find('\t') != std::string::npos) {
            findings.push_back(finding(file, i, "tab"));
        }
        if (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) {
            findings.push_back(finding(file, i, "trailing blank"));
        }
    }
    return findings;
}

// In two pieces, so that this file does not break its own rule.
const std::string kOrderWord = std::string("memory") + "_order";

// A comment on the line or within the three above it, which is where a partner is named.
Findings memoryOrdersNameTheirPartner(const TextFile& file) {
    constexpr std::size_t kLinesAbove = 3;
    Findings findings;
    for (std::size_t i = 0; i < file.lines.size() && file.isCode(); ++i) {
        const auto order = file.lines[i].find(kOrderWord);
        if (order == std::string::npos || file.lines[i].find("//") < order) {
            continue;
        }
        const auto from =
            file.lines.begin() + static_cast<std::ptrdiff_t>(i - std::min(i, kLinesAbove));
        const auto to = file.lines.begin() + static_cast<std::ptrdiff_t>(i + 1);
        if (std::none_of(from, to, [](const std::string& line) {
                return line.find("//") != std::string::npos;
            })) {
            findings.push_back(finding(file, i, "no comment names the partner of this order"));
        }
    }
    return findings;
}

TEST(Text, CodeFitsThePage) {
    expectTreeKeeps(codeFitsThePage);
}

TEST(Text, LongLinesAndLongFilesAreFound) {
    const std::string longest(kMaxColumns, 'x');
    const std::string tooLong = longest + "x\n";
    EXPECT_EQ(countFindings(codeFitsThePage, "a.h", longest + "\n"), 0U);
    EXPECT_EQ(countFindings(codeFitsThePage, "a.h", tooLong), 1U);
    EXPECT_EQ(countFindings(codeFitsThePage, "a.h", longest.substr(1) + "…\n"), 0U);
    EXPECT_EQ(countFindings(codeFitsThePage, "a.md", tooLong), 0U);
    EXPECT_EQ(countFindings(codeFitsThePage, "a.cpp", std::string(kMaxLines, '\n')), 0U);
    EXPECT_EQ(countFindings(codeFitsThePage, "a.cpp", std::string(kMaxLines + 1, '\n')), 1U);
}

TEST(Text, NoTabsNorTrailingBlanks) {
    expectTreeKeeps(noTabsNorTrailingBlanks);
}

TEST(Text, TabsAndTrailingBlanksAreFound) {
    EXPECT_EQ(countFindings(noTabsNorTrailingBlanks, "a.h", "\tint a;\n"), 1U);
    EXPECT_EQ(countFindings(noTabsNorTrailingBlanks, "a.md", "text \n"), 1U);
    EXPECT_EQ(countFindings(noTabsNorTrailingBlanks, "a.h", "int a;\r\n"), 1U);
    EXPECT_EQ(countFindings(noTabsNorTrailingBlanks, "a.h", "int a;\n\nint b;"), 0U);
}

TEST(Text, MemoryOrdersNameTheirPartner) {
    expectTreeKeeps(memoryOrdersNameTheirPartner);
}

TEST(Text, MemoryOrderWithoutPartnerIsFound) {
    const Rule rule = memoryOrdersNameTheirPartner;
    const std::string load = "x.load(std::" + kOrderWord + "_acquire);";
    EXPECT_EQ(countFindings(rule, "a.h", load + "\n"), 1U);
    EXPECT_EQ(countFindings(rule, "a.h", load + "  // pairs with publish()\n"), 0U);
    EXPECT_EQ(countFindings(rule, "a.h", "// pairs with publish()\n\n\n" + load + "\n"), 0U);
    EXPECT_EQ(countFindings(rule, "a.h", "// pairs with publish()\n\n\n\n" + load + "\n"), 1U);
}

// .clang-format is written for this version; others break lines elsewhere.
constexpr std::string_view kFormatVersion = "version 14.";

std::string clangFormat() {
    for (const std::string program : {"clang-format-14", "clang-format"}) {
        const auto answer = outputOf(program + " --version");
        if (answer.status == 0 && answer.text.find(kFormatVersion) != std::string::npos) {
            return program;
        }
    }
    return {};
}

TEST(Text, CodeIsFormatted) {
    const std::string program = clangFormat();
    if (program.empty()) {
        GTEST_SKIP() << "clang-format 14 is not installed";
    }
    std::string command = program + " --dry-run --Werror";
    for (const auto& file : sourceTree()) {
        if (file.isCode()) {
            command += fmt::format(" \"{}/{}\"", sourceRoot(), file.path);
        }
    }
    const auto answer = outputOf(command);
    EXPECT_EQ(answer.status, 0) << answer.text;
}

TEST(Text, UnformattedCodeIsFound) {
    const std::string program = clangFormat();
    if (program.empty()) {
        GTEST_SKIP() << "clang-format 14 is not installed";
    }
    const std::string check = program + " --dry-run --Werror";
    EXPECT_NE(outputOf("echo \"int  a ;\" | " + check).status, 0);
    EXPECT_EQ(outputOf("echo \"int a;\" | " + check).status, 0);
}

}  // namespace
}  // namespace holdfast
