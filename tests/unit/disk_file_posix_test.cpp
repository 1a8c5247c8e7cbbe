// What DiskFile and DiskFolder add on POSIX to disk_file_test.cpp.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "iocore/disk/disk_file.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

std::span<const std::byte> bytesOf(std::string_view text) {
    return std::as_bytes(std::span(text));
}

class DiskFilePosix : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "disk_XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        path_ = fs::canonical(pattern);
        folder_ = openFolder(path_).value();
    }
    void TearDown() override { fs::remove_all(path_); }

    void put(const std::string& name, const std::string& text) {
        std::ofstream(path_ / name, std::ios::binary) << text;
    }

    // The error of opening `name`, which must fail in both modes with the same words.
    Error refusal(const std::string& name) {
        const auto writing = folder_->open(name, Access::readWrite);
        const auto reading = folder_->open(name, Access::read);
        if (writing || reading) {
            ADD_FAILURE() << name << " was opened";
            return {};
        }
        EXPECT_EQ(writing.error().text, reading.error().text);
        return reading.error();
    }

    fs::path path_;
    std::unique_ptr<DiskFolder> folder_;
};

TEST_F(DiskFilePosix, CreateDoesNotFollowALink) {
    fs::create_symlink(path_ / "elsewhere", path_ / "link");
    EXPECT_EQ(folder_->create("link", false).error().code, EEXIST);
    EXPECT_FALSE(fs::exists(path_ / "elsewhere"));
}

TEST_F(DiskFilePosix, OwnerOnlyFilesAreUnreadableForOthers) {
    const mode_t before = ::umask(022);
    ASSERT_TRUE(folder_->create("secret", true));
    ASSERT_TRUE(folder_->create("plain", false));
    ::umask(before);
    struct stat status {};
    ASSERT_EQ(::stat((path_ / "secret").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    ASSERT_EQ(::stat((path_ / "plain").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0644U);
}

TEST_F(DiskFilePosix, DescriptorsAreNotInherited) {
    auto file = folder_->create("f", false).value();
    auto again = folder_->open("f", Access::read).value();
    int found = 0;
    for (int fd = 3; fd < 256; ++fd) {
        std::error_code error;
        const fs::path target = fs::read_symlink("/proc/self/fd/" + std::to_string(fd), error);
        if (error || !target.string().starts_with(path_.string())) continue;
        ++found;
        EXPECT_TRUE((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0) << target;
    }
    EXPECT_EQ(found, 3) << "two handles and the folder";
}

TEST_F(DiskFilePosix, OpenNamesWhatIsNoRegularFile) {
    fs::create_directory(path_ / "folder");
    put("target", "x");
    fs::create_symlink("target", path_ / "link");
    ASSERT_EQ(::mkfifo((path_ / "fifo").c_str(), 0600), 0);
    EXPECT_EQ(refusal("folder").message(), "disk: folder: is a folder, not a regular file (21)");
    EXPECT_EQ(refusal("link").text, "link: is a symbolic link, not a regular file");
    EXPECT_EQ(refusal("fifo").text, "fifo: is a FIFO, not a regular file");
    EXPECT_EQ(refusal("none").message(), "disk: none: No such file or directory (2)");
    const auto devices = openFolder("/dev").value();
    EXPECT_EQ(devices->open("null", Access::read).error().text,
              "null: is a device, not a regular file");
}

TEST_F(DiskFilePosix, FolderFollowsItsOwnMove) {
    fs::create_directory(path_ / "one");
    auto inner = openFolder(path_ / "one").value();
    fs::rename(path_ / "one", path_ / "two");
    ASSERT_TRUE(inner->create("f", false));
    EXPECT_TRUE(fs::exists(path_ / "two" / "f"));
}

TEST_F(DiskFilePosix, OpenFolderNamesWhatIsMissing) {
    put("f", "");
    EXPECT_EQ(openFolder(path_ / "none").error().code, ENOENT);
    EXPECT_EQ(openFolder(path_ / "f").error().code, ENOTDIR);
    EXPECT_NE(openFolder(path_ / "none").error().text.find("none"), std::string::npos);
    EXPECT_EQ(openFolder(path_.string() + "/.").value()->path(), path_.string());
}

TEST_F(DiskFilePosix, ModificationTimeIsKeptToTheNanosecond) {
    auto file = folder_->create("f", false).value();
    for (const std::int64_t time : {1'234'567'890'123'456'789LL, 0LL, -1LL}) {
        ASSERT_TRUE(file->setModificationTime(time));
        EXPECT_EQ(file->modificationTime().value(), time);
    }
}

// Exit status of a child that does `body`; the child has its own opening of everything.
template <typename Body>
int inChild(Body body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(DiskFilePosix, LockOfALivingWriterIsSeenByAnotherProcess) {
    enum { kFree = 10, kTaken = 11, kFailed = 12 };
    const auto lockAs = [&](Access access) {
        return inChild([&] {
            auto file = openFolder(path_).value()->open("f", access);
            if (!file) return static_cast<int>(kFailed);
            const auto locked = (*file)->tryLock();
            if (!locked) return static_cast<int>(kFailed);
            return static_cast<int>(*locked ? kFree : kTaken);
        });
    };
    auto writer = folder_->create("f", false).value();
    EXPECT_EQ(lockAs(Access::readWrite), kFree);
    ASSERT_TRUE(writer->tryLock().value());
    EXPECT_EQ(lockAs(Access::readWrite), kTaken);
    EXPECT_EQ(lockAs(Access::read), kTaken);
    // Closing another handle of the same file must not drop it, as the older kind of lock would.
    folder_->open("f", Access::read).value().reset();
    EXPECT_EQ(lockAs(Access::readWrite), kTaken);
    EXPECT_FALSE(folder_->open("f", Access::readWrite).value()->tryLock().value());
    writer.reset();
    EXPECT_EQ(lockAs(Access::readWrite), kFree);
}

TEST_F(DiskFilePosix, FullDiskSaysSoAndKeepsWhatFitted) {
    constexpr std::size_t kBytes = 256 << 10;
    const std::string options = "size=" + std::to_string(kBytes);
    if (::mount("tmpfs", path_.c_str(), "tmpfs", 0, options.c_str()) != 0) {
        GTEST_SKIP() << "cannot mount a small tmpfs: " << std::strerror(errno);
    }
    {
        auto small = openFolder(path_).value();
        EXPECT_EQ(small->freeBytes().value(), kBytes);
        auto file = small->create("take.wav", false).value();
        const std::string text(2 * kBytes, 'a');
        const auto full = file->writeAt(0, bytesOf(text));
        EXPECT_FALSE(full);
        if (!full) {
            EXPECT_EQ(full.error().message(), "disk: take.wav: No space left on device (28)");
        }
        EXPECT_EQ(file->size().value(), kBytes);
        EXPECT_EQ(small->freeBytes().value(), 0U);
        EXPECT_TRUE(file->writeAt(0, bytesOf("header")));
    }
    EXPECT_EQ(::umount(path_.c_str()), 0);
}

}  // namespace
}  // namespace holdfast
