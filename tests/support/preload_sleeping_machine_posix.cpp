// The machine sleeps for two seconds, once: from the fifth look on, the clock that goes on in sleep
// is so far ahead of all others.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <ctime>

extern "C" int clock_gettime(clockid_t clock, timespec* now) {
    static std::atomic<int> looks{0};
    const long done = ::syscall(SYS_clock_gettime, clock, now);
    if (done == 0 && clock == CLOCK_BOOTTIME && ++looks >= 5) now->tv_sec += 2;
    return static_cast<int>(done);
}
