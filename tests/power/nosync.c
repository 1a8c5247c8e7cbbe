// A lying system: syncs return success and do nothing. Preloaded into the recorder it makes the
// controls that a harness for power cuts has to fail. NOSYNC=odd drops only each descriptor's
// fdatasync 1, 3, 5, …: of a take these are the barriers between audio and header.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int drops_only_odd(void) {
    const char* mode = getenv("NOSYNC");
    return mode != NULL && strcmp(mode, "odd") == 0;
}

// Calls the function of libc that ours hides.
typedef int Sync(int fd);
static int really(const char* name, int fd) { return ((Sync*)dlsym(RTLD_NEXT, name))(fd); }

int fdatasync(int fd) {
    static unsigned char calls[1024];
    if (!drops_only_odd() || fd < 0 || fd >= 1024 || ++calls[fd] % 2 == 1) return 0;
    return really("fdatasync", fd);
}

int fsync(int fd) { return drops_only_odd() ? really("fsync", fd) : 0; }
int syncfs(int fd) { return drops_only_odd() ? really("syncfs", fd) : 0; }
void sync(void) {}
int msync(void* start, size_t bytes, int flags) { return (void)start, (void)bytes, (void)flags, 0; }
int sync_file_range(int fd, off64_t offset, off64_t bytes, unsigned flags) {
    return (void)fd, (void)offset, (void)bytes, (void)flags, 0;
}
