#include "iocore/ring/ring_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace holdfast {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kBytes = 1 << 20;

// A folder of its own for each test.
class RingMemoryTest : public testing::Test {
  protected:
    RingMemoryTest() {
        std::string pattern = testing::TempDir() + "holdfast-ring-XXXXXX";
        if (mkdtemp(pattern.data()) == nullptr) std::abort();
        root_ = pattern;
    }
    ~RingMemoryTest() override {
        for (const fs::path& mount : mounts_) umount(mount.c_str());
        fs::remove_all(root_);
    }
    // A memory file system, or why there is none.
    std::optional<std::string> mountTmpfs(const fs::path& at, const char* options) {
        fs::create_directories(at);
        if (mount("tmpfs", at.c_str(), "tmpfs", 0, options) != 0) return std::strerror(errno);
        mounts_.push_back(at);
        return std::nullopt;
    }
    static std::size_t filesIn(const fs::path& folder) {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
    }

    fs::path root_;
    std::vector<fs::path> mounts_;
    TakeId takeId_ = TakeId::random();
};

// Sets an environment variable, or takes it away, until the end of the scope.
class WithVariable {
  public:
    WithVariable(const char* name, const char* value) : name_(name) {
        if (const char* old = std::getenv(name)) old_ = old;
        set(value);
    }
    ~WithVariable() { set(old_ ? old_->c_str() : nullptr); }
    WithVariable(const WithVariable&) = delete;
    WithVariable& operator=(const WithVariable&) = delete;

  private:
    void set(const char* value) {
        if (value != nullptr) {
            setenv(name_, value, 1);
        } else {
            unsetenv(name_);
        }
    }
    const char* name_;
    std::optional<std::string> old_;
};

TEST_F(RingMemoryTest, PlacesComeInOrderAndFromTheEnvironment) {
    const std::string shared = fmt::format("/dev/shm/holdfast-{}", geteuid());
    const WithVariable runtime("XDG_RUNTIME_DIR", root_.c_str());
    const WithVariable home("HOME", "/home/someone");
    {
        const WithVariable state("XDG_STATE_HOME", nullptr);
        EXPECT_EQ(RingMemory::places(),
                  (std::vector<std::string>{root_ / "holdfast", shared,
                                            "/home/someone/.local/state/holdfast"}));
    }
    const WithVariable state("XDG_STATE_HOME", "/state");
    EXPECT_EQ(RingMemory::places().back(), "/state/holdfast");
    const WithVariable missing("XDG_RUNTIME_DIR", (root_ / "missing").c_str());
    EXPECT_EQ(RingMemory::places(), (std::vector<std::string>{shared, "/state/holdfast"}));
    const WithVariable relative("XDG_STATE_HOME", "state");
    const WithVariable homeless("HOME", "");
    EXPECT_EQ(RingMemory::places(), std::vector<std::string>{shared});
}

