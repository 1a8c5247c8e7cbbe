// The built-in IOProc 'DOS ': plain files on POSIX descriptors.
//
// For programs that open a WAV by its name. The recorder's own files go through an IOProc of its
// own, which commits; this one only keeps mmio complete. adwInfo[0] is the descriptor.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <limits>

#include "iocore/mmio/mmio_handles_posix.h"

namespace holdfast::mmio_posix {
namespace {

MMRESULT openError(int error) {
    switch (error) {
        case ENOENT:
            return MMIOERR_FILENOTFOUND;
        case ENOTDIR:
            return MMIOERR_PATHNOTFOUND;
        case EACCES:
        case EPERM:
        case EROFS:
        case EISDIR:
            return MMIOERR_ACCESSDENIED;
        case EMFILE:
        case ENFILE:
            return MMIOERR_TOOMANYOPENFILES;
        case ENOMEM:
            return MMIOERR_OUTOFMEMORY;
        default:
            return MMIOERR_INVALIDFILE;
    }
}

LRESULT openFile(MMIOINFO& info, const char* name) {
    // A descriptor handed over in adwInfo instead of a name is not taken.
    if (name == nullptr) return MMIOERR_INVALIDFILE;
    int flags = O_CLOEXEC;
    switch (info.dwFlags & MMIO_RWMODE) {
        case MMIO_WRITE:
            flags |= O_WRONLY;
            break;
        case MMIO_READWRITE:
            flags |= O_RDWR;
            break;
        default:
            flags |= O_RDONLY;
    }
    if ((info.dwFlags & MMIO_CREATE) != 0) flags |= O_CREAT | O_TRUNC;
    const int descriptor = ::open(name, flags, 0666);
    if (descriptor < 0) return static_cast<LRESULT>(openError(errno));
    info.adwInfo[0] = static_cast<DWORD>(descriptor);
    info.lDiskOffset = 0;
    return 0;
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
            if ((static_cast<UINT>(first) & MMIO_FHOPEN) != 0) return 0;
            return ::close(descriptor) == 0 ? 0 : static_cast<LRESULT>(MMIOERR_CANNOTCLOSE);
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
            return static_cast<LRESULT>(MMSYSERR_NOTSUPPORTED);
        default:
            return 0;
    }
}

}  // namespace holdfast::mmio_posix
