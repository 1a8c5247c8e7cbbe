#include "iocore/base/owner_only_win32.h"

#include <sddl.h>

#include <string>
#include <vector>

#include "iocore/base/wine_win32.h"

namespace holdfast {
namespace {

// This process's user as text, "S-1-5-21-…"; empty when the system does not say.
std::wstring userSid() {
    HANDLE token = nullptr;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return {};
    DWORD bytes = 0;
    GetTokenInformation(token, TokenUser, nullptr, 0, &bytes);
    std::vector<std::byte> user(bytes);
    std::wstring text;
    wchar_t* sid = nullptr;
    if (bytes > 0 && GetTokenInformation(token, TokenUser, user.data(), bytes, &bytes) &&
        ConvertSidToStringSidW(reinterpret_cast<TOKEN_USER*>(user.data())->User.Sid, &sid)) {
        text = sid;
        LocalFree(sid);
    }
    CloseHandle(token);
    return text;
}

}  // namespace

OwnerOnly::OwnerOnly(Of of) {
    // Wine makes a mode of it: of what this user may do that of user and group, but of what another
    // owner may do that of the user alone, 0600 or 0700.
    const std::wstring sid = isWine() ? L"SY" : userSid();
    if (sid.empty()) return;
    const std::wstring owner = isWine() ? L"O:SY" : L"";
    // Protected ("P"): read, write, remove. Only folders can be passed through: a file with that
    // right could be run.
    const std::wstring file = L"FRFWSD;;;" + sid + L")";
    const std::wstring folder = L"FRFWFXSDDC;;;" + sid + L")";
    const std::wstring rules = of == Of::file ? owner + L"D:P(A;;" + file
                                              : owner + L"D:P(A;CI;" + folder + L"(A;OIIO;" + file;
    if (ConvertStringSecurityDescriptorToSecurityDescriptorW(
            rules.c_str(), SDDL_REVISION_1, &attributes_.lpSecurityDescriptor, nullptr)) {
        attributes_.nLength = sizeof attributes_;
    }
}

OwnerOnly::~OwnerOnly() {
    if (attributes_.nLength != 0) LocalFree(attributes_.lpSecurityDescriptor);
}

SECURITY_ATTRIBUTES* OwnerOnly::get() {
    return attributes_.nLength != 0 ? &attributes_ : nullptr;
}

}  // namespace holdfast
