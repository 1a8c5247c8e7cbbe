// What DiskFile and DiskFolder add on Windows to disk_file_test.cpp: who else may open a file.
#include <gtest/gtest.h>
#include <windows.h>

#include <cerrno>
#include <filesystem>
#include <future>
#include <latch>
#include <string>

#include "iocore/base/path_text.h"
#include "iocore/base/utf16_win32.h"
#include "iocore/disk/disk_file.h"
#include "iocore/disk/own_files_win32.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

std::span<const std::byte> bytesOf(std::string_view text) {
    return std::as_bytes(std::span(text));
}

constexpr DWORD kAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

// As another program opens a file; closed with it.
class Other {
  public:
    Other(const std::wstring& path, DWORD access, DWORD sharing)
        : handle_(CreateFileW(path.c_str(), access, sharing, nullptr, OPEN_EXISTING, 0, nullptr)),
          error_(handle_ == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS) {}
    ~Other() {
        if (handle_ != INVALID_HANDLE_VALUE) CloseHandle(handle_);
    }
    Other(const Other&) = delete;
    Other& operator=(const Other&) = delete;
    [[nodiscard]] DWORD error() const { return error_; }
    [[nodiscard]] std::string text() const {
        std::string text(100, '?');
        DWORD got = 0;
        (void)ReadFile(handle_, text.data(), 100, &got, nullptr);
        return text.substr(0, got);
    }

  private:
    HANDLE handle_;
    DWORD error_;
};

class DiskFileWindows : public testing::Test {
  protected:
    std::wstring pathOf(const std::string& name) {
        return systemPath(joinPath(folder_->path(), name)).value();
    }
    // Under its final name, as a take is from its first commit on.
    std::unique_ptr<DiskFile> growing() {
        auto file = folder_->create("take.part.wav", false).value();
        EXPECT_TRUE(file->tryLock().value());
        EXPECT_TRUE(file->writeAt(0, bytesOf("audio")));
        EXPECT_TRUE(folder_->rename("take.part.wav", "take.wav", Existing::refuse));
        return file;
    }

    TempFolder temp_;
    std::unique_ptr<DiskFolder> folder_ = openFolder(textOfPath(temp_.path())).value();
};

TEST_F(DiskFileWindows, PlayersReadWhatIsWritten) {
    const auto file = growing();
    const Other player(pathOf("take.wav"), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE);
    EXPECT_EQ(player.error(), DWORD{ERROR_SUCCESS});
    EXPECT_EQ(player.text(), "audio");
    EXPECT_TRUE(file->writeAt(5, bytesOf("!")));
}

TEST_F(DiskFileWindows, NobodyElseWritesRenamesOrRemovesWhatIsWritten) {
    const auto file = growing();
    const std::wstring path = pathOf("take.wav");
    EXPECT_EQ(Other(path, GENERIC_WRITE, kAll).error(), DWORD{ERROR_SHARING_VIOLATION});
    EXPECT_EQ(Other(path, DELETE, kAll).error(), DWORD{ERROR_SHARING_VIOLATION});
    EXPECT_FALSE(DeleteFileW(path.c_str()));
    EXPECT_FALSE(MoveFileW(path.c_str(), pathOf("elsewhere.wav").c_str()));
    EXPECT_EQ(folder_->open("take.wav", Access::readWrite).error().code, EBUSY);
    EXPECT_TRUE(file->writeAt(5, bytesOf("!")));
}

// Nothing of the take is lost when a player lets nobody remove what it reads.
TEST_F(DiskFileWindows, RemovalThatAPlayerForbidsLeavesTheFileInUse) {
    const auto file = growing();
    {
        const Other player(pathOf("take.wav"), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE);
        ASSERT_EQ(player.error(), DWORD{ERROR_SUCCESS});
        EXPECT_EQ(folder_->remove("take.wav").error().code, EBUSY);
        EXPECT_EQ(folder_->rename("take.wav", "x.wav", Existing::refuse).error().code, EBUSY);
        EXPECT_TRUE(file->writeAt(5, bytesOf("!")));
        EXPECT_TRUE(file->sync());
        EXPECT_FALSE(folder_->open("take.wav", Access::read).value()->tryLock().value());
    }
    EXPECT_TRUE(folder_->remove("take.wav"));
    EXPECT_FALSE(folder_->exists("take.wav"));
    EXPECT_EQ(file->writeAt(0, bytesOf("?")).error().code, EBADF);
}

TEST_F(DiskFileWindows, RoomIsKeptOverARename) {
    const auto roomOf = [&](const std::string& name) {
        FILE_STANDARD_INFO info{};
        const auto handle = ownFileAt(pathOf(name));
        EXPECT_NE(handle, nullptr);
        handle->with([&](HANDLE file) {
            GetFileInformationByHandleEx(file, FileStandardInfo, &info, sizeof info);
        });
        return info.AllocationSize.QuadPart - info.EndOfFile.QuadPart;
    };
    constexpr LONGLONG kRoom = 1 << 20;
    auto file = folder_->create("a", false).value();
    ASSERT_TRUE(file->writeAt(0, bytesOf("audio")));
    ASSERT_TRUE(file->reserve(kRoom));
    if (roomOf("a") < kRoom) GTEST_SKIP() << "this system keeps no room";
    ASSERT_TRUE(folder_->rename("a", "b", Existing::refuse));
    EXPECT_GE(roomOf("b"), kRoom);
    ASSERT_TRUE(file->releaseReserve());
    EXPECT_LT(roomOf("b"), kRoom);
    EXPECT_EQ(file->size().value(), 5U);
}

