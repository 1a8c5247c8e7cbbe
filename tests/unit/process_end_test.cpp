#include "iocore/base/process_end.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace holdfast {
namespace {

constexpr int kStatus = 3;
constexpr int kHandlerRan = 9;

// What libraries do at the end of a process: here, to be seen.
void leaveAMark() {
    std::atexit([] { endProcessAtOnce(kHandlerRan); });
}

TEST(ProcessEndDeathTest, RunsTheEndsOfAll) {
    EXPECT_EXIT(endProcess(kStatus), testing::ExitedWithCode(kStatus), "");
    EXPECT_EXIT((leaveAMark(), endProcess(kStatus)), testing::ExitedWithCode(kHandlerRan), "");
}

TEST(ProcessEndDeathTest, RunsNobodysEndWhileAThreadIsLeftInForeignCode) {
    const ForeignCode hangs;
    EXPECT_EXIT((leaveAMark(), endProcess(kStatus)), testing::ExitedWithCode(kStatus), "");
}

TEST(ProcessEndDeathTest, ThreadThatCameBackIsNoneThatWasLeft) {
    { const ForeignCode returns; }
    EXPECT_EXIT((leaveAMark(), endProcess(kStatus)), testing::ExitedWithCode(kHandlerRan), "");
}

}  // namespace
}  // namespace holdfast
