// The contract of DiskFile and DiskFolder, on the system's own files.
#include "iocore/disk/disk_file.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include "iocore/base/path_text.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

std::span<const std::byte> bytesOf(std::string_view text) {
    return std::as_bytes(std::span(text));
}

class DiskFileTest : public testing::Test {
  protected:
    void put(const std::string& name, const std::string& text) {
        std::ofstream(temp_.path() / name, std::ios::binary) << text;
    }

    std::string contentOf(const std::string& name) {
        auto file = folder_->open(name, Access::read);
        std::string text(100, '?');
        const auto got =
            file ? (*file)->readAt(0, std::as_writable_bytes(std::span(text))) : Result<size_t>(0);
        return text.substr(0, got.value_or(0));
    }

    TempFolder temp_;
    std::unique_ptr<DiskFolder> folder_ = openFolder(textOfPath(temp_.path())).value();
};

TEST_F(DiskFileTest, BytesAreReadBackWhereTheyWereWritten) {
    auto file = folder_->create("f", false).value();
    ASSERT_TRUE(file->writeAt(3, bytesOf("abc")));
    ASSERT_TRUE(file->writeAt(4, bytesOf("X")));
    EXPECT_EQ(file->size().value(), 6U);
    std::string text(10, '?');
    EXPECT_EQ(file->readAt(2, std::as_writable_bytes(std::span(text))).value(), 4U);
    EXPECT_EQ(text.substr(0, 4), std::string("\0aXc", 4));
    EXPECT_EQ(file->readAt(6, std::as_writable_bytes(std::span(text))).value(), 0U);
    EXPECT_EQ(file->readAt(~0ULL, std::as_writable_bytes(std::span(text))).value(), 0U);
    EXPECT_TRUE(file->sync());
    EXPECT_TRUE(folder_->sync());
}

TEST_F(DiskFileTest, HolesReadAsZerosBeyond4GiB) {
    auto file = folder_->create("f", false).value();
    constexpr std::uint64_t kFar = 5ULL << 30;
    if (const auto far = file->writeAt(kFar, bytesOf("end")); !far) {
        GTEST_SKIP() << "no sparse file of 5 GiB here: " << far.error().text;
    }
    EXPECT_EQ(file->size().value(), kFar + 3);
    std::string text(8, '?');
    EXPECT_EQ(file->readAt(kFar - 5, std::as_writable_bytes(std::span(text))).value(), 8U);
    EXPECT_EQ(text, std::string("\0\0\0\0\0end", 8));
}

TEST_F(DiskFileTest, ResizeCutsAndExtendsWithZeros) {
    auto file = folder_->create("f", false).value();
    ASSERT_TRUE(file->writeAt(0, bytesOf("abcdef")));
    ASSERT_TRUE(file->resize(2));
    ASSERT_TRUE(file->resize(4));
    EXPECT_EQ(contentOf("f"), std::string("ab\0\0", 4));
}

TEST_F(DiskFileTest, CreateRefusesATakenNameAndLeavesItAlone) {
    put("f", "old");
    const auto taken = folder_->create("f", false);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, EEXIST);
    EXPECT_EQ(taken.error().message(), "disk: f: File exists (17)");
    EXPECT_EQ(contentOf("f"), "old");
}

TEST_F(DiskFileTest, OnlyPlainNamesAreTaken) {
    put("f", "x");
    for (const std::string name : {"", ".", "..", "a/b", "../f"}) {
        EXPECT_EQ(folder_->create(name, false).error().code, EINVAL) << name;
        EXPECT_EQ(folder_->open(name, Access::read).error().code, EINVAL) << name;
        EXPECT_EQ(folder_->rename("f", name, Existing::replace).error().code, EINVAL) << name;
        EXPECT_EQ(folder_->remove(name).error().code, EINVAL) << name;
        EXPECT_FALSE(folder_->exists(name)) << name;
    }
}

TEST_F(DiskFileTest, RenameWithoutReplacingKeepsBothFiles) {
    put("a", "A");
    put("b", "B");
    const auto refused = folder_->rename("a", "b", Existing::refuse);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message(), "disk: b: File exists (17)");
    EXPECT_EQ(contentOf("a"), "A");
    EXPECT_EQ(contentOf("b"), "B");
    EXPECT_TRUE(folder_->rename("a", "c", Existing::refuse));
    EXPECT_FALSE(folder_->exists("a"));
    EXPECT_EQ(contentOf("c"), "A");
}

TEST_F(DiskFileTest, RenameReplacesWhenAsked) {
    put("a", "A");
    put("b", "B");
    ASSERT_TRUE(folder_->rename("a", "b", Existing::replace));
    EXPECT_EQ(contentOf("b"), "A");
    EXPECT_EQ(folder_->rename("a", "b", Existing::replace).error().code, ENOENT);
}

TEST_F(DiskFileTest, ListNamesEverythingSorted) {
    put("b", "");
    put("a", "");
    ASSERT_TRUE(folder_->remove("b"));
    put("c", "");
    EXPECT_EQ(folder_->list().value(), (std::vector<std::string>{"a", "c"}));
    EXPECT_EQ(folder_->list().value().size(), 2U) << "a second listing starts over";
    EXPECT_TRUE(folder_->exists("a"));
    EXPECT_FALSE(folder_->exists("b"));
}

