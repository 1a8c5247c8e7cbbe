// A system whose syncs are not what they seem. Preloaded into the recorder it makes the controls
// that a harness for power cuts has to fail. NOSYNC in the environment says how:
//   none   every sync returns success and does nothing
//   odd    drops each descriptor's fdatasync 1, 3, 5, …: of a take the barriers before the header
//   again  a sync that failed is only done again: the kernel has forgotten the pages, and succeeds
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int mode_is(const char* mode) {
    const char* chosen = getenv("NOSYNC");
    return strcmp(chosen != NULL ? chosen : "none", mode) == 0;
}

// Calls the function of libc that ours hides.
typedef int Sync(int fd);
static int really(const char* name, int fd) {
    Sync* sync_of_libc = (Sync*)dlsym(RTLD_NEXT, name);
    int result = sync_of_libc(fd);
    for (int i = 0; i < 3 && result != 0 && mode_is("again"); ++i) result = sync_of_libc(fd);
    return result;
}

int fdatasync(int fd) {
    static unsigned char calls[1024];
    if (mode_is("odd") && fd >= 0 && fd < 1024 && ++calls[fd] % 2 == 1) return 0;
    return mode_is("none") ? 0 : really("fdatasync", fd);
}

int fsync(int fd) { return mode_is("none") ? 0 : really("fsync", fd); }
int syncfs(int fd) { return mode_is("none") ? 0 : really("syncfs", fd); }
void sync(void) {}
int msync(void* start, size_t bytes, int flags) { return (void)start, (void)bytes, (void)flags, 0; }
int sync_file_range(int fd, off64_t offset, off64_t bytes, unsigned flags) {
    return (void)fd, (void)offset, (void)bytes, (void)flags, 0;
}