TEST_F(DiskFileWindows, FolderStaysWhereItIsWhileATakeRunsInIt) {
    std::filesystem::create_directory(temp_.path() / "takes");
    auto inner = openFolder(joinPath(folder_->path(), "takes")).value();
    EXPECT_FALSE(MoveFileW(pathOf("takes").c_str(), pathOf("away").c_str()));
    EXPECT_FALSE(RemoveDirectoryW(pathOf("takes").c_str()));
    inner.reset();
    EXPECT_TRUE(RemoveDirectoryW(pathOf("takes").c_str()));
}

TEST_F(DiskFileWindows, NamesThatMeanSomethingElseAreRefused) {
    for (const std::string name : {"a\\b", "take.wav:stream", "C:", "\xff\xfe"}) {
        EXPECT_EQ(folder_->create(name, false).error().code, EINVAL) << name;
        EXPECT_FALSE(folder_->exists(name)) << name;
    }
    EXPECT_TRUE(folder_->list().value().empty());
}

TEST_F(DiskFileWindows, PathsMayBeLongerThan260) {
    std::string path = folder_->path();
    std::unique_ptr<DiskFolder> folder;
    for (int depth = 0; depth < 8; ++depth) {
        path = joinPath(path, std::string(60, static_cast<char>('a' + depth)));
        ASSERT_TRUE(CreateDirectoryW(systemPath(path)->c_str(), nullptr)) << GetLastError();
        folder = openFolder(path).value();
    }
    ASSERT_GT(path.size(), 480U);
    auto file = folder->create("take.part.wav", false).value();
    ASSERT_TRUE(file->writeAt(0, bytesOf("audio")));
    ASSERT_TRUE(folder->rename("take.part.wav", "take.wav", Existing::refuse));
    EXPECT_TRUE(folder->sync());
    EXPECT_EQ(folder->path(), path);
    file.reset();
    EXPECT_TRUE(folder->remove("take.wav"));
    // What removes the test's folder afterwards cannot go as deep.
    folder.reset();
    for (; path.size() > folder_->path().size(); path = folderOfPath(path)) {
        EXPECT_TRUE(RemoveDirectoryW(systemPath(path)->c_str())) << GetLastError();
    }
}

TEST_F(DiskFileWindows, ModificationTimeIsKeptTo100Nanoseconds) {
    auto file = folder_->create("f", false).value();
    for (const std::int64_t time : {1'234'567'890'123'456'700LL, 0LL, -100LL}) {
        ASSERT_TRUE(file->setModificationTime(time));
        EXPECT_EQ(file->modificationTime().value(), time);
    }
}

TEST_F(DiskFileWindows, LinksAreNotFollowed) {
    std::filesystem::create_directory(temp_.path() / "real");
    folder_->create("target", false).value().reset();
    constexpr DWORD kForEverybody = SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE;
    CreateSymbolicLinkW(pathOf("link").c_str(), pathOf("target").c_str(), kForEverybody);
    // Wine says that it has made one.
    if (!folder_->exists("link")) GTEST_SKIP() << "no links here";
    CreateSymbolicLinkW(pathOf("folder").c_str(), pathOf("real").c_str(),
                        kForEverybody | SYMBOLIC_LINK_FLAG_DIRECTORY);
    EXPECT_EQ(folder_->open("link", Access::read).error().code, ELOOP);
    EXPECT_EQ(folder_->create("link", false).error().code, EEXIST);
    EXPECT_EQ(folder_->folders().value(), std::vector<std::string>{"real"});
}

// A rename on a disk that hangs must not hold up the spill folder.
TEST_F(DiskFileWindows, FileThatHangsHoldsUpNoOther) {
    const auto file = growing();
    std::latch hangs(1);
    std::latch isHanging(1);
    const auto handle = ownFileAt(pathOf("take.wav"));
    ASSERT_NE(handle, nullptr);
    auto call = std::async(std::launch::async, [&] {
        handle->with([&](HANDLE) {
            isHanging.count_down();
            hangs.wait();
        });
    });
    isHanging.wait();
    auto rename = std::async(std::launch::async, [&] {
        return folder_->rename("take.wav", "other.wav", Existing::refuse).has_value();
    });
    auto spill = std::async(std::launch::async, [&] {
        for (int i = 0; i < 200; ++i) {
            folder_->create("spill", false).value().reset();
            if (!folder_->remove("spill")) return false;
        }
        return true;
    });
    EXPECT_EQ(spill.wait_for(std::chrono::seconds(60)), std::future_status::ready);
    hangs.count_down();
    EXPECT_TRUE(spill.get());
    EXPECT_TRUE(rename.get());
    call.get();
}

}  // namespace
}  // namespace holdfast
