#include <windows.h>

#include <cstdlib>

#include "iocore/base/process_end.h"

namespace holdfast {

void endProcessAtOnce(int status) {
    // _exit() would still run the ends of the system's libraries.
    ::TerminateProcess(::GetCurrentProcess(), static_cast<UINT>(status));
    std::abort();
}

}  // namespace holdfast
