// Files in memory, FOURCC_MEM.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "iocore/mmio/mmio_handles_posix.h"
#include "iocore/mmio/mmio_open_file_posix.h"

namespace holdfast::mmio_posix {

MMRESULT MemoryFile::install(char* buffer, LONG bytes, Holds holds) {
    std::unique_ptr<char[]> own;
    if (buffer == nullptr && bytes > 0) {
        own.reset(new (std::nothrow) char[static_cast<std::size_t>(bytes)]());
        if (own == nullptr) return MMIOERR_OUTOFMEMORY;
        buffer = own.get();
    }
    ownBuffer_ = std::move(own);
    setAllocated();
    info.cchBuffer = bytes;
    info.pchBuffer = buffer;
    info.pchNext = buffer;
    info.pchEndWrite = buffer + bytes;
    info.pchEndRead = holds == Holds::none ? buffer : info.pchEndWrite;
    return MMSYSERR_NOERROR;
}

void MemoryFile::setAllocated() {
    info.dwFlags &= ~MMIO_ALLOCBUF;
    if (ownBuffer_ != nullptr) info.dwFlags |= MMIO_ALLOCBUF;
}

LONG MemoryFile::read(char* into, LONG bytes) {
    const LONG ready = std::max(offsetIn(info.pchEndRead) - offsetIn(info.pchNext), LONG{0});
    const LONG step = std::min(bytes, ready);
    if (step > 0) std::memcpy(into, info.pchNext, static_cast<std::size_t>(step));
    info.pchNext += step;
    return step;
}

LONG MemoryFile::write(const char* from, LONG bytes) {
    if (!mayWrite()) return -1;
    const auto needed = std::int64_t{offsetIn(info.pchNext)} + bytes;
    // What there is room for is written even where the rest has none.
    if (needed > info.cchBuffer) growTo(needed);
    const LONG step = std::min(bytes, info.cchBuffer - offsetIn(info.pchNext));
    if (step == 0) return bytes == 0 ? 0 : -1;
    // A seek beyond the end left a hole.
    if (info.pchNext > info.pchEndRead) {
        std::memset(info.pchEndRead, 0, static_cast<std::size_t>(info.pchNext - info.pchEndRead));
    }
    std::memcpy(info.pchNext, from, static_cast<std::size_t>(step));
    info.pchNext += step;
    info.pchEndRead = std::max(info.pchEndRead, info.pchNext);
    return step;
}

LONG MemoryFile::seek(LONG offset, int origin) {
    std::int64_t target = offset;
    if (origin == SEEK_CUR) target += offsetIn(info.pchNext);
    if (origin == SEEK_END) target = std::int64_t{offsetIn(info.pchEndRead)} - offset;
    if (target < 0 || target > info.cchBuffer) return -1;
    info.pchNext = info.pchBuffer + target;
    return static_cast<LONG>(target);
}

MMRESULT MemoryFile::flush(UINT) {
    return MMSYSERR_NOERROR;
}

MMRESULT MemoryFile::advance(UINT direction) {
    const bool isFull = info.pchNext == info.pchEndWrite;
    if ((direction & MMIO_WRITE) == 0 || !isFull) return MMSYSERR_NOERROR;
    return growTo(std::int64_t{info.cchBuffer} + 1);
}

MMRESULT MemoryFile::setBuffer(char* buffer, LONG bytes) {
    if (bytes < 0) return MMSYSERR_INVALPARAM;
    return install(buffer, bytes, Holds::none);
}

MMRESULT MemoryFile::setInfo(const MMIOINFO& changed) {
    if (!pointsIntoBuffer(changed)) return MMSYSERR_INVALPARAM;
    const bool nowDirty = (changed.dwFlags & MMIO_DIRTY) != 0;
    if (nowDirty && !mayWrite()) return MMIOERR_CANNOTWRITE;
    info.pchNext = changed.pchNext;
    // Written where it belongs already; nothing stays dirty.
    if (nowDirty) info.pchEndRead = std::max(info.pchEndRead, info.pchNext);
    return MMSYSERR_NOERROR;
}

MMRESULT MemoryFile::growTo(std::int64_t bytes) {
    const std::int64_t step = info.adwInfo[0];
    if (step == 0) return MMIOERR_CANNOTEXPAND;
    const std::int64_t steps = (bytes - info.cchBuffer + step - 1) / step;
    const std::int64_t size = info.cchBuffer + steps * step;
    if (size > kLastPosition || !moveTo(static_cast<LONG>(size))) return MMIOERR_OUTOFMEMORY;
    return MMSYSERR_NOERROR;
}

bool MemoryFile::moveTo(LONG bytes) {
    const LONG next = offsetIn(info.pchNext);
    const LONG end = offsetIn(info.pchEndRead);
    const auto size = static_cast<std::size_t>(bytes);
    char* moved = nullptr;
    if (ownBuffer_ == nullptr && info.pchBuffer != nullptr) {
        moved = static_cast<char*>(std::realloc(info.pchBuffer, size));
        if (moved == nullptr) return false;
    } else {
        std::unique_ptr<char[]> larger(new (std::nothrow) char[size]());
        if (larger == nullptr) return false;
        std::copy(info.pchBuffer, info.pchEndWrite, larger.get());
        moved = larger.get();
        ownBuffer_ = std::move(larger);
        setAllocated();
    }
    info.cchBuffer = bytes;
    info.pchBuffer = moved;
    info.pchNext = moved + next;
    info.pchEndRead = moved + end;
    info.pchEndWrite = moved + bytes;
    return true;
}

// Opening is all that there is to do: the layer has the bytes.
LRESULT memoryIoProc(LPSTR, UINT message, LPARAM, LPARAM) {
    switch (message) {
        case MMIOM_READ:
        case MMIOM_WRITE:
        case MMIOM_WRITEFLUSH:
        case MMIOM_SEEK:
            return -1;
        case MMIOM_RENAME:
            return static_cast<LRESULT>(MMSYSERR_NOTSUPPORTED);
        default:
            return 0;
    }
}

}  // namespace holdfast::mmio_posix
