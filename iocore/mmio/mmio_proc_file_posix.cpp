// Files behind an IOProc, unbuffered and buffered.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>

#include "iocore/mmio/mmio_open_file_posix.h"

namespace holdfast::mmio_posix {

bool OpenFile::pointsIntoBuffer(const MMIOINFO& changed) const {
    const auto inside = [this](const char* place) {
        return place >= info.pchBuffer && place <= info.pchEndWrite;
    };
    return changed.pchBuffer == info.pchBuffer && changed.cchBuffer == info.cchBuffer &&
           changed.pchEndWrite == info.pchEndWrite && inside(changed.pchNext) &&
           inside(changed.pchEndRead);
}

LONG ProcFile::read(char* into, LONG bytes) {
    if (isBuffered()) return readBuffered(into, bytes);
    return static_cast<LONG>(send(MMIOM_READ, reinterpret_cast<LPARAM>(into), bytes));
}

LONG ProcFile::write(const char* from, LONG bytes) {
    if (isBuffered()) return writeBuffered(from, bytes);
    return static_cast<LONG>(send(MMIOM_WRITE, reinterpret_cast<LPARAM>(from), bytes));
}

LONG ProcFile::seek(LONG offset, int origin) {
    return isBuffered() ? seekBuffered(offset, origin) : seekDisk(offset, origin);
}

MMRESULT ProcFile::flush(UINT flags) {
    if (!isBuffered()) return MMSYSERR_NOERROR;
    if (!writeDirty()) return MMIOERR_CANNOTWRITE;
    if ((flags & MMIO_EMPTYBUF) != 0) restartBufferAt(position());
    return MMSYSERR_NOERROR;
}

MMRESULT ProcFile::advance(UINT direction) {
    if (!isBuffered()) return MMIOERR_UNBUFFERED;
    const bool forReading = (direction & MMIO_WRITE) == 0;
    if (forReading && !mayRead()) return MMIOERR_CANNOTREAD;
    if (!emptyBuffer()) return MMIOERR_CANNOTWRITE;
    if (forReading && fill() < 0) return MMIOERR_CANNOTREAD;
    return MMSYSERR_NOERROR;
}

MMRESULT ProcFile::setBuffer(char* buffer, LONG bytes) {
    if (bytes < 0) return MMSYSERR_INVALPARAM;
    if (!isBuffered()) {
        const LONG here = seekDisk(0, SEEK_CUR);
        if (here < 0) return MMIOERR_CANNOTSEEK;
        info.lBufOffset = here;
    } else {
        if (!emptyBuffer()) return MMIOERR_CANNOTWRITE;
        const LONG here = position();
        // The next message of an unbuffered file has no seek before it.
        if (buffer == nullptr && bytes == 0 && diskAt_ != here &&
            seekDisk(here, SEEK_SET) != here) {
            return MMIOERR_CANNOTSEEK;
        }
    }
    return installBuffer(buffer, bytes);
}

MMRESULT ProcFile::setInfo(const MMIOINFO& changed) {
    if (!isBuffered()) {
        const bool untouched = changed.cchBuffer == 0 && changed.pchBuffer == nullptr &&
                               changed.pchNext == nullptr && changed.pchEndRead == nullptr &&
                               changed.pchEndWrite == nullptr;
        return untouched ? MMSYSERR_NOERROR : MMSYSERR_INVALPARAM;
    }
    if (!pointsIntoBuffer(changed)) return MMSYSERR_INVALPARAM;
    const bool nowDirty = (changed.dwFlags & MMIO_DIRTY) != 0;
    if (nowDirty && !mayWrite()) return MMIOERR_CANNOTWRITE;
    info.pchNext = changed.pchNext;
    info.pchEndRead = std::max(info.pchEndRead, info.pchNext);
    // Which bytes the application has written it does not say. All that is valid is what the file
    // has there already, or what it is to have.
    if (nowDirty) markDirty(0, offsetIn(info.pchEndRead));
    return MMSYSERR_NOERROR;
}

MMRESULT ProcFile::installBuffer(char* buffer, LONG bytes) {
    std::unique_ptr<char[]> own;
    if (buffer == nullptr && bytes > 0) {
        own.reset(new (std::nothrow) char[static_cast<std::size_t>(bytes)]);
        if (own == nullptr) return MMIOERR_OUTOFMEMORY;
        buffer = own.get();
    }
    ownBuffer_ = std::move(own);
    info.dwFlags &= ~MMIO_ALLOCBUF;
    if (ownBuffer_ != nullptr) info.dwFlags |= MMIO_ALLOCBUF;
    info.cchBuffer = bytes;
    info.pchBuffer = buffer;
    info.pchEndWrite = buffer == nullptr ? nullptr : buffer + bytes;
    restartBufferAt(info.lBufOffset);
    return MMSYSERR_NOERROR;
}

void ProcFile::afterOpen() {
    diskAt_ = info.lDiskOffset < 0 ? kUnknown : info.lDiskOffset;
    info.lBufOffset = std::max(info.lDiskOffset, LONG{0});
}

// --- buffered ---

LONG ProcFile::readBuffered(char* into, LONG bytes) {
    LONG done = 0;
    const auto failed = [&done] { return done > 0 ? done : -1; };
    while (done < bytes) {
        const LONG left = bytes - done;
        if (const LONG ready = offsetIn(info.pchEndRead) - offsetIn(info.pchNext); ready > 0) {
            const LONG step = std::min(left, ready);
            std::memcpy(into + done, info.pchNext, static_cast<std::size_t>(step));
            info.pchNext += step;
            done += step;
            continue;
        }
        if (!emptyBuffer()) return failed();
        if (left < info.cchBuffer) {
            const LONG got = fill();
            if (got < 0) return failed();
            if (got == 0) break;
            continue;
        }
        const LONG got = transfer(MMIOM_READ, info.lBufOffset, into + done, left);
        if (got < 0) return failed();
        if (got == 0) break;
        restartBufferAt(info.lBufOffset + got);
        done += got;
    }
    return done;
}

LONG ProcFile::writeBuffered(const char* from, LONG bytes) {
    if (!mayWrite() || bytes > kLastPosition - position()) return -1;
    LONG done = 0;
    while (done < bytes) {
        const LONG left = bytes - done;
        const bool isEmpty = info.pchEndRead == info.pchBuffer;
        if (info.pchNext < info.pchEndWrite && !(isEmpty && left >= info.cchBuffer)) {
            const LONG step = std::min(left, offsetIn(info.pchEndWrite) - offsetIn(info.pchNext));
            keep(from + done, step);
            done += step;
            continue;
        }
        if (!emptyBuffer()) return done > 0 ? done : -1;
        if (left < info.cchBuffer) continue;
        // transfer() writes to its buffer only for MMIOM_READ.
        const LONG put =
            transfer(MMIOM_WRITE, info.lBufOffset, const_cast<char*>(from + done), left);
        if (put < 0) return done > 0 ? done : -1;
        restartBufferAt(info.lBufOffset + put);
        done += put;
        if (put < left) break;
    }
    return done;
}

LONG ProcFile::seekBuffered(LONG offset, int origin) {
    std::int64_t target = offset;
    if (origin == SEEK_CUR) target += position();
    if (origin == SEEK_END) {
        // The end is where the buffer's bytes put it.
        if (!writeDirty()) return -1;
        target = seekDisk(offset, SEEK_END);
    }
    if (target < 0 || target > kLastPosition) return -1;
    const auto there = static_cast<LONG>(target);
    const LONG inBuffer = there - info.lBufOffset;
    if (there >= info.lBufOffset && inBuffer <= offsetIn(info.pchEndRead)) {
        info.pchNext = info.pchBuffer + inBuffer;
        return there;
    }
    if (!writeDirty()) return -1;
    if (diskAt_ != there && seekDisk(there, SEEK_SET) != there) return -1;
    restartBufferAt(there);
    return there;
}

LONG ProcFile::seekDisk(LONG offset, int origin) {
    const LRESULT answer = send(MMIOM_SEEK, offset, origin);
    const bool isPosition = answer >= 0 && answer <= kLastPosition;
    diskAt_ = isPosition ? static_cast<LONG>(answer) : kUnknown;
    return isPosition ? diskAt_ : -1;
}

LONG ProcFile::transfer(UINT message, LONG offset, char* buffer, LONG bytes) {
    if (diskAt_ != offset && seekDisk(offset, SEEK_SET) != offset) return -1;
    const LONG most = std::min(bytes, kLastPosition - offset);
    diskAt_ = kUnknown;
    const LRESULT answer = send(message, reinterpret_cast<LPARAM>(buffer), most);
    if (answer < 0 || answer > most) return -1;
    diskAt_ = offset + static_cast<LONG>(answer);
    return static_cast<LONG>(answer);
}

LONG ProcFile::fill() {
    const LONG got = transfer(MMIOM_READ, info.lBufOffset, info.pchBuffer, info.cchBuffer);
    if (got > 0) info.pchEndRead = info.pchBuffer + got;
    return got;
}

void ProcFile::keep(const char* from, LONG bytes) {
    std::memcpy(info.pchNext, from, static_cast<std::size_t>(bytes));
    const LONG begin = offsetIn(info.pchNext);
    info.pchNext += bytes;
    info.pchEndRead = std::max(info.pchEndRead, info.pchNext);
    markDirty(begin, begin + bytes);
}

void ProcFile::markDirty(LONG begin, LONG end) {
    dirtyBegin_ = isDirty() ? std::min(dirtyBegin_, begin) : begin;
    dirtyEnd_ = isDirty() ? std::max(dirtyEnd_, end) : end;
    info.dwFlags |= MMIO_DIRTY;
}

bool ProcFile::writeDirty() {
    if (!isDirty()) return true;
    const LONG bytes = dirtyEnd_ - dirtyBegin_;
    if (bytes > 0 && transfer(MMIOM_WRITE, info.lBufOffset + dirtyBegin_,
                              info.pchBuffer + dirtyBegin_, bytes) != bytes) {
        return false;
    }
    info.dwFlags &= ~MMIO_DIRTY;
    return true;
}

void ProcFile::restartBufferAt(LONG offset) {
    info.lBufOffset = offset;
    info.pchNext = info.pchBuffer;
    info.pchEndRead = info.pchBuffer;
}

bool ProcFile::emptyBuffer() {
    if (!writeDirty()) return false;
    restartBufferAt(position());
    return true;
}

}  // namespace holdfast::mmio_posix
