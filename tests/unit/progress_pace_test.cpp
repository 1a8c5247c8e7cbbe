// The events of long work: they come, they grow, they end, and there are not many of them.
#include "app/progress_pace.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;
constexpr std::uint64_t kLong = ProgressPace::kLongBytes;
const ProgressPace::Clock::time_point kNoon{};

TEST(ProgressPace, LongWorkIsToldPercentByPercentToItsEnd) {
    ProgressPace pace;
    std::uint64_t last = 0;
    int told = 0;
    for (std::uint64_t done = 4'096; done <= 16 * kLong; done += 4'096) {
        const auto moment = pace.at("f", done, 16 * kLong, kNoon);
        if (!moment) continue;
        EXPECT_GT(moment->done, last);
        last = moment->done;
        ++told;
    }
    EXPECT_EQ(last, 16 * kLong);
    EXPECT_EQ(told, 101);
}

TEST(ProgressPace, ShortWorkIsToldOfOnlyWhereItTakesLong) {
    ProgressPace quick;
    for (std::uint64_t done = 1; done <= 1'000; ++done) {
        EXPECT_FALSE(quick.at("f", done, 1'000, kNoon)) << done;
    }
    ProgressPace slow;
    int told = 0;
    for (std::uint64_t done = 1; done <= 1'000; ++done) {
        told += slow.at("f", done, 1'000, kNoon + done * 100ms) ? 1 : 0;
    }
    EXPECT_GE(told, 90);
    EXPECT_LE(told, 101);
}

TEST(ProgressPace, EndIsToldAtOnceWhereAnythingWas) {
    ProgressPace pace;
    ASSERT_TRUE(pace.at("f", 1, 10, kNoon) || pace.at("f", 2, 10, kNoon + 2s));
    const auto end = pace.at("f", 10, 10, kNoon + 2s);
    EXPECT_EQ(end, (ProgressMoment{1, 10, 10}));
    EXPECT_FALSE(pace.at("f", 10, 10, kNoon + 9s));
}

TEST(ProgressPace, EachStepBeginsAnewAndSoDoesEachFile) {
    ProgressPace pace;
    EXPECT_EQ(pace.at("f", 9, kLong, kNoon)->step, 1u);
    EXPECT_EQ(pace.at("f", 1, kLong, kNoon)->step, 2u);
    EXPECT_FALSE(pace.at("f", 1, 2, kNoon));
    EXPECT_EQ(pace.at("f", 2, 2 * kLong, kNoon)->step, 3u);
    EXPECT_EQ(pace.at("g", 3, 2 * kLong, kNoon)->step, 1u);
    EXPECT_FALSE(pace.at("g", 4, 0, kNoon));
}

TEST(ProgressPace, MoreThanAllIsAll) {
    ProgressPace pace;
    EXPECT_FALSE(pace.at("f", kLong, kLong, kNoon)) << "over before it was told of";
    EXPECT_TRUE(pace.at("g", 0, kLong, kNoon));
    EXPECT_EQ(pace.at("g", ~0ULL, kLong, kNoon), (ProgressMoment{1, kLong, kLong}));
    EXPECT_TRUE(ProgressPace().at("f", ~0ULL / 2, ~0ULL, kNoon));
}

}  // namespace
}  // namespace holdfast
