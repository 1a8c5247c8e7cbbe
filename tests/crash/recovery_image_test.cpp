// Recovery killed and cut off from power at every operation, then run again: the result is
// complete, the input is never poorer than before, and taking back gives the first bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "iocore/recovery/recovery_writer.h"
#include "tests/support/crash_images.h"
#include "tests/support/take_builder.h"
#include "tests/support/take_rig.h"

namespace holdfast {
namespace {

// The ring of a killed repair is still there; that of one cut off from power is gone.
RepairOptions optionsOf(const BuiltTake& take, bool ringThere) {
    RepairOptions options;
    if (ringThere) {
        options.scan = take.options();
    } else {
        options.scan.openRing = [](const std::string&) -> Result<std::unique_ptr<DiskFile>> {
            return fail(Stage::disk, ENOENT, "gone");
        };
    }
    options.removeRing = [](const std::string&) -> Result<> { return {}; };
    return options;
}

TakeSpec specOf(std::uint64_t ringFrames) {
    return {.tailFrames = 131,
            .journalFrames = ringFrames == 0 ? 1'131u : 0u,
            .ringFrames = ringFrames,
            .markers = {{5, "five"}},
            .dataEndBytes = std::nullopt,
            .behindAudio = {}};
}

PowerOptions powerOptions() {
    PowerOptions options;
    options.exhaustive = 6;
    options.randomSubsets = 16;
    return options;
}

// What one image must satisfy after `again` ran on it.
using ImageCheck = std::function<void(FaultDisk& disk, bool killed, const std::string& label)>;

void forEachImage(const FaultDisk& disk, const ImageCheck& check) {
    const auto visit = [&](bool killed) {
        return [&check, killed](const CrashImage& image) {
            if (testing::Test::HasFailure()) return;
            FaultDisk after = FaultDisk::fromImage(image);
            check(after, killed, (killed ? "kill " : "power ") + image.label);
        };
    };
    const auto kills = forEachKillImage(disk, visit(true));
    const auto cuts = forEachPowerImage(disk, powerOptions(), visit(false));
    testing::Test::RecordProperty("images", static_cast<int>(kills.distinct + cuts.distinct));
    EXPECT_GT(kills.distinct, 5u);
    EXPECT_GT(cuts.distinct, 5u);
}

bool isPrefixOfRamp(const Bytes& audio, std::uint64_t leastFrames) {
    const Bytes ramp = rampAudio(0, audio.size() / 2);
    return audio.size() >= leastFrames * 2 && audio == ramp;
}

TEST(RecoveryImages, CopyComesToTheSameEndFromEveryImage) {
    for (std::uint64_t ringFrames : {0u, 1'701u}) {
        const BuiltTake take = buildTake(specOf(ringFrames));
        const Bytes input = *take.files.at("take.wav");
        FaultDisk disk = take.disk();
        ASSERT_TRUE(repairCopy(disk, "take.wav", optionsOf(take, true)).has_value());
        const std::uint64_t whole = ringFrames == 0 ? 1'131 : ringFrames;
        forEachImage(disk, [&](FaultDisk& after, bool killed, const std::string& label) {
            ASSERT_EQ(fileOf(after, "take.wav"), input) << label;
            // The witnesses go only when the result is safe without them.
            if (!after.exists("take.wav.journal")) {
                ASSERT_EQ(audioOf(after, "take.recovered.wav"), rampAudio(0, whole)) << label;
            }
            const auto again = repairCopy(after, "take.wav", optionsOf(take, killed));
            ASSERT_TRUE(again.has_value()) << label << ": " << again.error().message();
            const Bytes audio = audioOf(after, "take.recovered.wav");
            // Without the ring no more can be asked than what is in the file, or was made durable.
            ASSERT_TRUE(isPrefixOfRamp(audio, killed ? whole : 1'131)) << label;
            ASSERT_EQ(fileOf(after, "take.wav"), input) << label;
            ASSERT_FALSE(after.exists("take.recovered.part.wav")) << label;
        });
    }
}

void checkInPlace(const TakeSpec& spec, std::uint64_t whole) {
    const BuiltTake take = buildTake(spec);
    const Bytes input = *take.files.at(spec.wavName);
    FaultDisk disk = take.disk();
    ASSERT_TRUE(repairInPlace(disk, spec.wavName, optionsOf(take, true)).has_value());
    const bool hasRing = spec.ringFrames != 0;
    forEachImage(disk, [&](FaultDisk& after, bool killed, const std::string& label) {
        // Before anything is done: a plain reader sees what it saw, or the whole.
        const std::string now = after.exists("take.wav") ? "take.wav" : spec.wavName;
        const DecodedHeader header = decodeHeaderBlock(fileOf(after, now));
        // A kill inside the write of the header tears it; a power cut does not (A2).
        ASSERT_TRUE(killed || header.state == SealState::sound) << label;
        ASSERT_LE(kHeaderBlockBytes + header.block.dataBytes, fileOf(after, now).size()) << label;

        const auto again = repairInPlace(after, spec.wavName, optionsOf(take, killed));
        ASSERT_TRUE(again.has_value()) << label << ": " << again.error().message();
        const Bytes audio = audioOf(after, "take.wav");
        for (const ChunkRecord& chunk : spec.chunks) {
            const Bytes bytes = encodeChunk(chunk.id, chunk.payload);
            ASSERT_EQ(timesThere(fileOf(after, "take.wav"), bytes), 1u) << label;
        }
        if (killed || !hasRing) {
            ASSERT_EQ(audio, rampAudio(0, whole)) << label;
        } else {
            // What only the ring had may be gone; what the file had is not.
            ASSERT_GE(audio.size(), 2'262u) << label;
            ASSERT_TRUE(
                std::equal(audio.begin(), audio.begin() + 2'262, rampAudio(0, 1'131).begin()))
                << label;
        }
        ASSERT_FALSE(after.exists("take.wav.journal")) << label;

        const auto undone = undoInPlace(after, "take.wav");
        ASSERT_TRUE(undone.has_value()) << label << ": " << undone.error().message();
        ASSERT_TRUE(undone->undone) << label;
        ASSERT_EQ(fileOf(after, "take.wav"), input) << label;
    });
}

TEST(RecoveryImages, InPlaceComesToTheSameEndFromEveryImage) {
    checkInPlace(specOf(1'701), 1'701);
}
TEST(RecoveryImages, InPlaceOfAPartFileComesToTheSameEnd) {
    TakeSpec spec = specOf(1'701);
    spec.wavName = "take.part.wav";
    checkInPlace(spec, 1'701);
}
TEST(RecoveryImages, InPlaceWithForeignBytesBehindComesToTheSameEnd) {
    TakeSpec spec = specOf(1'701);
    spec.behindAudio = Bytes(1'501, std::byte{0x5A});
    spec.dataEndBytes = 1'701 * 2;
    checkInPlace(spec, 1'701);
}
TEST(RecoveryImages, InPlaceWithAChunkOfTheJournalComesToTheSameEnd) {
    TakeSpec spec = specOf(1'701);
    spec.chunks = {{{'b', 'e', 'x', 't'}, Bytes(77, std::byte{0x42})}};
    checkInPlace(spec, 1'701);
}
TEST(RecoveryImages, InPlaceWithoutARingComesToTheSameEnd) {
    checkInPlace(specOf(0), 1'131);
}

TEST(RecoveryImages, InPlaceWithoutAJournalComesToTheSameEnd) {
    TakeSpec spec = specOf(0);
    spec.journal = false;
    checkInPlace(spec, 1'131);
}

TEST(RecoveryImages, TakingBackComesToTheSameEndFromEveryImage) {
    TakeSpec spec = specOf(1'701);
    spec.behindAudio = Bytes(1'501, std::byte{0x5A});
    const BuiltTake take = buildTake(spec);
    const Bytes input = *take.files.at("take.wav");
    FaultDisk repaired = take.disk();
    ASSERT_TRUE(repairInPlace(repaired, "take.wav", optionsOf(take, true)).has_value());
    FaultDisk disk = FaultDisk::fromImage(repaired.files());
    ASSERT_TRUE(undoInPlace(disk, "take.wav").has_value());
    forEachImage(disk, [&](FaultDisk& after, bool, const std::string& label) {
        // Either it is taken back in the end, or repaired again: both from every image.
        FaultDisk other = FaultDisk::fromImage(after.files());
        const auto undone = undoInPlace(after, "take.wav");
        ASSERT_TRUE(undone.has_value()) << label << ": " << undone.error().message();
        ASSERT_EQ(fileOf(after, "take.wav"), input) << label;
        ASSERT_TRUE(after.exists("take.wav.journal")) << label;
        ASSERT_FALSE(after.exists("take.wav.undo")) << label;

        const auto again = repairInPlace(other, "take.wav", optionsOf(take, false));
        ASSERT_TRUE(again.has_value()) << label << ": " << again.error().message();
        ASSERT_EQ(audioOf(other, "take.wav"), rampAudio(0, 1'701)) << label;
    });
}

TEST(RecoveryImages, ForeignSizesInPlaceComeToTheSameEndFromEveryImage) {
    BuiltTake take;
    take.files["take.wav"] = std::make_shared<const Bytes>(
        buildForeign({.frames = 999, .riffBytes = 0, .dataBytes = 0}));
    const Bytes input = *take.files.at("take.wav");
    FaultDisk disk = take.disk();
    ASSERT_TRUE(repairInPlace(disk, "take.wav", optionsOf(take, true)).has_value());
    const Bytes repaired = fileOf(disk, "take.wav");
    forEachImage(disk, [&](FaultDisk& after, bool, const std::string& label) {
        const auto again = repairInPlace(after, "take.wav", optionsOf(take, true));
        ASSERT_TRUE(again.has_value()) << label << ": " << again.error().message();
        ASSERT_EQ(fileOf(after, "take.wav"), repaired) << label;
        const auto undone = undoInPlace(after, "take.wav");
        ASSERT_TRUE(undone.has_value()) << label << ": " << undone.error().message();
        ASSERT_EQ(fileOf(after, "take.wav"), input) << label;
    });
}

}  // namespace
}  // namespace holdfast
