// A copy on a file system whose files can share blocks: the same bytes, and as safe.
#include <gtest/gtest.h>

#include <cerrno>

#include "iocore/recovery/recovery_writer.h"
#include "tests/support/take_builder.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kFrames = 200'000;

RepairOptions optionsOf(const BuiltTake& take) {
    RepairOptions options;
    options.scan = take.options();
    options.removeRing = [](const std::string&) -> Result<> { return {}; };
    return options;
}

Bytes copyOf(const BuiltTake& take, bool shares) {
    FaultDisk disk = take.disk();
    disk.setShares(shares);
    const auto result = repairCopy(disk, "take.wav", optionsOf(take));
    EXPECT_TRUE(result && result->outcome == RepairOutcome::recovered);
    return fileOf(disk, "take.recovered.wav");
}

TEST(RepairCopyShared, IsTheSameByteForByte) {
    const Bytes trailer = chunkOf("LIST", "adtl that the kill cut short");
    for (const TakeSpec& spec : {
             TakeSpec{.committedFrames = kFrames},
             TakeSpec{.committedFrames = kFrames, .tailFrames = 700, .segmentFrames = 12'000},
             TakeSpec{.committedFrames = kFrames, .ringFrames = kFrames + 2'000},
             TakeSpec{.committedFrames = kFrames, .markers = {{9, "here"}}},
             TakeSpec{
                 .committedFrames = kFrames, .dataEndBytes = 2 * kFrames, .behindAudio = trailer},
             TakeSpec{.committedFrames = 400},  // all of it lies in the header's blocks
         }) {
        const BuiltTake take = buildTake(spec);
        EXPECT_EQ(copyOf(take, true), copyOf(take, false));
    }
}

TEST(RepairCopyShared, WritesNoAudioThatItShares) {
    const BuiltTake take = buildTake({.committedFrames = kFrames});
    FaultDisk disk = take.disk();
    disk.setShares(true);
    ASSERT_TRUE(repairCopy(disk, "take.wav", optionsOf(take)).has_value());
    std::uint64_t written = 0;
    for (const DiskOp& op : disk.log()) {
        const bool shared = op.offset == kShareAlign;  // the one write that stands for sharing
        if (op.kind == DiskOp::Kind::write && !shared) written += op.bytes.size();
    }
    EXPECT_LE(written, 2 * kShareAlign);
}

TEST(RepairCopyShared, EveryFailingOperationLeavesOnlyTheInput) {
    const BuiltTake take = buildTake({.committedFrames = kFrames, .ringFrames = kFrames + 500});
    for (std::size_t operation = 0; operation < 40; ++operation) {
        FaultDisk disk = take.disk();
        disk.setShares(true);
        disk.failAt(operation, EIO, Repeat::once);
        const auto result = repairCopy(disk, "take.wav", optionsOf(take));
        EXPECT_EQ(fileOf(disk, "take.wav"), *take.files.at("take.wav"));
        if (!result) {
            EXPECT_FALSE(disk.exists("take.recovered.part.wav")) << operation;
        }
        disk.clearFaults();
        const auto again = repairCopy(disk, "take.wav", optionsOf(take));
        ASSERT_TRUE(again.has_value()) << operation << ": " << again.error().message();
        EXPECT_EQ(audioOf(disk, "take.recovered.wav"), rampAudio(0, kFrames + 500)) << operation;
    }
}

}  // namespace
}  // namespace holdfast
