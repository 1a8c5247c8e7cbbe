// What mmio promises, against the public API alone: plain files, and what mmioOpen does with names.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/mmio_tape.h"
#include "tests/support/standard_file.h"

namespace holdfast::mmio_conformance {
namespace {

namespace fs = std::filesystem;

class MmioPlainFile : public MmioConformance {
  protected:
    // wErrorRet of an open that must fail.
    UINT refused(const fs::path& path, DWORD flags) {
        MMIOINFO wanted{};
        const HMMIO opened = openNamed(path.wstring(), wanted, flags);
        EXPECT_TRUE(opened == nullptr);
        if (opened != nullptr) mmioClose(opened, 0);
        return wanted.wErrorRet;
    }
    void openPlain(const fs::path& path, DWORD flags, LONG cchBuffer = 0) {
        MMIOINFO wanted{};
        wanted.cchBuffer = cchBuffer;
        file_ = openNamed(path.wstring(), wanted, flags);
        ASSERT_TRUE(file_ != nullptr) << wanted.wErrorRet;
    }
    fs::path make(const std::string& name, const std::string& bytes) {
        const fs::path path = freshPath(name);
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }
    static std::string contentOf(const fs::path& path) {
        std::ifstream stream(path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(stream), {});
    }
    // mmioOpenW on a name in a buffer of the size that the documentation asks for.
    std::uintptr_t ask(const std::wstring& name, DWORD flags) {
        name.copy(name_, name.size());
        name_[name.size()] = 0;
        return reinterpret_cast<std::uintptr_t>(mmioOpenW(name_, nullptr, flags));
    }

