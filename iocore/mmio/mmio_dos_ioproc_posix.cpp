// The built-in IOProc 'DOS ': plain files on POSIX descriptors.
//
// For programs that open a WAV by its name. The recorder's own files go through an IOProc of its
// own, which commits; this one only keeps mmio complete. adwInfo[0] is the descriptor.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <limits>

#include "iocore/mmio/mmio_handles_posix.h"
#include "iocore/mmio/mmio_names_posix.h"
#include "iocore/mmio/mmio_sharing_posix.h"

namespace holdfast::mmio_posix {
namespace {

int accessOf(DWORD flags) {
    // A file that is created is there to be written.
    if ((flags & MMIO_CREATE) != 0 && (flags & MMIO_RWMODE) == MMIO_READ) return O_RDWR;
    switch (flags & MMIO_RWMODE) {
        case MMIO_WRITE:
            return O_WRONLY;
        case MMIO_READWRITE:
            return O_RDWR;
        default:
            return O_RDONLY;
    }
}

// A descriptor that the application opened, in adwInfo[0].
LRESULT adopt(MMIOINFO& info) {
    const auto descriptor = static_cast<int>(info.adwInfo[0]);
    if (::fcntl(descriptor, F_GETFD) < 0) return static_cast<LRESULT>(MMIOERR_CANNOTOPEN);
    const off_t here = ::lseek(descriptor, 0, SEEK_CUR);
    if (here > std::numeric_limits<LONG>::max()) return static_cast<LRESULT>(MMIOERR_CANNOTSEEK);
    info.lDiskOffset = here < 0 ? 0 : static_cast<LONG>(here);
    return 0;
}

LRESULT openFile(MMIOINFO& info, const char* name) {
    if (name == nullptr) return adopt(info);
    if ((info.dwFlags & MMIO_DELETE) != 0) return static_cast<LRESULT>(removeFile(name));
    const bool create = (info.dwFlags & MMIO_CREATE) != 0;
    const int flags = O_CLOEXEC | accessOf(info.dwFlags) | (create ? O_CREAT : 0);
    const int descriptor = ::open(name, flags, 0666);
    if (descriptor < 0) return static_cast<LRESULT>(fileErrorOf(errno, name));
    if (!openShares().enter(descriptor, info.dwFlags)) {
        ::close(descriptor);
        return static_cast<LRESULT>(MMIOERR_SHARINGVIOLATION);
    }
    info.adwInfo[0] = static_cast<DWORD>(descriptor);
    info.lDiskOffset = 0;
    struct stat opened {};
    const bool isFolder = ::fstat(descriptor, &opened) == 0 && S_ISDIR(opened.st_mode);
    // Emptied only now: a file that another keeps to itself is left as it is.
    const bool emptied = !create || !S_ISREG(opened.st_mode) || ::ftruncate(descriptor, 0) == 0;
    if (emptied && !isFolder) return 0;
    const MMRESULT cause = isFolder ? MMIOERR_ACCESSDENIED : fileErrorOf(errno, name);
    openShares().leave(descriptor);
    ::close(descriptor);
    return static_cast<LRESULT>(cause);
}

LRESULT closeFile(int descriptor, bool staysOpen) {
    openShares().leave(descriptor);
    if (staysOpen) return 0;
    return ::close(descriptor) == 0 ? 0 : static_cast<LRESULT>(MMIOERR_CANNOTCLOSE);
}

// Bytes transferred, fewer only at the end of the file or of the medium; -1 when none were.
template <typename Transfer>
LRESULT transferAll(MMIOINFO& info, LPARAM bytes, Transfer transfer) {
    LPARAM done = 0;
    while (done < bytes) {
        const ssize_t step = transfer(done, static_cast<std::size_t>(bytes - done));
        if (step < 0 && errno == EINTR) continue;
        if (step < 0 && done == 0) return -1;
        if (step <= 0) break;
        done += step;
    }
    info.lDiskOffset = static_cast<LONG>(std::uint32_t(info.lDiskOffset) + std::uint32_t(done));
    return done;
}

LRESULT seek(MMIOINFO& info, int descriptor, LPARAM offset, LPARAM origin) {
    // mmio counts backwards from the end: a positive offset lies before it.
    const off_t target = ::lseek(descriptor, origin == SEEK_END ? -offset : offset, int(origin));
    if (target < 0 || target > std::numeric_limits<LONG>::max()) return -1;
    info.lDiskOffset = static_cast<LONG>(target);
    return target;
}

}  // namespace

LRESULT dosIoProc(LPSTR rawInfo, UINT message, LPARAM first, LPARAM second) {
    auto& info = *reinterpret_cast<LPMMIOINFO>(rawInfo);
    const int descriptor = static_cast<int>(info.adwInfo[0]);
    const auto buffer = reinterpret_cast<char*>(first);
    const auto write = [&] {
        return transferAll(info, second, [&](LPARAM done, std::size_t left) {
            return ::write(descriptor, buffer + done, left);
        });
    };
    switch (message) {
        case MMIOM_OPEN:
            return openFile(info, buffer);
        case MMIOM_CLOSE:
            return closeFile(descriptor, (static_cast<UINT>(first) & MMIO_FHOPEN) != 0);
        case MMIOM_READ:
            return transferAll(info, second, [&](LPARAM done, std::size_t left) {
                return ::read(descriptor, buffer + done, left);
            });
        case MMIOM_WRITE:
            return write();
        case MMIOM_WRITEFLUSH: {
            const LRESULT written = write();
            return ::fsync(descriptor) == 0 ? written : -1;
        }
        case MMIOM_SEEK:
            return seek(info, descriptor, first, second);
        case MMIOM_RENAME:
            return static_cast<LRESULT>(renameFile(buffer, reinterpret_cast<char*>(second)));
        default:
            return 0;
    }
}

}  // namespace holdfast::mmio_posix
