// Files and folders for this user alone.
#include "iocore/base/owner_only_win32.h"

#include <aclapi.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "iocore/base/own_folder.h"
#include "iocore/base/path_text.h"
#include "iocore/base/utf16_win32.h"
#include "iocore/base/wine_win32.h"
#include "iocore/disk/disk_file.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

std::vector<std::byte> thisUser() {
    HANDLE token = nullptr;
    EXPECT_TRUE(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
    DWORD bytes = 0;
    GetTokenInformation(token, TokenUser, nullptr, 0, &bytes);
    std::vector<std::byte> user(bytes);
    EXPECT_TRUE(GetTokenInformation(token, TokenUser, user.data(), bytes, &bytes));
    CloseHandle(token);
    return user;
}

struct Rights {
    DWORD mine = 0;
    DWORD others = 0;
};

Rights rightsOf(const std::string& path) {
    std::vector<std::byte> user = thisUser();
    std::wstring wide = systemPath(path).value();
    ACL* rules = nullptr;
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    Rights rights;
    EXPECT_EQ(GetNamedSecurityInfoW(wide.data(), SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, nullptr,
                                    nullptr, &rules, nullptr, &descriptor),
              DWORD{ERROR_SUCCESS});
    EXPECT_NE(rules, nullptr) << "everybody may do everything";
    for (DWORD i = 0; rules != nullptr && i < rules->AceCount; ++i) {
        void* entry = nullptr;
        EXPECT_TRUE(GetAce(rules, i, &entry));
        auto* const rule = static_cast<ACCESS_ALLOWED_ACE*>(entry);
        if (rule->Header.AceType != ACCESS_ALLOWED_ACE_TYPE) continue;
        // The system may do everything anyway; Wine says so.
        if (IsWellKnownSid(&rule->SidStart, WinLocalSystemSid)) continue;
        const bool isMine =
            EqualSid(&rule->SidStart, reinterpret_cast<TOKEN_USER*>(user.data())->User.Sid);
        (isMine ? rights.mine : rights.others) |= rule->Mask;
    }
    LocalFree(descriptor);
    return rights;
}

TEST(OwnerOnly, FileIsForThisUserAndNotToBeRun) {
    const TempFolder temp;
    const auto folder = openFolder(textOfPath(temp.path())).value();
    const auto file = folder->create("take.wav.journal", true).value();
    const Rights rights = rightsOf(joinPath(folder->path(), "take.wav.journal"));
    EXPECT_EQ(rights.mine & (FILE_READ_DATA | FILE_WRITE_DATA), 0x3U);
    if (!isWine()) {  // which reckons running to reading
        EXPECT_EQ(rights.mine & FILE_EXECUTE, 0U);
    }
    EXPECT_EQ(rights.others & (FILE_READ_DATA | FILE_WRITE_DATA), 0U);
}

TEST(OwnerOnly, FolderIsForThisUserAndWhatIsMadeInItToo) {
    const TempFolder temp;
    const std::string path = joinPath(textOfPath(temp.path()), "state\\holdfast");
    ASSERT_TRUE(makeOwnFolders(path));
    ASSERT_TRUE(makeOwnFolders(path + "\\")) << "there already";
    EXPECT_EQ(rightsOf(path).others & (FILE_READ_DATA | FILE_WRITE_DATA), 0U);
    EXPECT_NE(rightsOf(path).mine & FILE_TRAVERSE, 0U);
    const auto folder = openFolder(path).value();
    EXPECT_TRUE(folder->create("f", true));
    EXPECT_TRUE(folder->remove("f"));
}

}  // namespace
}  // namespace holdfast
