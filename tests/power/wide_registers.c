/* For a user-mode kernel on a processor with wide registers (AMX): it was built for a register area
 * of a fixed, smaller size, and the system refuses to set a part of the area (EFAULT).
 *
 * Preloaded into the guest's kernel. When that sets a part, the rest is read from the process and
 * set with it, unchanged. */
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef NT_X86_XSTATE
#define NT_X86_XSTATE 0x202
#endif

/* Not on the stack: the kernel's is small. It has one processor. */
static char area[64 * 1024] __attribute__((aligned(64)));

static long set_registers(pid_t pid, const struct iovec *part) {
    struct iovec whole = {area, sizeof area};
    if (syscall(SYS_ptrace, PTRACE_GETREGSET, pid, NT_X86_XSTATE, &whole) != 0) return -1;
    if (part->iov_len < whole.iov_len) {
        memcpy(area, part->iov_base, part->iov_len);
        part = &whole;
    }
    return syscall(SYS_ptrace, PTRACE_SETREGSET, pid, NT_X86_XSTATE, part);
}

long ptrace(enum __ptrace_request request, ...) {
    va_list arguments;
    va_start(arguments, request);
    const pid_t pid = va_arg(arguments, pid_t);
    void *const address = va_arg(arguments, void *);
    void *data = va_arg(arguments, void *);
    va_end(arguments);
    if (request == PTRACE_SETREGSET && (long)address == NT_X86_XSTATE) {
        return set_registers(pid, data);
    }
    /* The system stores what it peeks at; the library returns it. */
    long peeked = 0;
    const int peeks = request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA ||
                      request == PTRACE_PEEKUSER;
    const long result = syscall(SYS_ptrace, request, pid, address, peeks ? &peeked : data);
    return peeks && result == 0 ? peeked : result;
}