TEST_F(RingMemoryTest, FileIsReallyAllocatedAndForThisUserOnly) {
    const fs::path folder = root_ / "state" / "holdfast";
    const auto memory = RingMemory::create({folder}, takeId_, kBytes);
    ASSERT_TRUE(memory) << memory.error().message();
    EXPECT_TRUE(memory->persistent());
    EXPECT_EQ(memory->whyNot(), "");
    EXPECT_EQ(memory->path(), (folder / (takeId_.hex() + ".ring")).string());
    EXPECT_EQ(memory->bytes().size(), kBytes);
    struct stat status {};
    ASSERT_EQ(stat(memory->path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_EQ(static_cast<std::uint64_t>(status.st_size), kBytes);
    EXPECT_GE(static_cast<std::uint64_t>(status.st_blocks) * 512, kBytes);
    ASSERT_EQ(stat(folder.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700u);
}

TEST_F(RingMemoryTest, FolderThatIsTooOpenIsMadePrivate) {
    fs::create_directory(root_ / "open");
    fs::permissions(root_ / "open", fs::perms::all);
    ASSERT_TRUE(RingMemory::create({root_ / "open"}, takeId_, kBytes)->persistent());
    EXPECT_EQ(fs::status(root_ / "open").permissions(), fs::perms::owner_all);
}

TEST_F(RingMemoryTest, FolderThatIsALinkIsPassedOver) {
    fs::create_directory(root_ / "real");
    fs::create_directory_symlink(root_ / "real", root_ / "link");
    const auto memory = RingMemory::create({root_ / "link", root_ / "next"}, takeId_, kBytes);
    ASSERT_TRUE(memory);
    EXPECT_EQ(fs::path(memory->path()).parent_path(), root_ / "next");
    EXPECT_EQ(filesIn(root_ / "real"), 0u);
}

TEST_F(RingMemoryTest, FolderOfAnotherUserIsPassedOver) {
    if (geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
    fs::create_directory(root_ / "theirs");
    ASSERT_EQ(chown((root_ / "theirs").c_str(), 12345, 12345), 0);
    const auto memory = RingMemory::create({root_ / "theirs"}, takeId_, kBytes);
    ASSERT_TRUE(memory);
    EXPECT_FALSE(memory->persistent());
    EXPECT_NE(memory->whyNot().find("theirs: belongs to another user"), std::string::npos);
    EXPECT_EQ(filesIn(root_ / "theirs"), 0u);
}

TEST_F(RingMemoryTest, TakenNameIsLeftAlone) {
    const fs::path path = root_ / (takeId_.hex() + ".ring");
    std::ofstream(path) << "precious";
    const auto memory = RingMemory::create({root_}, takeId_, kBytes);
    ASSERT_TRUE(memory);
    EXPECT_FALSE(memory->persistent());
    EXPECT_EQ(fs::file_size(path), 8u);
    fs::remove(path);
    fs::create_symlink(root_ / "elsewhere", path);
    EXPECT_FALSE(RingMemory::create({root_}, takeId_, kBytes)->persistent());
    EXPECT_FALSE(fs::exists(root_ / "elsewhere"));
}

TEST_F(RingMemoryTest, PlaceThatCannotHoldItIsLeftCleanAndTheNextIsTried) {
    // The child has a limit of its own, so that this process keeps none.
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{kBytes / 2, kBytes / 2};
        setrlimit(RLIMIT_FSIZE, &limit);
        const auto memory = RingMemory::create({root_ / "a", root_ / "b"}, takeId_, kBytes);
        const bool right = memory && !memory->persistent() && memory->path().empty() &&
                           memory->bytes().size() == kBytes &&
                           memory->whyNot().find("/a/") != std::string::npos &&
                           memory->whyNot().find("/b/") != std::string::npos;
        _exit(right ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(filesIn(root_ / "a"), 0u);
    EXPECT_EQ(filesIn(root_ / "b"), 0u);
}

TEST_F(RingMemoryTest, FullFileSystemIsLeftCleanAndTheNextIsTried) {
    // Memory for the ring is there, but not one more file: the root folder and `full` are two.
    const fs::path mount = root_ / "mount";
    if (const auto why = mountTmpfs(mount, "size=16m,nr_inodes=2")) {
        GTEST_SKIP() << "no tmpfs can be mounted: " << *why;
    }
    const auto memory = RingMemory::create({mount / "full", root_ / "next"}, takeId_, kBytes);
    ASSERT_TRUE(memory);
    EXPECT_TRUE(memory->persistent());
    EXPECT_EQ(fs::path(memory->path()).parent_path(), root_ / "next");
    EXPECT_EQ(filesIn(mount / "full"), 0u);
    const auto none = RingMemory::create({mount / "full"}, takeId_, kBytes);
    EXPECT_NE(none->whyNot().find(std::strerror(ENOSPC)), std::string::npos) << none->whyNot();
}

// A file with a hole could be made there; the first store behind the free space would be a SIGBUS.
TEST_F(RingMemoryTest, SpaceThatIsNotThereIsNotPromised) {
    const fs::path mount = root_ / "disk";
    const fs::path image = root_ / "image";
    fs::create_directory(mount);
    std::ofstream(image).close();
    fs::resize_file(image, 4 << 20);
    const std::string command =
        fmt::format("mkfs.ext4 -q {0} 2>/dev/null && mount -o loop {0} {1} 2>/dev/null",
                    image.string(), mount.string());
    if (std::system(command.c_str()) != 0) GTEST_SKIP() << "no small disk can be mounted here";
    mounts_.push_back(mount);
    const auto memory = RingMemory::create({mount / "own"}, takeId_, 8 << 20);
    ASSERT_TRUE(memory);
    EXPECT_FALSE(memory->persistent());
    EXPECT_NE(memory->whyNot().find(std::strerror(ENOSPC)), std::string::npos) << memory->whyNot();
    EXPECT_EQ(filesIn(mount / "own"), 0u);
}

TEST_F(RingMemoryTest, AtMostHalfOfAMemoryFileSystemIsTaken) {
    const fs::path mount = root_ / "mount";
    if (const auto why = mountTmpfs(mount, "size=2m")) {
        GTEST_SKIP() << "no tmpfs can be mounted: " << *why;
    }
    const auto large = RingMemory::create({mount / "own"}, takeId_, kBytes + 4096);
    ASSERT_TRUE(large);
    EXPECT_FALSE(large->persistent());
    EXPECT_NE(large->whyNot().find("more than half"), std::string::npos) << large->whyNot();
    EXPECT_EQ(filesIn(mount / "own"), 0u);
    const auto half = RingMemory::create({mount / "own"}, takeId_, kBytes);
    ASSERT_TRUE(half);
    EXPECT_TRUE(half->persistent()) << half->whyNot();
    EXPECT_TRUE(half->inMemory());
}

TEST_F(RingMemoryTest, WhetherItLiesInMemoryIsTold) {
    const auto memory = RingMemory::create({root_ / "own"}, takeId_, kBytes);
    ASSERT_TRUE(memory && memory->persistent());
    struct statfs system {};
    ASSERT_EQ(statfs(root_.c_str(), &system), 0);
    EXPECT_EQ(memory->inMemory(), system.f_type == 0x01021994);  // TMPFS_MAGIC, statfs(2)
    EXPECT_TRUE(RingMemory::anonymous(kBytes)->inMemory());
}

TEST_F(RingMemoryTest, BytesSurviveAKill) {
    const fs::path path = root_ / (takeId_.hex() + ".ring");
    const pid_t child = fork();
    if (child == 0) {
        const auto memory = RingMemory::create({root_}, takeId_, kBytes);
        if (!memory) _exit(1);
        std::fill(memory->bytes().begin(), memory->bytes().end(), std::byte{'x'});
        raise(SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(text, std::string(kBytes, 'x'));
}

TEST_F(RingMemoryTest, OnlyRemoveFileTakesTheFileAway) {
    std::string path;
    {
        const auto memory = RingMemory::create({root_}, takeId_, kBytes);
        path = memory->path();
    }
    EXPECT_TRUE(fs::exists(path));
    auto memory = RingMemory::create({root_}, TakeId::random(), kBytes);
    EXPECT_TRUE(memory->removeFile());
    EXPECT_FALSE(fs::exists(memory->path()));
    EXPECT_TRUE(memory->removeFile());
    memory->bytes().back() = std::byte{1};  // still mapped
    EXPECT_TRUE(RingMemory::anonymous(kBytes)->removeFile());
}

TEST_F(RingMemoryTest, MoveLeavesOneOwner) {
    auto first = RingMemory::create({root_}, takeId_, kBytes).value();
    const std::string path = first.path();
    first.bytes()[5] = std::byte{9};
    RingMemory second = std::move(first);
    EXPECT_EQ(second.path(), path);
    EXPECT_EQ(second.bytes()[5], std::byte{9});
    RingMemory third = RingMemory::anonymous(4096).value();
    third = std::move(second);
    EXPECT_EQ(third.bytes()[5], std::byte{9});
    EXPECT_TRUE(third.persistent());
}

TEST_F(RingMemoryTest, PlainMemorySaysWhy) {
    const auto plain = RingMemory::anonymous(kBytes);
    ASSERT_TRUE(plain);
    EXPECT_FALSE(plain->persistent());
    EXPECT_FALSE(plain->whyNot().empty());
    const auto relative = RingMemory::create({"some/folder"}, takeId_, kBytes);
    ASSERT_TRUE(relative);
    EXPECT_EQ(relative->whyNot(), "some/folder: not an absolute path");
}

TEST_F(RingMemoryTest, SizesThatCannotBeAreRefused) {
    for (const std::uint64_t bytes :
         {std::uint64_t{0}, std::uint64_t{1} << 63, ~std::uint64_t{0}, std::uint64_t{1} << 60}) {
        const auto memory = RingMemory::create({root_ / "own"}, takeId_, bytes);
        ASSERT_FALSE(memory) << bytes;
        EXPECT_EQ(memory.error().stage, Stage::ring);
    }
    EXPECT_EQ(filesIn(root_ / "own"), 0u);
}

}  // namespace
}  // namespace holdfast
