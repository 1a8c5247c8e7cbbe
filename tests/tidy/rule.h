// A rule of the house: reads one file, names every line that breaks it.
//
// A rule is a plain function, so that a test can hand it a bad sample and see that it can fail.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/source_tree.h"

namespace holdfast {

using Findings = std::vector<std::string>;
using Rule = Findings (*)(const TextFile& file);

// "iocore/ring/ring.h:12: what is wrong", with `index` counted from 0.
inline std::string finding(const TextFile& file, std::size_t index, std::string_view what) {
    return fmt::format("{}:{}: {}", file.path, index + 1, what);
}

// One test failure for each line of the tree that breaks the rule.
inline void expectTreeKeeps(Rule rule) {
    EXPECT_FALSE(sourceTree().empty());
    for (const auto& file : sourceTree()) {
        for (const auto& found : rule(file)) {
            ADD_FAILURE() << found;
        }
    }
}

// How often a sample breaks the rule.
inline std::size_t countFindings(Rule rule, std::string path, std::string text) {
    return rule(TextFile(std::move(path), std::move(text))).size();
}

}  // namespace holdfast
