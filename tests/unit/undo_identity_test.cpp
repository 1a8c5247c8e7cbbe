// An undo log speaks of one file: another one under its name, or one that was edited since, is left
// as it is.
#include <gtest/gtest.h>

#include "iocore/base/little_endian.h"
#include "iocore/recovery/recovery_scan.h"
#include "iocore/recovery/recovery_writer.h"
#include "tests/support/take_builder.h"

namespace holdfast {
namespace {

void replaceFile(FaultDisk& disk, const Bytes& bytes) {
    ASSERT_TRUE(disk.remove("take.wav").has_value());
    ASSERT_TRUE((*disk.create("take.wav", false))->writeAt(0, bytes).has_value());
}

// The next recording of the same program has the same head, sizes 0 included.
TEST(UndoIdentity, NewRecordingUnderTheNameIsJudgedByItself) {
    const Bytes old = buildForeign({.riffBytes = 0, .dataBytes = 0});
    FaultDisk disk =
        FaultDisk::fromImage(FileMap{{"take.wav", std::make_shared<const Bytes>(old)}});
    ASSERT_TRUE(repairInPlace(disk, "take.wav").has_value());
    const Bytes next = buildForeign({.frames = 9'000, .riffBytes = 0, .dataBytes = 0});
    replaceFile(disk, next);

    EXPECT_FALSE(undoInPlace(disk, "take.wav").has_value());
    EXPECT_EQ(fileOf(disk, "take.wav"), next);
    const auto report = RecoveryScan(disk).check("take.wav");
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->recoverableFrames, 9'000u);
    const auto copied = repairCopy(disk, "take.wav");
    ASSERT_TRUE(copied.has_value()) << copied.error().message();
    EXPECT_EQ(audioOf(disk, "take.recovered.wav").size(), 18'000u);
    EXPECT_EQ(fileOf(disk, "take.wav"), next);
}

// A tag editor appends a chunk and corrects the RIFF size: our block is then not sealed any more.
TEST(UndoIdentity, EditedTakeKeepsItsEdit) {
    const BuiltTake take = buildTake(TakeSpec{.ringFrames = 1'700});
    FaultDisk disk = take.disk();
    RepairOptions options;
    options.scan = take.options();
    options.removeRing = [](const std::string&) -> Result<> { return {}; };
    ASSERT_TRUE(repairInPlace(disk, "take.wav", options).has_value());
    Bytes edited = fileOf(disk, "take.wav");
    const Bytes tag = chunkOf("LIST", "INFOINAM....title");
    edited.insert(edited.end(), tag.begin(), tag.end());
    storeLe(edited.data() + 4, static_cast<std::uint32_t>(edited.size() - 8));
    replaceFile(disk, edited);

    EXPECT_FALSE(undoInPlace(disk, "take.wav").has_value());
    (void)repairInPlace(disk, "take.wav", options);
    EXPECT_EQ(fileOf(disk, "take.wav"), edited);
}

}  // namespace
}  // namespace holdfast
