// The crash images, judged by toy recorders: the right order must pass all, each wrong one must
// not.
#include "tests/support/crash_images.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <string>

namespace holdfast {
namespace {

constexpr std::size_t kHeader = 512;

Bytes filled(std::size_t count, int value) {
    return Bytes(count, static_cast<std::byte>(value));
}

// Byte `i` of the toy's audio; never 0.
std::byte audioAt(std::size_t i) {
    return static_cast<std::byte>(i % 251 + 1);
}

Bytes audio(std::size_t from, std::size_t count) {
    Bytes bytes(count);
    for (std::size_t i = 0; i < count; ++i) bytes[i] = audioAt(from + i);
    return bytes;
}

Bytes header(std::uint64_t length) {
    Bytes bytes(kHeader);
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::byte>(length >> (8 * i));
    return bytes;
}

// A recorder in five lines: a header that counts the audio behind it, committed in rounds.
struct Toy {
    bool headerFirst = false;
    bool syncs = true;
    bool syncsFolder = true;
    std::size_t rounds = 4;
    std::size_t roundBytes = 3000;

    void run(FaultDisk& disk) const {
        auto file = disk.create("take.part", false).value();
        ASSERT_TRUE(file->writeAt(0, header(0)));
        barrier(*file);
        ASSERT_TRUE(disk.rename("take.part", "take", Existing::refuse));
        if (syncsFolder) {
            ASSERT_TRUE(disk.sync());
        }
        for (std::size_t round = 0; round < rounds; ++round) {
            const std::size_t from = round * roundBytes;
            if (headerFirst) {
                ASSERT_TRUE(file->writeAt(0, header(from + roundBytes)));
            }
            ASSERT_TRUE(file->writeAt(kHeader + from, audio(from, roundBytes)));
            barrier(*file);
            if (!headerFirst) {
                ASSERT_TRUE(file->writeAt(0, header(from + roundBytes)));
                barrier(*file);
            }
            disk.acknowledge(from + roundBytes);
        }
    }

