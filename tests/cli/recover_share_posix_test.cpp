// Real file systems whose files can share blocks: a copy takes no second room for the audio.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdlib>

#include "iocore/recovery/recovery_writer.h"
#include "tests/support/recover_rig_posix.h"
#include "tests/support/take_builder.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kFrames = 4'000'000;

// A small disk of its own over the folder of the takes.
class SharingDisk : public testing::TestWithParam<const char*> {
  protected:
    ~SharingDisk() override {
        if (mounted_) ::umount(rig_.folder().c_str());
        std::remove(image_.c_str());
    }

    bool mountIt() {
        const std::string make = fmt::format(
            "PATH=$PATH:/usr/sbin:/sbin; truncate -s 400M '{0}' && mkfs.{1} -q '{0}' >/dev/null "
            "2>&1 && mount -o loop '{0}' '{2}' 2>/dev/null",
            image_, GetParam(), rig_.folder());
        mounted_ = ::geteuid() == 0 && std::system(make.c_str()) == 0;
        return mounted_;
    }

    std::uint64_t freeBytes() const {
        struct statvfs status {};
        EXPECT_EQ(::statvfs(rig_.folder().c_str(), &status), 0);
        return std::uint64_t{status.f_bfree} * status.f_frsize;
    }

    // Bytes of the file that other files have as well.
    std::uint64_t sharedBytes(const std::string& name) const {
        const int fd = ::open(rig_.path(name).c_str(), O_RDONLY | O_CLOEXEC);
        constexpr std::uint32_t kExtents = 512;
        std::vector<std::uint64_t> room(
            (sizeof(struct fiemap) + kExtents * sizeof(struct fiemap_extent)) / 8);
        auto* map = reinterpret_cast<struct fiemap*>(room.data());
        map->fm_length = FIEMAP_MAX_OFFSET;
        map->fm_flags = FIEMAP_FLAG_SYNC;
        map->fm_extent_count = kExtents;
        EXPECT_EQ(::ioctl(fd, FS_IOC_FIEMAP, map), 0);
        ::close(fd);
        std::uint64_t shared = 0;
        for (std::uint32_t i = 0; i < map->fm_mapped_extents; ++i) {
            const struct fiemap_extent& extent = map->fm_extents[i];
            if ((extent.fe_flags & FIEMAP_EXTENT_SHARED) != 0) shared += extent.fe_length;
        }
        return shared;
    }

    RecoverRig rig_;
    bool mounted_ = false;
    const std::string image_ = rig_.folder() + ".image";
};

TEST_P(SharingDisk, CopyTakesNoSecondRoomForTheAudio) {
    if (!mountIt()) GTEST_SKIP() << "no " << GetParam() << " can be mounted here (needs root)";
    const BuiltTake take = buildTake({.committedFrames = kFrames,
                                      .tailFrames = 500,
                                      .segmentFrames = 12'000,
                                      .markers = {{77, "here"}}});
    FaultDisk plain = take.disk();
    RepairOptions options;
    options.scan = take.options();
    ASSERT_TRUE(repairCopy(plain, "take.wav", options).has_value());
    for (const auto& [name, bytes] : take.files) {
        writeFile(rig_.path(name), {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    }
    ::sync();
    const std::uint64_t before = freeBytes();
    const auto repaired = rig_.recoverJson({"repair", "take.wav"});
    EXPECT_EQ(repaired["exit"], 1);
    EXPECT_EQ(repaired["unverified_frames"], 500);
    ::sync();
    const std::uint64_t after = freeBytes();
    constexpr std::uint64_t kAudio = 2 * kFrames;
    EXPECT_GT(sharedBytes("take.recovered.wav"), kAudio - (1 << 20));
    EXPECT_LT(before - std::min(before, after), kAudio / 2);
    const Bytes expected = fileOf(plain, "take.recovered.wav");
    const std::string got = readFile(rig_.path("take.recovered.wav"));
    EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(got)), expected));
    EXPECT_EQ(rig_.recoverJson({"check", "take.recovered.wav"})["exit"], 0);
}

INSTANTIATE_TEST_SUITE_P(FileSystems, SharingDisk, testing::Values("btrfs", "xfs"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace holdfast
