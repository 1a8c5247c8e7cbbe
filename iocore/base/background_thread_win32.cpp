#include <windows.h>

#include "iocore/base/background_thread.h"

namespace holdfast {

void giveWayToOtherThreads() {
    // Lowers the thread's processor, disk and memory priority together.
    if (!SetThreadPriority(GetCurrentThread(), THREAD_MODE_BACKGROUND_BEGIN)) {
        (void)SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_LOWEST);
    }
}

}  // namespace holdfast
