#include "app/metrics_text.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

namespace holdfast {
namespace {

constexpr PcmFormat kFormat{48'000, 2, SampleType::S24, 3};

RecorderStatus someStatus() {
    RecorderStatus status;
    status.state = RecorderState::recording;
    status.capturedFrames = 96'000;
    status.safeFrames = 72'000;
    status.lostFrames = 4'800;
    status.gaps = 2;
    status.commitMsLast = 12;
    status.ringFill = 0.25;
    status.diskFreeBytes = 1'234'567'890'123;
    return status;
}

TEST(MetricsText, HasTheFiguresInSecondsAndBytes) {
    const std::string text = metricsText(someStatus(), kFormat, 1'800'000'000.5);
    for (const char* line :
         {"holdfast_state{state=\"recording\"} 1\n", "holdfast_state{state=\"failed\"} 0\n",
          "\nholdfast_captured_seconds_total 2\n", "\nholdfast_safe_seconds_total 1.5\n",
          "\nholdfast_lost_seconds_total 0.1\n", "\nholdfast_gaps_total 2\n",
          "\nholdfast_last_commit_seconds 0.012\n", "\nholdfast_ring_fill_ratio 0.25\n",
          "\nholdfast_disk_free_bytes 1234567890123\n",
          "\nholdfast_updated_timestamp_seconds 1800000000.5\n"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
    }
}

// The text format, version 0.0.4: HELP and TYPE before the samples of a name, once each.
TEST(MetricsText, IsWhatPrometheusReads) {
    const std::regex comment(R"(# (HELP|TYPE) (holdfast_[a-z_]+) (.+))");
    const std::regex sample(R"((holdfast_[a-z_]+)(\{[a-z]+="[a-z_]+"\})? [0-9.e+-]+)");
    std::set<std::string> helped;
    std::set<std::string> typed;
    std::istringstream lines(metricsText(someStatus(), kFormat, 0));
    for (std::string line; std::getline(lines, line);) {
        std::smatch found;
        if (std::regex_match(line, found, comment)) {
            EXPECT_TRUE((found[1] == "HELP" ? helped : typed).insert(found[2]).second) << line;
        } else {
            ASSERT_TRUE(std::regex_match(line, found, sample)) << line;
            EXPECT_TRUE(helped.contains(found[1]) && typed.contains(found[1])) << line;
        }
    }
    EXPECT_GT(helped.size(), 10U);
}

}  // namespace
}  // namespace holdfast
