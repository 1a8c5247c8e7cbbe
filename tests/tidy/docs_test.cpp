// What the documents promise is there: the files they link to, the tests they name.
#include <filesystem>
#include <regex>
#include <set>

#include "tests/tidy/rule.h"

namespace holdfast {
namespace {

constexpr std::string_view kPromiseHeader = "| promise | test |";

// Lines of prose: what stands in fenced blocks or between backticks is emptied, as no link is
// there.
std::vector<std::string> proseOf(const TextFile& file) {
    static const std::regex inlineCode("`[^`]*`");
    std::vector<std::string> prose;
    bool fenced = false;
    for (const auto& line : file.lines) {
        const bool fence = line.starts_with("```");
        fenced = fenced != fence;
        prose.push_back(fenced || fence ? "" : std::regex_replace(line, inlineCode, "code"));
    }
    return prose;
}

Findings relativeLinksResolve(const TextFile& file) {
    static const std::regex link(R"re(\[[^\]]*\]\(([^)\s#]+)(#[^)\s]*)?(\s+"[^"]*")?\))re");
    static const std::regex absolute("^[a-z]+:");
    Findings findings;
    if (!file.path.ends_with(".md")) {
        return findings;
    }
    const auto folder = std::filesystem::path(file.path).parent_path();
    const auto prose = proseOf(file);
    for (std::size_t i = 0; i < prose.size(); ++i) {
        for (std::sregex_iterator at(prose[i].begin(), prose[i].end(), link), end; at != end;
             ++at) {
            const std::string target = (*at)[1];
            const auto path = (folder / target).lexically_normal().generic_string();
            if (!std::regex_search(target, absolute) &&
                (path.starts_with("..") || !sourceExists(path))) {
                findings.push_back(finding(file, i, "no such file: " + target));
            }
        }
    }
    return findings;
}

// "Suite.Name" of every test in the sources.
const std::set<std::string>& testNames() {
    static const std::set<std::string> names = [] {
        static const std::regex test(
            R"(\b(?:TEST|TEST_F|TEST_P|TYPED_TEST|RC_GTEST_PROP|RC_GTEST_FIXTURE_PROP)\s*\()"
            R"(\s*(\w+)\s*,\s*(\w+))");
        std::set<std::string> found;
        for (const auto& file : sourceTree()) {
            const auto& text = file.text;
            for (std::sregex_iterator at(text.begin(), text.end(), test), end; at != end; ++at) {
                found.insert((*at)[1].str() + "." + (*at)[2].str());
            }
        }
        return found;
    }();
    return names;
}

// A row's second cell names tests as `Suite.Name`, or a script by its path from the root.
Findings promiseNamesItsTests(const TextFile& file, std::size_t index) {
    static const std::regex row(R"(^\|[^|]*\|([^|]*)\|)");
    static const std::regex name("`([^`]+)`");
    Findings findings;
    std::smatch cells;
    if (!std::regex_search(file.lines[index], cells, row)) {
        return {finding(file, index, "a row without a test")};
    }
    const std::string tests = cells[1];
    std::sregex_iterator at(tests.begin(), tests.end(), name);
    const std::sregex_iterator end;
    if (at == end) {
        return {finding(file, index, "a promise without a test")};
    }
    for (; at != end; ++at) {
        const std::string test = (*at)[1];
        const bool isPath = test.find('/') != std::string::npos;
        if (!(isPath ? sourceExists(test) : testNames().contains(test))) {
            findings.push_back(finding(file, index, "no such test: " + test));
        }
    }
    return findings;
}

Findings promisedTestsExist(const TextFile& file) {
    Findings findings;
    for (std::size_t i = 0; i < file.lines.size() && file.path.ends_with(".md"); ++i) {
        if (!file.lines[i].starts_with(kPromiseHeader)) {
            continue;
        }
        // The line after the header is the rule below it.
        for (i += 2; i < file.lines.size() && file.lines[i].starts_with("|"); ++i) {
            const auto found = promiseNamesItsTests(file, i);
            findings.insert(findings.end(), found.begin(), found.end());
        }
    }
    return findings;
}

// Places where the project happened to be written. In two pieces, so that this file names none.
const std::vector<std::string> kPrivatePlaces = {
    std::string("/wo") + "rk/",
    std::string("/fa") + "rm/",
    std::string("../sha") + "red",
};

Findings namesNoPrivatePlace(const TextFile& file) {
    Findings findings;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        for (const auto& place : kPrivatePlaces) {
            if (file.lines[i].find(place) != std::string::npos) {
                findings.push_back(finding(file, i, "names " + place));
            }
        }
    }
    return findings;
}

TEST(Docs, RelativeLinksResolve) {
    expectTreeKeeps(relativeLinksResolve);
}

TEST(Docs, DeadLinkIsFound) {
    const Rule rule = relativeLinksResolve;
    EXPECT_EQ(countFindings(rule, "tests/a.md", "[one](../CMakeLists.txt) [two](none.md)\n"), 1U);
    EXPECT_EQ(countFindings(rule, "tests/a.md", "![shot](none.png \"A title\")\n"), 1U);
    EXPECT_EQ(countFindings(rule, "a.md", "[out](../CMakeLists.txt)\n"), 1U);
    EXPECT_EQ(countFindings(rule, "a.md", "[web](https://example.org) [here](#top)\n"), 0U);
    EXPECT_EQ(countFindings(rule, "a.md", "`[code](none.md)`\n```\n[code](none.md)\n```\n"), 0U);
    EXPECT_EQ(countFindings(rule, "a.md", "```\n```\n[two](none.md)\n"), 1U);
}

TEST(Docs, PromisedTestsExist) {
    expectTreeKeeps(promisedTestsExist);
}

TEST(Docs, PromiseWithoutTestIsFound) {
    const std::string table = std::string(kPromiseHeader) + " broken by |\n|---|---|---|\n";
    const Rule rule = promisedTestsExist;
    EXPECT_EQ(countFindings(rule, "a.md", table + "| p | `Docs.PromisedTestsExist` | b |\n"), 0U);
    EXPECT_EQ(countFindings(rule, "a.md", table + "| p | `.ci/run` | b |\n"), 0U);
    EXPECT_EQ(countFindings(rule, "a.md", table + "| p | `Docs.Gone`, `gone/a.sh` | b |\n"), 2U);
    EXPECT_EQ(countFindings(rule, "a.md", table + "| p | planned | b |\n"), 1U);
    EXPECT_EQ(countFindings(rule, "a.md", table + "| p\n"), 1U);
    // The second table of a file counts too; a table of something else does not.
    const std::string good = table + "| p | `.ci/run` | b |\n\n";
    EXPECT_EQ(countFindings(rule, "a.md", good + table + "| p | `Docs.Gone` | b |\n"), 1U);
    EXPECT_EQ(countFindings(rule, "a.md", "| tier | holds |\n|---|---|\n| `a.b` | c |\n"), 0U);
}

TEST(Docs, NoFileNamesAPrivatePlace) {
    expectTreeKeeps(namesNoPrivatePlace);
}

TEST(Docs, PrivatePlaceIsFound) {
    for (const auto& place : kPrivatePlaces) {
        EXPECT_EQ(countFindings(namesNoPrivatePlace, "a.h", "// see " + place + "/a.md\n"), 1U);
    }
    EXPECT_EQ(countFindings(namesNoPrivatePlace, "a.md", "the network/disk path\n"), 0U);
}

}  // namespace
}  // namespace holdfast
