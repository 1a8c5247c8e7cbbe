#include <gtest/gtest.h>
#include <windows.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "iocore/base/path_text.h"
#include "iocore/base/utf16_win32.h"
#include "iocore/disk/disk_file.h"
#include "iocore/ring/ring_memory.h"
#include "tests/support/own_program_win32.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kBytes = 1 << 20;
constexpr DWORD kKilled = 99;
constexpr wchar_t kDataFolder[] = L"HOLDFAST_DATA_DIR";

class RingMemoryWindows : public testing::Test {
  protected:
    RingMemoryWindows() { _wputenv_s(kDataFolder, temp_.path().c_str()); }
    ~RingMemoryWindows() override { _wputenv_s(kDataFolder, L""); }

    static bool isThere(const std::string& path) {
        return GetFileAttributesW(systemPath(path)->c_str()) != INVALID_FILE_ATTRIBUTES;
    }
    std::vector<std::string> left() {
        return openFolder(RingMemory::places().at(0)).value()->list().value();
    }
    Result<RingMemory> make(std::uint64_t bytes = kBytes) {
        return RingMemory::create(RingMemory::places(), takeId_, bytes);
    }

    TempFolder temp_;
    std::string root_ = textOfPath(temp_.path());
    TakeId takeId_ = TakeId::random();
};

TEST_F(RingMemoryWindows, PlaceIsTheUsersDataFolder) {
    EXPECT_EQ(RingMemory::places(), std::vector<std::string>{joinPath(root_, "rings")});
    for (const wchar_t* const meant : {L"", L"relative"}) {
        _wputenv_s(kDataFolder, meant);
        const auto places = RingMemory::places();
        ASSERT_EQ(places.size(), 1U);
        EXPECT_TRUE(places[0].ends_with("\\Holdfast\\rings")) << places[0];
    }
}

TEST_F(RingMemoryWindows, FileIsWholeAndOutlivesItsMapping) {
    std::string path;
    {
        const auto memory = make();
        ASSERT_TRUE(memory) << memory.error().message();
        EXPECT_TRUE(memory->persistent());
        EXPECT_FALSE(memory->inMemory());
        EXPECT_EQ(memory->whyNot(), "");
        EXPECT_EQ(memory->bytes().size(), kBytes);
        EXPECT_TRUE(
            std::ranges::all_of(memory->bytes(), [](std::byte b) { return b == std::byte{}; }));
        path = memory->path();
        EXPECT_EQ(nameOfPath(path), takeId_.hex() + ".ring");
        memory->bytes().back() = std::byte{'x'};
    }
    const auto file =
        openFolder(folderOfPath(path)).value()->open(takeId_.hex() + ".ring", Access::read);
    ASSERT_TRUE(file);
    EXPECT_EQ((*file)->size().value(), kBytes);
    std::byte last{};
    EXPECT_EQ((*file)->readAt(kBytes - 1, std::span(&last, 1)).value(), 1U);
    EXPECT_EQ(last, std::byte{'x'});
    EXPECT_NE(GetFileAttributesW(systemPath(path)->c_str()) & FILE_ATTRIBUTE_TEMPORARY,
              INVALID_FILE_ATTRIBUTES);
}

// Recovery's view, while the recorder lives.
TEST_F(RingMemoryWindows, OtherHandlesSeeWhatIsInTheMapping) {
    const auto memory = make().value();
    memory.bytes()[7] = std::byte{'y'};
    auto file = openFolder(folderOfPath(memory.path()))
                    .value()
                    ->open(takeId_.hex() + ".ring", Access::read);
    ASSERT_TRUE(file) << file.error().message();
    std::byte seen{};
    EXPECT_EQ((*file)->readAt(7, std::span(&seen, 1)).value(), 1U);
    EXPECT_EQ(seen, std::byte{'y'});
}

TEST_F(RingMemoryWindows, DISABLED_FillsARingAndIsKilled) {
    const auto memory =
        RingMemory::create({textOfPath(_wgetenv(L"HOLDFAST_TEST_RING"))}, TakeId{}, kBytes);
    if (!memory || !memory->persistent()) return;
    std::ranges::fill(memory->bytes(), std::byte{'x'});
    TerminateProcess(GetCurrentProcess(), kKilled);
}

TEST_F(RingMemoryWindows, BytesSurviveAKill) {
    _wputenv_s(L"HOLDFAST_TEST_RING", temp_.path().c_str());
    EXPECT_EQ(runOwnTests("RingMemoryWindows.DISABLED_FillsARingAndIsKilled"), kKilled);
    auto file = openFolder(root_).value()->open(TakeId{}.hex() + ".ring", Access::read);
    ASSERT_TRUE(file) << file.error().message();
    std::vector<std::byte> bytes(kBytes + 1);
    EXPECT_EQ((*file)->readAt(0, bytes).value(), kBytes);
    bytes.pop_back();
    EXPECT_TRUE(std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{'x'}; }));
}

TEST_F(RingMemoryWindows, RemovedAlthoughItIsMappedAndOnlyWhenAsked) {
    { const auto kept = make().value(); }
    EXPECT_EQ(left().size(), 1U);
    takeId_ = TakeId::random();
    {
        auto memory = make().value();
        EXPECT_TRUE(memory.removeFile());
        EXPECT_TRUE(memory.removeFile());
        memory.bytes().back() = std::byte{1};  // still mapped
        const RingMemory moved = std::move(memory);
    }
    EXPECT_EQ(left().size(), 1U);
    EXPECT_TRUE(RingMemory::anonymous(kBytes)->removeFile());
}

TEST_F(RingMemoryWindows, TakenNameIsLeftAlone) {
    {
        auto first = make().value();
        first.bytes()[0] = std::byte{'1'};
    }
    const auto second = make();
    ASSERT_TRUE(second);
    EXPECT_FALSE(second->persistent());
    EXPECT_NE(second->whyNot().find("File exists"), std::string::npos) << second->whyNot();
    EXPECT_EQ(left().size(), 1U);
}

TEST_F(RingMemoryWindows, PlaceThatCannotBeIsSaidAndTheNextIsTried) {
    openFolder(root_).value()->create("file", false).value().reset();
    const std::string file = joinPath(root_, "file");
    const auto none = RingMemory::create({file, "some\\folder"}, takeId_, kBytes);
    ASSERT_TRUE(none);
    EXPECT_FALSE(none->persistent());
    EXPECT_EQ(none->whyNot(), file + ": Not a directory; some\\folder: not an absolute path");
    const auto next = RingMemory::create({file, joinPath(root_, "next")}, takeId_, kBytes);
    ASSERT_TRUE(next);
    EXPECT_TRUE(next->persistent());
    EXPECT_EQ(folderOfPath(next->path()), joinPath(root_, "next"));
    for (const std::uint64_t bytes : {std::uint64_t{0}, ~std::uint64_t{0}}) {
        EXPECT_FALSE(make(bytes));
    }
}

}  // namespace
}  // namespace holdfast
