// A living writer is told from a dead one, and from another process that got its number.
#include "iocore/base/process_identity.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(ProcessIdentity, ThisProcessIsAlive) {
    const ProcessIdentity self = currentProcess();
    EXPECT_TRUE(isAlive(self));
    EXPECT_EQ(self, currentProcess());
    EXPECT_NE(self.processId, 0U);
    EXPECT_NE(self.startTime, 0U);
}

TEST(ProcessIdentity, ReusedNumberAnotherBootAndNobodyAreNot) {
    ProcessIdentity later = currentProcess();
    ++later.startTime;
    EXPECT_FALSE(isAlive(later));
    ProcessIdentity before = currentProcess();
    before.bootId[3] ^= std::byte{1};
    EXPECT_FALSE(isAlive(before));
    ProcessIdentity none = currentProcess();
    none.processId = 0xfffffff0;
    EXPECT_FALSE(isAlive(none));
    EXPECT_FALSE(isAlive({}));
    ProcessIdentity unknown;
    unknown.bootId = currentBootId();
    EXPECT_FALSE(isAlive(unknown));
}

TEST(ProcessIdentity, BootIsTheSameForAsLongAsItLasts) {
    EXPECT_EQ(currentBootId(), currentBootId());
    EXPECT_NE(currentBootId(), (std::array<std::byte, 16>{}));
}

}  // namespace
}  // namespace holdfast