    wchar_t name_[128] = {};
};

TEST_F(MmioPlainFile, HoldsWhatWasWritten) {
    for (const LONG cchBuffer : {0, 8}) {
        const auto path = freshPath();
        openPlain(path, MMIO_CREATE | MMIO_READWRITE, cchBuffer);
        EXPECT_EQ(write("Hold"), 4);
        EXPECT_EQ(write("fast recorder"), 13);
        EXPECT_EQ(mmioSeek(file_, 8, SEEK_END), 9);
        EXPECT_EQ(read(16), "recorder");
        EXPECT_EQ(info().fccIOProc, DWORD{FOURCC_DOS});
        EXPECT_EQ(close(), 0u);
        EXPECT_EQ(contentOf(path), "Holdfast recorder");
    }
}

TEST_F(MmioPlainFile, NarrowNamesOpenTheSameFile) {
    std::string name = make("narrow", "bytes").string();
    file_ = mmioOpenA(name.data(), nullptr, MMIO_READ);
    ASSERT_TRUE(file_ != nullptr);
    EXPECT_EQ(read(9), "bytes");
}

TEST_F(MmioPlainFile, CreateTruncates) {
    const auto path = make("old", "old bytes");
    openPlain(path, MMIO_CREATE | MMIO_WRITE);
    EXPECT_EQ(fs::file_size(path), 0u);
    EXPECT_EQ(write("new"), 3);
    EXPECT_EQ(close(), 0u);
    EXPECT_EQ(contentOf(path), "new");
    openPlain(path, MMIO_READWRITE);
    EXPECT_EQ(read(9), "new");
}

TEST_F(MmioPlainFile, ModesAreKept) {
    const auto path = make("file", "bytes");
    openPlain(path, MMIO_READ);
    EXPECT_EQ(write("x"), -1);
    EXPECT_EQ(close(), 0u);
    openPlain(path, MMIO_WRITE);
    EXPECT_EQ(read(1), "error");
    EXPECT_EQ(close(), 0u);
    EXPECT_EQ(contentOf(path), "bytes");
}

TEST_F(MmioPlainFile, ReasonsOfARefusedOpenAreTold) {
    EXPECT_EQ(refused(freshPath("absent"), MMIO_READ), UINT{MMIOERR_FILENOTFOUND});
    EXPECT_EQ(refused(freshPath("absent") / "file", MMIO_READ), UINT{MMIOERR_PATHNOTFOUND});
    EXPECT_EQ(refused(freshPath("absent") / "file", MMIO_CREATE | MMIO_WRITE),
              UINT{MMIOERR_PATHNOTFOUND});
    fs::create_directory(freshPath("folder"));
    EXPECT_EQ(refused(freshPath("folder"), MMIO_READWRITE), UINT{MMIOERR_ACCESSDENIED});
    EXPECT_TRUE(mmioOpenW(nullptr, nullptr, MMIO_READ) == nullptr);
}

TEST_F(MmioPlainFile, SharingModesAreKept) {
    const auto path = make("file", "bytes");
    const UINT violation = MMIOERR_SHARINGVIOLATION;
    openPlain(path, MMIO_READ | MMIO_EXCLUSIVE);
    EXPECT_EQ(refused(path, MMIO_READ | MMIO_DENYNONE), violation);
    EXPECT_EQ(refused(path, MMIO_CREATE | MMIO_WRITE | MMIO_DENYNONE), violation);
    EXPECT_EQ(close(), 0u);
    EXPECT_EQ(contentOf(path), "bytes");

    openPlain(path, MMIO_READ | MMIO_DENYWRITE);
    EXPECT_EQ(refused(path, MMIO_WRITE | MMIO_DENYNONE), violation);
    const HMMIO first = file_;
    openPlain(path, MMIO_READ | MMIO_DENYWRITE);
    EXPECT_EQ(close(), 0u);
    file_ = first;
    EXPECT_EQ(close(), 0u);

    openPlain(path, MMIO_WRITE | MMIO_DENYREAD);
    EXPECT_EQ(refused(path, MMIO_READ | MMIO_DENYNONE), violation);
    EXPECT_EQ(close(), 0u);
    openPlain(path, MMIO_READWRITE | MMIO_DENYNONE);
    EXPECT_EQ(refused(path, MMIO_READ | MMIO_EXCLUSIVE), violation);
    EXPECT_EQ(close(), 0u);
    openPlain(path, MMIO_READWRITE | MMIO_EXCLUSIVE);
}

// --- an open file of the system's ---

TEST_F(MmioPlainFile, StandardFileIsUsedWhereItStandsAndStaysOpenWhenAsked) {
    const std::uint32_t standard = openStandardFile(make("file", counting(100)));
    seekStandardFile(standard, 40);
    MMIOINFO wanted{};
    wanted.fccIOProc = FOURCC_DOS;
    wanted.adwInfo[0] = standard;
    file_ = mmioOpenW(nullptr, &wanted, MMIO_READWRITE);
    ASSERT_TRUE(file_ != nullptr) << wanted.wErrorRet;
    EXPECT_EQ(tell(), 40);
    EXPECT_EQ(read(4), counting(44).substr(40));
    EXPECT_EQ(mmioSeek(file_, 4, SEEK_SET), 4);
    EXPECT_EQ(read(2), counting(6).substr(4));
    EXPECT_EQ(mmioClose(file_, MMIO_FHOPEN), 0u);
    file_ = nullptr;

    // No code is needed either.
    MMIOINFO again{};
    again.adwInfo[0] = standard;
    file_ = mmioOpenW(nullptr, &again, MMIO_READWRITE);
    ASSERT_TRUE(file_ != nullptr) << again.wErrorRet;
    EXPECT_EQ(close(), 0u);
    EXPECT_FALSE(closeStandardFile(standard));
}

// --- names alone ---

TEST_F(MmioPlainFile, ExistTellsAndOpensNothing) {
    const auto path = make("file", "bytes");
    EXPECT_EQ(ask(path.wstring(), MMIO_EXIST), 1u);
    EXPECT_EQ(fs::path(name_), path);
    EXPECT_EQ(ask(freshPath("absent").wstring(), MMIO_EXIST), 0u);
    EXPECT_FALSE(fs::exists(freshPath("absent")));
    EXPECT_TRUE(fs::remove(path));
}

TEST_F(MmioPlainFile, ExistQualifiesTheName) {
    const auto path = make("file", "bytes");
    EXPECT_EQ(ask((path.parent_path() / "x" / ".." / "file").wstring(), MMIO_EXIST), 1u);
    EXPECT_EQ(fs::path(name_), path);
}

TEST_F(MmioPlainFile, ParseQualifiesTheName) {
    const auto path = freshPath("absent");
    const auto answer =
        ask((path.parent_path() / "." / "x" / ".." / "absent").wstring(), MMIO_PARSE);
    expectDocumentedOr(answer, 0u, 1u, "answers TRUE");
    EXPECT_EQ(fs::path(name_), path);
    EXPECT_FALSE(fs::exists(path));
    ask(L"name", MMIO_PARSE);
    EXPECT_EQ(fs::path(name_), fs::absolute("name"));
}

TEST_F(MmioPlainFile, ParseOfNothingIsRefused) {
    expectDocumentedOr(ask(L"", MMIO_PARSE), std::uintptr_t{MMIOERR_FILENOTFOUND}, 1u,
                       "answers TRUE");
}

TEST_F(MmioPlainFile, DeleteRemovesTheFile) {
    const auto path = make("file", "bytes");
    const auto answer = ask(path.wstring(), MMIO_DELETE);
    expectDocumentedOr(answer == 1, true, answer == 0, "a handle comes back");
    EXPECT_FALSE(fs::exists(path));
    EXPECT_EQ(ask(path.wstring(), MMIO_DELETE), 0u);
}

TEST_F(MmioPlainFile, TemporaryNameIsNewAndBeginsAsAsked) {
    const auto wish = freshPath("F").wstring();
    EXPECT_EQ(ask(wish, MMIO_GETTEMP), 0u);
    const std::wstring first = name_;
    expectDocumentedOr(first.starts_with(wish) && first != wish, true, false, "no name is made");
    EXPECT_EQ(ask(wish, MMIO_GETTEMP), 0u);
    expectDocumentedOr(first != name_, true, false, "no name is made");
    openPlain(first, MMIO_CREATE | MMIO_READWRITE);
}

TEST_F(MmioPlainFile, TemporaryNameInNoFolderIsRefused) {
    expectDocumentedOr(ask((freshPath("absent") / "F").wstring(), MMIO_GETTEMP),
                       std::uintptr_t{MMIOERR_FILENOTFOUND}, 0u, "no name is made");
}

// --- renaming ---

TEST_F(MmioPlainFile, RenameMovesTheFile) {
    const auto from = make("from", "bytes");
    const auto to = freshPath("to");
    EXPECT_EQ(mmioRenameW(from.wstring().c_str(), to.wstring().c_str(), nullptr, 0), 0u);
    EXPECT_FALSE(fs::exists(from));
    EXPECT_EQ(contentOf(to), "bytes");
    const std::string back = from.string();
    EXPECT_EQ(mmioRenameA(to.string().c_str(), back.c_str(), nullptr, 0), 0u);
    EXPECT_EQ(contentOf(from), "bytes");
}

TEST_F(MmioPlainFile, RenameOfNothingAndOntoAFileAreRefused) {
    const auto from = make("from", "bytes");
    const auto to = make("to", "others");
    const auto absent = freshPath("absent");
    EXPECT_EQ(mmioRenameW(absent.wstring().c_str(), to.wstring().c_str(), nullptr, 0),
              MMRESULT{MMIOERR_FILENOTFOUND});
    EXPECT_NE(mmioRenameW(from.wstring().c_str(), to.wstring().c_str(), nullptr, 0), 0u);
    EXPECT_EQ(contentOf(from), "bytes");
    EXPECT_EQ(contentOf(to), "others");
}

TEST_F(MmioPlainFile, FlagsOfRenameAreReserved) {
    const auto from = make("from", "bytes");
    const auto to = freshPath("to");
    const auto answer = mmioRenameW(from.wstring().c_str(), to.wstring().c_str(), nullptr, 1);
    expectDocumentedOr(answer != 0, true, false, "ignored");
}

// --- WRITEFLUSH, called by who has the IOProc ---

TEST_F(MmioPlainFile, WriteFlushWritesAndMovesTheOffset) {
    const auto path = freshPath();
    openPlain(path, MMIO_CREATE | MMIO_READWRITE);
    MMIOINFO now = info();
    const LPMMIOPROC proc = mmioInstallIOProcW(FOURCC_DOS, nullptr, MMIO_FINDPROC);
    const auto flush = [&](const char* bytes, LPARAM size) {
        return proc(reinterpret_cast<LPSTR>(&now), MMIOM_WRITEFLUSH,
                    reinterpret_cast<LPARAM>(bytes), size);
    };
    EXPECT_EQ(flush("abcde", 5), 5);
    EXPECT_EQ(flush(nullptr, 0), 0);
    EXPECT_EQ(now.lDiskOffset, 5);
    EXPECT_EQ(fs::file_size(path), 5u);
    now.adwInfo[0] = 0xFFFFFFFF;
    EXPECT_EQ(flush("abcde", 5), -1);
    EXPECT_EQ(now.lDiskOffset, 5);
}

}  // namespace
}  // namespace holdfast::mmio_conformance
