#include "iocore/capture/wavein_plan.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using std::chrono::milliseconds;

TEST(WaveInPlan, HeadersAreAsLongAsAskedForAndASecondTogether) {
    const PcmFormat format{48'000, 2, SampleType::S16, 0x3};
    const HeaderPlan plan = planHeaders(format, 50, {});
    EXPECT_EQ(plan.frames, 2'400U);
    EXPECT_EQ(plan.bytes, 9'600U);
    EXPECT_EQ(plan.count, 20U);
    EXPECT_EQ(plan.queueTime(format), milliseconds(1'000));
    EXPECT_EQ(planHeaders(format, 125, {}).count, 8U);
    // Never fewer than 8.
    EXPECT_EQ(planHeaders({8'000, 1, SampleType::S16, 0x4}, 500, {}).count, 8U);
}

TEST(WaveInPlan, NoHeaderIsLongerThan32KiBAndEachHoldsWholeFrames) {
    for (const std::uint32_t channels : {1U, 2U, 3U, 7U, 64U}) {
        for (const SampleType type : {SampleType::S16, SampleType::S24, SampleType::F32}) {
            for (const std::uint32_t rate : {8'000U, 44'100U, 192'000U, 384'000U}) {
                const PcmFormat format{rate, channels, type, 0};
                const HeaderPlan plan = planHeaders(format, 125, {});
                EXPECT_GT(plan.frames, 0U);
                EXPECT_LE(plan.bytes, 32U * 1024) << format.describe();
                EXPECT_EQ(plan.bytes, plan.frames * format.bytesPerFrame());
                EXPECT_GE(plan.count, 8U);
                EXPECT_LE(plan.count, 64U);
                if (plan.count < 64) {
                    EXPECT_GE(plan.queueTime(format), milliseconds(999));
                }
            }
        }
    }
}

TEST(WaveInPlan, TestsForceTheirOwn) {
    EXPECT_EQ(parseForcedHeaders("1x5"), (ForcedHeaders{1, 5}));
    EXPECT_EQ(parseForcedHeaders("1024x10000"), (ForcedHeaders{1'024, 10'000}));
    const HeaderPlan plan = planHeaders({48'000, 2, SampleType::S24, 0x3}, 50, ForcedHeaders{2, 1});
    EXPECT_EQ(plan.count, 2U);
    EXPECT_EQ(plan.frames, 48U);
    for (const char* text : {"", "x", "1x", "x1", "0x5", "5x0", "1025x5", "1x10001", "1x5 ", "-1x5",
                             "1x5x2", "99999999999x1"}) {
        const auto forced = parseForcedHeaders(text);
        ASSERT_FALSE(forced) << text;
        EXPECT_EQ(forced.error().stage, Stage::usage);
    }
}

}  // namespace
}  // namespace holdfast
