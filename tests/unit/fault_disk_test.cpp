// FaultDisk: it keeps the contract of a folder, records what is done to it, and fails on command.
#include "tests/support/fault_disk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

#include "tests/support/stalling_folder.h"

namespace holdfast {
namespace {

Bytes filled(std::size_t count, int value) {
    return Bytes(count, static_cast<std::byte>(value));
}

TEST(FaultDisk, LogHoldsEveryOperationInOrder) {
    FaultDisk disk;
    auto file = disk.create("a", true).value();
    ASSERT_TRUE(file->writeAt(3, filled(2, 1)));
    ASSERT_TRUE(file->resize(9));
    ASSERT_TRUE(file->sync());
    ASSERT_TRUE(disk.rename("a", "b", Existing::replace));
    ASSERT_TRUE(disk.sync());
    ASSERT_TRUE(disk.remove("b"));
    std::string text;
    const std::vector<DiskOp> log = disk.log();
    for (std::size_t i = 0; i < log.size(); ++i) text += describe(log[i], i) + "\n";
    EXPECT_EQ(text,
              "0 create a\n1 write a 3+2\n2 resize a to 9\n3 sync a\n4 rename a to b\n"
              "5 folder sync\n6 remove b\n");
    EXPECT_EQ(file->size().value(), 9U) << "an open file outlives its name";
}

TEST(FaultDisk, NthOperationFailsOnce) {
    FaultDisk disk;
    disk.failAt(1, EIO);
    auto file = disk.create("f", false).value();
    const Result<> failed = file->writeAt(0, filled(4, 1));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message(), "disk: f: Input/output error (5)");
    EXPECT_TRUE(file->writeAt(0, filled(4, 1)));
}

TEST(FaultDisk, OperationsFailForEver) {
    FaultDisk disk;
    disk.failAt(1, EIO, Repeat::forEver);
    auto file = disk.create("f", false).value();
    EXPECT_FALSE(file->writeAt(0, filled(4, 1)));
    EXPECT_FALSE(file->sync());
    EXPECT_FALSE(disk.rename("f", "g", Existing::refuse));
    EXPECT_FALSE(disk.sync());
    EXPECT_FALSE(disk.create("h", false));
    EXPECT_FALSE(disk.exists("g"));
    EXPECT_EQ(file->size().value(), 0U);
}

TEST(FaultDisk, FullDiskTakesThePartThatFits) {
    FaultDisk disk;
    disk.setCapacity(10);
    auto file = disk.create("f", false).value();
    ASSERT_TRUE(file->writeAt(0, filled(6, 1)));
    EXPECT_EQ(disk.freeBytes().value(), 4U);
    const Result<> failed = file->writeAt(6, filled(6, 2));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ENOSPC);
    Bytes expected = filled(10, 2);
    std::fill_n(expected.begin(), 6, std::byte{1});
    EXPECT_EQ(*disk.files().at("f"), expected);
    EXPECT_TRUE(file->writeAt(0, filled(6, 3))) << "overwriting needs no space";
    disk.setCopyOnWrite(true);
    EXPECT_FALSE(file->writeAt(0, filled(6, 4)));
}

TEST(FaultDisk, HookStallsAnOperationUntilTheTestLetsItGo) {
    FaultDisk disk;
    auto file = disk.create("f", false).value();
    StallGate gate;
    gate.stall();
    disk.addHook([&](const DiskOp& op, std::size_t) {
        if (op.kind == DiskOp::Kind::sync) gate.pass();
        return 0;
    });
    std::thread syncing([&] { EXPECT_TRUE(file->sync()); });
    EXPECT_TRUE(gate.waitUntilStalled(std::chrono::seconds(20)));
    EXPECT_TRUE(file->writeAt(0, filled(4, 1))) << "other operations go on";
    EXPECT_EQ(disk.log().back().kind, DiskOp::Kind::write);
    gate.release();
    syncing.join();
    EXPECT_EQ(disk.log().back().kind, DiskOp::Kind::sync);
}

TEST(FaultDisk, RenameRefusesATakenName) {
    FaultDisk disk;
    ASSERT_TRUE(disk.create("a", false));
    ASSERT_TRUE(disk.create("b", false));
    EXPECT_EQ(disk.rename("a", "b", Existing::refuse).error().code, EEXIST);
    EXPECT_EQ(disk.create("a", false).error().code, EEXIST);
    EXPECT_TRUE(disk.rename("a", "b", Existing::replace));
    EXPECT_EQ(disk.list().value(), std::vector<std::string>{"b"});
}

TEST(FaultDisk, LockIsSeenByASecondHandle) {
    FaultDisk disk;
    auto writer = disk.create("f", false).value();
    EXPECT_TRUE(writer->tryLock().value());
    auto reader = disk.open("f", Access::read).value();
    EXPECT_FALSE(reader->tryLock().value());
    writer.reset();
    EXPECT_TRUE(reader->tryLock().value());
}

}  // namespace
}  // namespace holdfast