TEST_F(DiskFileTest, ReadHandleCannotWrite) {
    put("f", "x");
    auto file = folder_->open("f", Access::read).value();
    EXPECT_FALSE(file->writeAt(0, bytesOf("y")));
    EXPECT_EQ(contentOf("f"), "x");
}

TEST_F(DiskFileTest, FoldersAreToldFromFiles) {
    put("a file", "");
    std::filesystem::create_directory(temp_.path() / "folder");
    std::filesystem::create_directory(temp_.path() / "another");
    EXPECT_EQ(folder_->folders().value(), (std::vector<std::string>{"another", "folder"}));
    EXPECT_EQ(folder_->list().value(), (std::vector<std::string>{"a file", "another", "folder"}));
    EXPECT_EQ(folder_->open("folder", Access::read).error().message(),
              "disk: folder: is a folder, not a regular file (21)");
}

TEST_F(DiskFileTest, WhatIsMissingIsNamed) {
    put("f", "");
    const std::string path = textOfPath(temp_.path());
    const auto none = openFolder(joinPath(path, "none"));
    EXPECT_EQ(none.error().code, ENOENT);
    EXPECT_NE(none.error().text.find("none: No such file or directory"), std::string::npos);
    EXPECT_EQ(openFolder(joinPath(path, "f")).error().code, ENOTDIR);
    EXPECT_EQ(openFolder(joinPath(path, ".")).value()->path(), folder_->path());
    EXPECT_EQ(folder_->open("none", Access::read).error().message(),
              "disk: none: No such file or directory (2)");
    EXPECT_EQ(folder_->remove("none").error().code, ENOENT);
    EXPECT_EQ(folder_->rename("none", "f", Existing::replace).error().code, ENOENT);
}

// A part file is renamed while it grows, and a journal goes while its writer has it open.
TEST_F(DiskFileTest, OpenFileIsRenamedAndGoesOn) {
    auto file = folder_->create("take.part.wav", false).value();
    ASSERT_TRUE(file->tryLock().value());
    ASSERT_TRUE(file->writeAt(0, bytesOf("head")));
    ASSERT_TRUE(folder_->rename("take.part.wav", "take.wav", Existing::refuse));
    ASSERT_TRUE(file->writeAt(4, bytesOf("more")));
    EXPECT_TRUE(file->sync());
    EXPECT_TRUE(folder_->sync());
    EXPECT_EQ(contentOf("take.wav"), "headmore");
    EXPECT_FALSE(folder_->open("take.wav", Access::read).value()->tryLock().value())
        << "the lock went with the rename";
    ASSERT_TRUE(folder_->remove("take.wav"));
    EXPECT_FALSE(folder_->exists("take.wav"));
    EXPECT_TRUE(folder_->create("take.wav", false));
}

TEST_F(DiskFileTest, RefusedRenameOfAnOpenFileLeavesBothAndItGoesOn) {
    put("taken", "old");
    auto file = folder_->create("new", false).value();
    const auto refused = folder_->rename("new", "taken", Existing::refuse);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message(), "disk: taken: File exists (17)");
    EXPECT_TRUE(file->writeAt(0, bytesOf("new")));
    EXPECT_EQ(contentOf("taken"), "old");
    EXPECT_EQ(contentOf("new"), "new");
}

TEST_F(DiskFileTest, LockOfAnotherHandleIsSeen) {
    auto writer = folder_->create("f", false).value();
    const auto isFree = [&] { return folder_->open("f", Access::read).value()->tryLock().value(); };
    EXPECT_TRUE(isFree());
    ASSERT_TRUE(writer->tryLock().value());
    EXPECT_TRUE(writer->tryLock().value()) << "once more";
    EXPECT_FALSE(isFree());
    EXPECT_FALSE(isFree()) << "closing another handle must not drop it";
    writer.reset();
    EXPECT_TRUE(isFree());
}

TEST_F(DiskFileTest, RoomThatIsKeptDoesNotShow) {
    auto file = folder_->create("f", false).value();
    ASSERT_TRUE(file->writeAt(0, bytesOf("abc")));
    ASSERT_TRUE(file->reserve(1 << 20));
    EXPECT_EQ(file->size().value(), 3U);
    ASSERT_TRUE(file->writeAt(3, bytesOf("def")));
    ASSERT_TRUE(file->releaseReserve());
    EXPECT_EQ(contentOf("f"), "abcdef");
    EXPECT_GT(folder_->freeBytes().value(), 0U);
}

TEST_F(DiskFileTest, NamesOfEveryScriptAreKept) {
    for (const std::string name : {"запись.wav", "録音.wav", "\U0001F399 take.wav", "naïve.wav"}) {
        ASSERT_TRUE(folder_->create(name, false)) << name;
        EXPECT_TRUE(folder_->exists(name)) << name;
        EXPECT_EQ(folder_->list().value(), std::vector<std::string>{name});
        ASSERT_TRUE(folder_->rename(name, "x" + name, Existing::refuse));
        ASSERT_TRUE(folder_->remove("x" + name));
    }
}

}  // namespace
}  // namespace holdfast
