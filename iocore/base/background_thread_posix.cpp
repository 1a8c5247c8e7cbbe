#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "iocore/base/background_thread.h"

namespace holdfast {
namespace {

// linux/ioprio.h, which libc does not offer: the last of the best-effort class. The idle class
// could wait for ever, and somebody waits for us at the end.
constexpr int kIoprioWhoProcess = 1;
constexpr int kLastBestEffort = 2 << 13 | 7;
constexpr int kLowestNice = 19;

}  // namespace

void giveWayToOtherThreads() {
    // On Linux both are a thread's own.
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kLowestNice);
    (void)::syscall(SYS_ioprio_set, kIoprioWhoProcess, 0, kLastBestEffort);
}

}  // namespace holdfast
