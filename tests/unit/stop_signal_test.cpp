// What was asked from outside reaches the control thread, on every platform by its own way.
#include <gtest/gtest.h>

#include "app/exit_status.h"
#include "app/stop_signal_asked.h"

namespace holdfast {
namespace {

using Asked = StopSignal::Asked;
using Kind = Asked::Kind;

TEST(StopSignalAsked, EachRequestIsSeenOnce) {
    Asked asked;
    int woken = 0;
    asked.onSignal([&] { ++woken; });
    asked.notice(Kind::marker);
    asked.notice(Kind::marker);
    asked.notice(Kind::split);
    StopSignal::Seen seen = asked.look();
    EXPECT_EQ(seen.markers, 2U);
    EXPECT_EQ(seen.splits, 1U);
    EXPECT_FALSE(seen.stop);
    asked.notice(Kind::stop);
    seen = asked.look();
    EXPECT_TRUE(seen.stop);
    EXPECT_EQ(seen.markers, 0U);
    EXPECT_FALSE(asked.look().stop);
    EXPECT_EQ(woken, 4);
    asked.onSignal({});
    asked.notice(Kind::stop);
    EXPECT_EQ(woken, 4);
}

TEST(StopSignalAsked, OneInterruptFinalises) {
    Asked asked;
    asked.notice(Kind::interrupt);
    const StopSignal::Seen seen = asked.look();
    EXPECT_TRUE(seen.stop);
    EXPECT_FALSE(seen.leaveNow);
}

// Nobody looks: the process ends all the same.
TEST(StopSignalAskedDeathTest, SecondInterruptLeavesEvenIfTheControlThreadHangs) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_EXIT(
        {
            Asked asked;
            asked.notice(Kind::interrupt);
            asked.notice(Kind::interrupt);
        },
        testing::ExitedWithCode(kExitInterrupted), "");
}

TEST(StopSignalAsked, StopsAreNoInterruptsAndAFinishedTakeIsNotLeft) {
    Asked asked;
    asked.notice(Kind::stop);
    asked.notice(Kind::stop);
    asked.notice(Kind::interrupt);
    EXPECT_FALSE(asked.look().leaveNow);
    asked.disarm();
    asked.notice(Kind::interrupt);
    EXPECT_FALSE(asked.look().leaveNow);
}

}  // namespace
}  // namespace holdfast
