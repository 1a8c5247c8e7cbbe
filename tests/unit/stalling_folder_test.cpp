// A disk that stops answering: who waits, and that the wait ends.
#include "tests/support/stalling_folder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/support/fault_disk.h"

namespace holdfast {
namespace {

TEST(StallingFolder, WritesWaitAtTheGateAndReadsDoNot) {
    FaultDisk disk;
    auto gate = std::make_shared<StallGate>();
    StallingFolder folder(disk.handle(), gate);
    auto file = folder.create("f", false).value();
    gate->stall();
    std::thread writing([&] { EXPECT_TRUE(file->writeAt(0, Bytes(4))); });
    EXPECT_TRUE(gate->waitUntilStalled(std::chrono::seconds(20)));
    EXPECT_EQ(file->size().value(), 0U);
    gate->release();
    writing.join();
    EXPECT_EQ(file->size().value(), 4U);
}

TEST(StallingFolder, StallOfAGivenLengthEndsByItself) {
    FaultDisk disk;
    auto gate = std::make_shared<StallGate>();
    StallingFolder folder(disk.handle(), gate);
    auto file = folder.create("f", false).value();
    gate->stallFor(std::chrono::milliseconds(30));
    EXPECT_TRUE(file->sync());
    EXPECT_EQ(gate->waiting(), 0U);
}

}  // namespace
}  // namespace holdfast
