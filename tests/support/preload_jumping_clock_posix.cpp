// The wall clock jumps an hour back or forth at each look at it. Every other clock is left alone.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <ctime>

extern "C" int clock_gettime(clockid_t clock, timespec* now) {
    static std::atomic<int> looks{0};
    const long done = ::syscall(SYS_clock_gettime, clock, now);
    if (done == 0 && clock == CLOCK_REALTIME) now->tv_sec += looks++ % 2 == 0 ? -3600 : 3600;
    return static_cast<int>(done);
}
