// The layer rule of iocore/README.md, as data: every include line shows its layer.
#include <regex>

#include "tests/tidy/rule.h"

namespace holdfast {
namespace {

struct Layer {
    std::string_view files;                  // a path starts with it
    std::vector<std::string_view> includes;  // an include starts with one of them
};

const std::vector<Layer>& layers() {
    static const std::vector<Layer> table = {
        {"iocore/base/", {"iocore/base/"}},
        {"iocore/disk/", {"iocore/disk/", "iocore/base/"}},
        {"iocore/ring/", {"iocore/ring/", "iocore/base/"}},
        {"iocore/mmio/", {"iocore/mmio/", "iocore/base/"}},
        {"iocore/riff/", {"iocore/riff/", "iocore/mmio/", "iocore/base/"}},
        {"iocore/journal/", {"iocore/journal/", "iocore/mmio/", "iocore/disk/", "iocore/base/"}},
        {"iocore/capture/", {"iocore/capture/", "iocore/ring/", "iocore/base/"}},
        // Recovery knows the formats and no writer but the journal's, for its undo log.
        {"iocore/recovery/",
         {"iocore/recovery/", "iocore/riff/riff_format.h", "iocore/journal/journal_format.h",
          "iocore/journal/journal.h", "iocore/ring/ring_format.h", "iocore/disk/", "iocore/base/"}},
        {"iocore/recorder/",
         {"iocore/recorder/", "iocore/capture/", "iocore/ring/", "iocore/riff/", "iocore/mmio/",
          "iocore/journal/", "iocore/disk/", "iocore/base/",
          // The hint that a take exists, for the list of the unfinished.
          "iocore/recovery/session_index.h"}},
        {"iocore/selftest/",
         {"iocore/selftest/", "iocore/riff/riff_format.h", "iocore/ring/", "iocore/disk/",
          "iocore/base/"}},
        {"ui/",
         {"ui/", "iocore/recorder/", "iocore/recovery/", "iocore/base/", "iocore/capture/devices.h",
          "iocore/disk/disk_file.h",
          // Where a ring may lie whose journal is gone.
          "iocore/ring/ring_memory.h"}},
        {"app/",
         {"app/", "ui/", "iocore/recorder/", "iocore/recovery/", "iocore/selftest/", "iocore/base/",
          "iocore/capture/devices.h", "iocore/capture/capture_source.h",
          // Small files of the program's own.
          "iocore/disk/disk_file.h", "iocore/disk/small_file.h",
          // Where a ring may lie whose journal is gone.
          "iocore/ring/ring_memory.h"}},
        {"tests/", {"tests/", "iocore/", "ui/", "app/"}},
    };
    return table;
}

bool startsWithAny(std::string_view text, const std::vector<std::string_view>& beginnings) {
    for (const auto beginning : beginnings) {
        if (text.starts_with(beginning)) {
            return true;
        }
    }
    return false;
}

const Layer* layerOf(std::string_view path) {
    for (const auto& layer : layers()) {
        if (path.starts_with(layer.files)) {
            return &layer;
        }
    }
    return nullptr;
}

Findings includesStayInTheirLayer(const TextFile& file) {
    static const std::regex include(R"re(^\s*#\s*include\s*"([^"]+)")re");
    Findings findings;
    if (!file.isCode()) {
        return findings;
    }
    const Layer* layer = layerOf(file.path);
    if (layer == nullptr) {
        return {finding(file, 0, "stands in no layer of the table")};
    }
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        std::smatch match;
        if (std::regex_search(file.lines[i], match, include) &&
            !startsWithAny(match[1].str(), layer->includes)) {
            findings.push_back(finding(
                file, i, fmt::format("{} is not open to {}", match[1].str(), layer->files)));
        }
    }
    return findings;
}

Findings iocoreKnowsNoQt(const TextFile& file) {
    static const std::regex qt(R"re(^\s*#\s*include\s*[<"]Q[A-Za-z])re");
    Findings findings;
    for (std::size_t i = 0; i < file.lines.size() && file.path.starts_with("iocore/"); ++i) {
        if (std::regex_search(file.lines[i], qt)) {
            findings.push_back(finding(file, i, "Qt in iocore"));
        }
    }
    return findings;
}

TEST(Layers, EveryIncludeStaysInItsLayer) {
    expectTreeKeeps(includesStayInTheirLayer);
}

TEST(Layers, IncludeOfAnotherLayerIsFound) {
    const Rule rule = includesStayInTheirLayer;
    EXPECT_EQ(countFindings(rule, "iocore/ring/a.h", "#include \"iocore/base/result.h\"\n"), 0U);
    EXPECT_EQ(countFindings(rule, "iocore/ring/a.h", "#include \"iocore/disk/disk_file.h\"\n"), 1U);
    EXPECT_EQ(countFindings(rule, "iocore/base/a.cpp", "#  include \"app/a.h\" // why\n"), 1U);
    EXPECT_EQ(countFindings(rule, "iocore/recovery/a.h",
                            "#include \"iocore/journal/journaling_io_proc.h\"\n"),
              1U);
    EXPECT_EQ(countFindings(rule, "ui/a.cpp", "#include \"iocore/capture/wavein.h\"\n"), 1U);
    // Not rooted, so it shows no layer.
    EXPECT_EQ(countFindings(rule, "iocore/ring/a.h", "#include \"spsc_ring.h\"\n"), 1U);
    EXPECT_EQ(countFindings(rule, "iocore/other/a.h", "\n"), 1U);
}

TEST(Layers, IocoreKnowsNoQt) {
    expectTreeKeeps(iocoreKnowsNoQt);
}

TEST(Layers, QtInIocoreIsFound) {
    EXPECT_EQ(countFindings(iocoreKnowsNoQt, "iocore/base/a.h", "#include <QString>\n"), 1U);
    EXPECT_EQ(countFindings(iocoreKnowsNoQt, "iocore/base/a.h", "#include <QtCore/QString>\n"), 1U);
    EXPECT_EQ(countFindings(iocoreKnowsNoQt, "ui/a.h", "#include <QString>\n"), 0U);
}

}  // namespace
}  // namespace holdfast
