#include "iocore/mmio/mmio_sharing_posix.h"

#include <sys/stat.h>

#include <algorithm>

namespace holdfast::mmio_posix {
namespace {

bool reads(DWORD flags) {
    return (flags & MMIO_RWMODE) != MMIO_WRITE;
}

bool writes(DWORD flags) {
    return (flags & MMIO_RWMODE) != MMIO_READ || (flags & MMIO_CREATE) != 0;
}

// True when a file opened with `one` keeps out who opens it with `other`. MMIO_COMPAT denies nobody
// by itself, but goes together only with itself.
bool keepsOut(DWORD one, DWORD other) {
    const DWORD mode = one & MMIO_SHAREMODE;
    if ((mode == MMIO_COMPAT) != ((other & MMIO_SHAREMODE) == MMIO_COMPAT)) return true;
    const bool noReader = mode == MMIO_EXCLUSIVE || mode == MMIO_DENYREAD;
    const bool noWriter = mode == MMIO_EXCLUSIVE || mode == MMIO_DENYWRITE;
    return (noReader && reads(other)) || (noWriter && writes(other));
}

}  // namespace

bool OpenShares::enter(int descriptor, DWORD flags) {
    struct stat file {};
    // Pipes and what cannot be asked are nobody's alone.
    const bool known = ::fstat(descriptor, &file) == 0 && S_ISREG(file.st_mode);
    if (!known) return true;
    const std::lock_guard lock(mutex_);
    const bool excluded = std::any_of(shares_.begin(), shares_.end(), [&](const Share& share) {
        const bool same = share.device == file.st_dev && share.file == file.st_ino;
        return same && (keepsOut(share.flags, flags) || keepsOut(flags, share.flags));
    });
    if (excluded) return false;
    shares_.push_back({descriptor, file.st_dev, file.st_ino, flags});
    return true;
}

void OpenShares::leave(int descriptor) {
    const std::lock_guard lock(mutex_);
    const auto last =
        std::find_if(shares_.rbegin(), shares_.rend(),
                     [descriptor](const Share& share) { return share.descriptor == descriptor; });
    if (last != shares_.rend()) shares_.erase(std::next(last).base());
}

// Never destroyed: a thread that was abandoned on a hanging disk may still use it at exit.
OpenShares& openShares() {
    static auto* const shares = new OpenShares;
    return *shares;
}

}  // namespace holdfast::mmio_posix
