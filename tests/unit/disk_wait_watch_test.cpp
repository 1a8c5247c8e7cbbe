#include "app/disk_wait_watch.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

RecorderStatus waiting(std::uint64_t ms, std::uint64_t commits = 7, std::uint32_t parts = 1) {
    RecorderStatus status;
    status.diskWaitMs = ms;
    status.commits = commits;
    status.parts = parts;
    status.stallBudgetMs = 27'000;
    return status;
}

TEST(DiskWaitWatch, TellsAHangOnceAndItsEnd) {
    DiskWaitWatch watch;
    EXPECT_FALSE(watch.look(waiting(0)));
    EXPECT_FALSE(watch.look(waiting(DiskWaitWatch::kPatienceMs - 1))) << "disks may be slow";
    EXPECT_EQ(watch.look(waiting(DiskWaitWatch::kPatienceMs)), DiskWaitWatch::News::hangs);
    EXPECT_FALSE(watch.look(waiting(9'000))) << "once a hang";
    EXPECT_FALSE(watch.look(waiting(0))) << "between two calls of the same commit";
    EXPECT_EQ(watch.look(waiting(0, 8)), DiskWaitWatch::News::answers);
    EXPECT_EQ(watch.look(waiting(4'000, 8)), DiskWaitWatch::News::hangs) << "the next one is news";
}

TEST(DiskWaitWatch, DiskThatWasLeftDoesNotAnswerAgain) {
    DiskWaitWatch watch;
    EXPECT_EQ(watch.look(waiting(5'000)), DiskWaitWatch::News::hangs);
    EXPECT_FALSE(watch.look(waiting(0, 9, 2)));
    EXPECT_EQ(watch.look(waiting(3'000, 9, 2)), DiskWaitWatch::News::hangs);
}

TEST(DiskWaitWatch, SaysForHowLongNothingIsLost) {
    EXPECT_EQ(diskWaitReport(DiskWaitWatch::News::hangs, waiting(3'100)),
              "the disk has not answered for 3 s; nothing is lost for another 27 s");
}

}  // namespace
}  // namespace holdfast