    void barrier(DiskFile& file) const {
        if (syncs) {
            ASSERT_TRUE(file.sync());
        }
    }
};

// Empty when the image holds what was promised and claims nothing false.
std::string defectOf(const CrashImage& image) {
    const Bytes& bytes = image.at("take");
    if (!image.has("take")) return image.acknowledged > 0 ? "no file" : "";
    if (bytes.size() < kHeader) return "no header";
    std::uint64_t length = 0;
    for (std::size_t i = 8; i > 0; --i) {
        length = length << 8 | std::to_integer<std::uint64_t>(bytes[i - 1]);
    }
    if (length < image.acknowledged) return "less than promised";
    if (bytes.size() - kHeader < length) return "header past the end";
    for (std::size_t i = 0; i < length; ++i) {
        if (bytes[kHeader + i] != audioAt(i)) return "wrong audio";
    }
    return "";
}

std::set<std::string> powerDefects(const Toy& toy) {
    FaultDisk disk;
    toy.run(disk);
    std::set<std::string> defects;
    forEachPowerImage(disk, {}, [&](const CrashImage& image) { defects.insert(defectOf(image)); });
    defects.erase("");
    return defects;
}

TEST(CrashImages, RightOrderPassesEveryKillAndPowerImage) {
    FaultDisk disk;
    Toy{}.run(disk);
    const auto check = [&](const CrashImage& image) {
        EXPECT_EQ(defectOf(image), "") << image.label;
    };
    const ImageCounts kill = forEachKillImage(disk, check);
    const ImageCounts power = forEachPowerImage(disk, {}, check);
    EXPECT_GT(kill.distinct, 40U);
    EXPECT_GT(power.distinct, 40U);
    EXPECT_GE(kill.generated, kill.distinct);
    EXPECT_GT(power.generated, power.distinct);
}

TEST(CrashImages, HeaderBeforeItsDataIsCaught) {
    const std::set<std::string> defects = powerDefects({.headerFirst = true});
    EXPECT_TRUE(defects.contains("header past the end"));
    EXPECT_TRUE(defects.contains("wrong audio"));
}

TEST(CrashImages, NeverSyncingIsCaught) {
    const std::set<std::string> defects = powerDefects({.syncs = false});
    EXPECT_TRUE(defects.contains("less than promised") || defects.contains("no header"));
    EXPECT_TRUE(defects.contains("wrong audio"));
}

TEST(CrashImages, NeverSyncingPassesKillsAlone) {
    FaultDisk disk;
    Toy{.syncs = false}.run(disk);
    forEachKillImage(disk, [&](const CrashImage& image) { EXPECT_EQ(defectOf(image), ""); });
}

TEST(CrashImages, RenameWithoutFolderSyncIsCaught) {
    EXPECT_TRUE(powerDefects({.syncsFolder = false}).contains("no file"));
}

TEST(CrashImages, HeaderBeforeDataIsCaughtByKillsToo) {
    FaultDisk disk;
    Toy{.headerFirst = true}.run(disk);
    std::set<std::string> defects;
    forEachKillImage(disk, [&](const CrashImage& image) { defects.insert(defectOf(image)); });
    EXPECT_TRUE(defects.contains("header past the end"));
}

TEST(CrashImages, PromiseIsJudgedOnImagesAlreadySeenBeforeIt) {
    FaultDisk disk;
    auto file = disk.create("take", false).value();
    ASSERT_TRUE(disk.sync());
    ASSERT_TRUE(file->writeAt(0, filled(10, 1)));
    disk.acknowledge(10);
    bool isEmptyAfterPromise = false;
    forEachPowerImage(disk, {}, [&](const CrashImage& image) {
        if (image.acknowledged == 10 && image.at("take").empty()) isEmptyAfterPromise = true;
    });
    EXPECT_TRUE(isEmptyAfterPromise);
}

// All distinct contents of one file over all power images.
std::set<Bytes> powerContents(const FaultDisk& disk, const std::string& name,
                              const PowerOptions& options = {}) {
    std::set<Bytes> contents;
    forEachPowerImage(disk, options, [&](const CrashImage& image) {
        if (image.has(name)) contents.insert(image.at(name));
    });
    return contents;
}

Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

TEST(CrashImages, EverySubsetOfUnsyncedWritesOccurs) {
    FaultDisk disk =
        FaultDisk::fromImage(FileMap{{"f", std::make_shared<const Bytes>(filled(4, 9))}});
    auto file = disk.open("f", Access::readWrite).value();
    for (std::uint64_t i = 0; i < 4; ++i) ASSERT_TRUE(file->writeAt(i, filled(1, 1)));
    const std::set<Bytes> contents = powerContents(disk, "f");
    EXPECT_EQ(contents.size(), 16U);
}

TEST(CrashImages, ManyUnsyncedWritesAreSampledWithEachOneLostAndEachOneAlone) {
    constexpr std::size_t kWrites = 40;
    FaultDisk disk =
        FaultDisk::fromImage(FileMap{{"f", std::make_shared<const Bytes>(filled(kWrites, 9))}});
    auto file = disk.open("f", Access::readWrite).value();
    for (std::uint64_t i = 0; i < kWrites; ++i) ASSERT_TRUE(file->writeAt(i, filled(1, 1)));
    const std::set<Bytes> contents = powerContents(disk, "f");
    for (std::size_t i = 0; i < kWrites; ++i) {
        Bytes lost = filled(kWrites, 1);
        Bytes alone = filled(kWrites, 9);
        std::swap(lost[i], alone[i]);
        EXPECT_TRUE(contents.contains(lost)) << i;
        EXPECT_TRUE(contents.contains(alone)) << i;
    }
    EXPECT_LT(contents.size(), 5000U);
}

TEST(CrashImages, UnsyncedWriteIsTornAtSectors) {
    FaultDisk disk =
        FaultDisk::fromImage(FileMap{{"f", std::make_shared<const Bytes>(filled(1536, 9))}});
    auto file = disk.open("f", Access::readWrite).value();
    ASSERT_TRUE(file->writeAt(0, filled(1536, 1)));
    const Bytes old = filled(512, 9);
    const Bytes fresh = filled(512, 1);
    const std::set<Bytes> contents = powerContents(disk, "f");
    EXPECT_TRUE(contents.contains(joined({fresh, old, old})));
    EXPECT_TRUE(contents.contains(joined({fresh, fresh, old})));
    EXPECT_TRUE(contents.contains(joined({old, old, fresh})));
    EXPECT_TRUE(contents.contains(joined({fresh, old, fresh})));
    EXPECT_TRUE(contents.contains(joined({old, fresh, old})));
}

TEST(CrashImages, OneSectorIsTornOnlyOnAMediumThatTearsSectors) {
    FaultDisk disk =
        FaultDisk::fromImage(FileMap{{"f", std::make_shared<const Bytes>(filled(512, 9))}});
    auto file = disk.open("f", Access::readWrite).value();
    ASSERT_TRUE(file->writeAt(0, filled(512, 1)));
    const Bytes torn = joined({filled(64, 1), filled(448, 9)});
    EXPECT_FALSE(powerContents(disk, "f").contains(torn));
    EXPECT_TRUE(powerContents(disk, "f", {.sectorBytes = 64}).contains(torn));
}

TEST(CrashImages, LengthCanGrowWithoutItsBytes) {
    FaultDisk disk =
        FaultDisk::fromImage(FileMap{{"f", std::make_shared<const Bytes>(filled(4, 9))}});
    auto file = disk.open("f", Access::readWrite).value();
    ASSERT_TRUE(file->writeAt(4, filled(4, 1)));
    const std::set<Bytes> contents = powerContents(disk, "f");
    EXPECT_TRUE(contents.contains(joined({filled(4, 9), filled(4, 0)})));
    EXPECT_EQ(contents.size(), 4U) << "lost, kept, zeros, garbage";
}

TEST(CrashImages, NamesAndDataAreIndependent) {
    FaultDisk disk;
    auto file = disk.create("new", false).value();
    ASSERT_TRUE(file->writeAt(0, filled(4, 1)));
    bool isAbsent = false;
    bool isEmpty = false;
    bool isWhole = false;
    forEachPowerImage(disk, {}, [&](const CrashImage& image) {
        isAbsent = isAbsent || !image.has("new");
        isEmpty = isEmpty || (image.has("new") && image.at("new").empty());
        isWhole = isWhole || image.at("new") == filled(4, 1);
    });
    EXPECT_TRUE(isAbsent && isEmpty && isWhole);
}

TEST(CrashImages, FolderSyncMakesNamesCertainAndNotTheirData) {
    FaultDisk disk;
    auto file = disk.create("a", false).value();
    ASSERT_TRUE(file->writeAt(0, filled(4, 1)));
    ASSERT_TRUE(disk.rename("a", "b", Existing::refuse));
    ASSERT_TRUE(disk.sync());
    disk.acknowledge(1);
    bool isEmpty = false;
    forEachPowerImage(disk, {}, [&](const CrashImage& image) {
        if (image.acknowledged != 1) return;
        EXPECT_TRUE(image.has("b") && !image.has("a")) << image.label;
        isEmpty = isEmpty || image.at("b").empty();
    });
    EXPECT_TRUE(isEmpty);
}

TEST(CrashImages, RemoveIsUncertainUntilTheFolderSync) {
    FaultDisk disk =
        FaultDisk::fromImage(FileMap{{"f", std::make_shared<const Bytes>(filled(4, 9))}});
    ASSERT_TRUE(disk.remove("f"));
    std::set<bool> before;
    forEachPowerImage(disk, {}, [&](const CrashImage& image) { before.insert(image.has("f")); });
    EXPECT_EQ(before.size(), 2U);
    ASSERT_TRUE(disk.sync());
    disk.acknowledge(1);
    forEachPowerImage(disk, {}, [&](const CrashImage& image) {
        EXPECT_FALSE(image.acknowledged == 1 && image.has("f"));
    });
}

TEST(CrashImages, NamesInOrderKeepsALinkBeforeItsRemove) {
    FaultDisk disk = FaultDisk::importLog({{.kind = DiskOp::Kind::link, .name = "a", .to = "b"},
                                           {.kind = DiskOp::Kind::remove, .name = "a"}},
                                          {{"a", std::make_shared<const Bytes>(filled(4, 9))}});
    bool isGone = false;
    const auto look = [&](const CrashImage& image) { isGone = isGone || image.files.empty(); };
    forEachPowerImage(disk, {.namesInOrder = true}, look);
    EXPECT_FALSE(isGone);
    forEachPowerImage(disk, {}, look);
    EXPECT_TRUE(isGone);
}

TEST(CrashImages, ManyUnsyncedNamesAreSampledToo) {
    constexpr std::size_t kFiles = 14;
    FaultDisk disk;
    for (std::size_t i = 0; i < kFiles; ++i) ASSERT_TRUE(disk.create(std::to_string(i), false));
    std::set<std::string> onlyMissing;
    std::set<std::string> onlyThere;
    forEachPowerImage(disk, {.randomSubsets = 0}, [&](const CrashImage& image) {
        if (image.files.size() == 1) onlyThere.insert(image.files.begin()->first);
        if (image.files.size() != kFiles - 1) return;
        for (std::size_t i = 0; i < kFiles; ++i) {
            if (!image.has(std::to_string(i))) onlyMissing.insert(std::to_string(i));
        }
    });
    EXPECT_EQ(onlyMissing.size(), kFiles);
    EXPECT_EQ(onlyThere.size(), kFiles);
}

TEST(CrashImages, OneLengthCanGrowOverGarbageAmongWholeWrites) {
    FaultDisk disk =
        FaultDisk::fromImage(FileMap{{"f", std::make_shared<const Bytes>(filled(4, 9))}});
    auto file = disk.open("f", Access::readWrite).value();
    ASSERT_TRUE(file->writeAt(0, filled(4, 1)));
    ASSERT_TRUE(file->writeAt(4, filled(4, 1)));
    std::size_t damaged = 0;
    for (const Bytes& bytes : powerContents(disk, "f")) {
        const bool isHeadKept = bytes.size() == 8 && bytes[0] == std::byte{1};
        if (isHeadKept && Bytes(bytes.begin() + 4, bytes.end()) != filled(4, 1)) ++damaged;
    }
    EXPECT_EQ(damaged, 2U) << "zeros and garbage";
}

TEST(CrashImages, RemoveOfALostFileSparesTheOneItWouldHaveReplaced) {
    FaultDisk disk =
        FaultDisk::fromImage(FileMap{{"a", std::make_shared<const Bytes>(filled(4, 9))}});
    ASSERT_TRUE(disk.rename("a", "z", Existing::refuse));
    ASSERT_TRUE(disk.create("a", false));
    ASSERT_TRUE(disk.remove("a"));
    forEachPowerImage(disk, {}, [&](const CrashImage& image) {
        if (image.label.find("create a: lost") == std::string::npos) return;
        EXPECT_TRUE(image.at("a") == filled(4, 9) || image.at("z") == filled(4, 9)) << image.label;
    });
}

// A recorder that retries a failed sync and believes the second answer.
TEST(CrashImages, SyncThatFailedIsNotMadeGoodByALaterOne) {
    FaultDisk disk;
    disk.failKind(DiskOp::Kind::sync, 0, EIO);
    auto file = disk.create("f", false).value();
    ASSERT_TRUE(disk.sync());
    ASSERT_TRUE(file->writeAt(0, filled(4, 1)));
    ASSERT_FALSE(file->sync());
    ASSERT_TRUE(file->sync());
    disk.acknowledge(1);
    std::set<bool> isKept;
    forEachPowerImage(disk, {}, [&](const CrashImage& image) {
        if (image.acknowledged == 1) isKept.insert(image.at("f") == filled(4, 1));
    });
    EXPECT_EQ(isKept.size(), 2U);
}

TEST(CrashImages, WritingTheSameRangeAgainAfterAFailedSyncIsGood) {
    FaultDisk disk;
    disk.failKind(DiskOp::Kind::sync, 0, EIO);
    auto file = disk.create("f", false).value();
    ASSERT_TRUE(disk.sync());
    ASSERT_TRUE(file->writeAt(0, filled(4, 1)));
    ASSERT_FALSE(file->sync());
    ASSERT_TRUE(file->writeAt(0, filled(2, 1)));
    ASSERT_TRUE(file->writeAt(2, filled(2, 1)));
    ASSERT_TRUE(file->sync());
    for (std::uint64_t promise = 1; promise <= 100; ++promise) disk.acknowledge(promise);
    const ImageCounts counts = forEachPowerImage(disk, {}, [&](const CrashImage& image) {
        if (image.acknowledged == 0) return;
        EXPECT_EQ(image.at("f"), filled(4, 1)) << image.label;
    });
    EXPECT_LT(counts.generated, 500U) << "what was written again is no longer in doubt";
}

TEST(CrashImages, ImageOpensAsAFreshDiskWhoseOwnCrashesAreEnumerated) {
    FaultDisk disk;
    Toy{.rounds = 1}.run(disk);
    std::size_t recovered = 0;
    forEachPowerImage(disk, {}, [&](const CrashImage& image) {
        if (!image.has("take")) return;
        FaultDisk again = FaultDisk::fromImage(image);
        auto file = again.open("take", Access::readWrite).value();
        EXPECT_EQ(file->size().value(), image.at("take").size());
        ASSERT_TRUE(file->writeAt(0, filled(8, 7)));
        bool isUntouched = false;
        forEachPowerImage(again, {}, [&](const CrashImage& second) {
            isUntouched = isUntouched || second.at("take") == image.at("take");
        });
        EXPECT_TRUE(isUntouched);
        ++recovered;
    });
    EXPECT_GT(recovered, 5U);
}

TEST(CrashImages, ImportedLogGivesTheSameImages) {
    FaultDisk disk;
    Toy{}.run(disk);
    const FaultDisk imported = FaultDisk::importLog(disk.log());
    std::vector<std::string> labels[2];
    forEachPowerImage(disk, {}, [&](const CrashImage& i) { labels[0].push_back(i.label); });
    forEachPowerImage(imported, {}, [&](const CrashImage& i) { labels[1].push_back(i.label); });
    EXPECT_EQ(labels[0], labels[1]);
}

}  // namespace
}  // namespace holdfast
