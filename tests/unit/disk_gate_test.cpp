// The gate of a disk that does not answer: what is inside can be held, let go on, or turned away.
#include <gtest/gtest.h>

#include <cerrno>
#include <future>
#include <thread>

#include "iocore/disk/watched_folder.h"
#include "tests/support/fault_disk.h"

namespace holdfast {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kAnyTime{0};

TEST(DiskGate, OnlyAnOperationInsideCanBeHeld) {
    DiskGate gate;
    EXPECT_FALSE(gate.hold(kAnyTime)) << "nobody is inside";
    ASSERT_TRUE(gate.enter());
    EXPECT_FALSE(gate.hold(std::chrono::hours(1))) << "not for that long";
    EXPECT_TRUE(gate.leave());
    EXPECT_FALSE(gate.hold(kAnyTime)) << "it has left";
    EXPECT_EQ(gate.waiting(), kAnyTime);
}

TEST(DiskGate, HeldOperationEndsWhenItIsLetGo) {
    DiskGate gate;
    ASSERT_TRUE(gate.enter());
    ASSERT_TRUE(gate.hold(kAnyTime));
    int owned = 1;
    auto left = std::async(std::launch::async, [&] {
        const bool goesOn = gate.leave();
        return goesOn ? owned : 0;
    });
    owned = 2;  // a race, were the thread not held
    gate.letGo();
    EXPECT_EQ(left.get(), 2);
    EXPECT_TRUE(gate.enter()) << "as if nothing had been";
    EXPECT_TRUE(gate.leave());
}

TEST(DiskGate, ThreadThatIsTurnedAwayStaysOutUntilItOpensAgain) {
    DiskGate gate;
    ASSERT_TRUE(gate.enter());
    ASSERT_TRUE(gate.hold(kAnyTime));
    auto left = std::async(std::launch::async, [&] { return gate.leave(); });
    gate.turnAway();
    EXPECT_FALSE(left.get());
    EXPECT_TRUE(gate.turnedAway());
    EXPECT_FALSE(gate.enter());
    EXPECT_FALSE(gate.hold(kAnyTime));
    gate.open();
    EXPECT_TRUE(gate.enter());
    EXPECT_TRUE(gate.leave());
}

TEST(WatchedFolder, PassesEverythingOn) {
    FaultDisk disk;
    WatchedFolder folder(disk.handle(), std::make_shared<DiskGate>());
    auto file = folder.create("a", false);
    ASSERT_TRUE(file);
    const Bytes bytes(10, std::byte{7});
    ASSERT_TRUE((*file)->writeAt(0, bytes));
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(folder.rename("a", "b", Existing::refuse));
    ASSERT_TRUE(folder.sync());
    EXPECT_TRUE(folder.exists("b"));
    EXPECT_EQ(*disk.files().at("b"), bytes);
    EXPECT_EQ(folder.open("none", Access::read).error().code, ENOENT);
}

TEST(WatchedFolder, ThreadThatIsTurnedAwayChangesNothingButTakesItsFilesAway) {
    FaultDisk disk;
    const auto gate = std::make_shared<DiskGate>();
    WatchedFolder folder(disk.handle(), gate);
    auto file = folder.create("a", false);
    ASSERT_TRUE(file);
    disk.addHook([&](const DiskOp& op, std::size_t) {
        // The call has ended by the time its thread comes out, and that is not known by then.
        if (op.kind == DiskOp::Kind::sync && gate->hold(kAnyTime)) gate->turnAway();
        return 0;
    });
    EXPECT_EQ((*file)->sync().error().code, ECANCELED);
    const std::size_t operations = disk.logSize();
    EXPECT_EQ((*file)->writeAt(0, Bytes(4)).error().code, ECANCELED);
    EXPECT_EQ((*file)->resize(4).error().code, ECANCELED);
    EXPECT_EQ(folder.create("b", false).error().code, ECANCELED);
    EXPECT_EQ(folder.rename("a", "b", Existing::refuse).error().code, ECANCELED);
    EXPECT_EQ(folder.sync().error().code, ECANCELED);
    EXPECT_EQ(folder.freeBytes().error().code, ECANCELED);
    EXPECT_EQ(disk.logSize(), operations);
    EXPECT_TRUE(folder.remove("a"));
    EXPECT_FALSE(disk.exists("a"));
}

}  // namespace
}  // namespace holdfast
