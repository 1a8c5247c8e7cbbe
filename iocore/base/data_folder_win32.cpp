#include "iocore/base/data_folder_win32.h"

#include <windows.h>
// shlobj.h needs windows.h before it.
#include <knownfolders.h>
#include <shlobj.h>

#include "iocore/base/path_text.h"
#include "iocore/base/utf16_win32.h"

namespace holdfast {

std::string dataFolder() {
    const wchar_t* const wished = _wgetenv(L"HOLDFAST_DATA_DIR");
    if (wished != nullptr && std::filesystem::path(wished).is_absolute()) return narrowText(wished);
    wchar_t* local = nullptr;
    std::string folder;
    if (SHGetKnownFolderPath(FOLDERID_LocalAppData, 0, nullptr, &local) == S_OK) {
        folder = joinPath(narrowText(local), "Holdfast");
    }
    CoTaskMemFree(local);
    return folder;
}

}  // namespace holdfast
