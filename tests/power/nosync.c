// A lying system: every sync returns success and does nothing. Preloaded into the recorder it makes
// the control that a harness for power cuts has to fail.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int fsync(int fd) { return (void)fd, 0; }
int fdatasync(int fd) { return (void)fd, 0; }
int syncfs(int fd) { return (void)fd, 0; }
void sync(void) {}
int msync(void* start, size_t bytes, int flags) { return (void)start, (void)bytes, (void)flags, 0; }
int sync_file_range(int fd, off64_t offset, off64_t bytes, unsigned flags) {
    return (void)fd, (void)offset, (void)bytes, (void)flags, 0;
}
