#include "iocore/base/wine_win32.h"

#include <windows.h>

namespace holdfast {

// Its own mark, documented for programs that have to know.
bool isWine() {
    const HMODULE system = GetModuleHandleW(L"ntdll.dll");
    return system != nullptr && GetProcAddress(system, "wine_get_version") != nullptr;
}

}  // namespace holdfast
