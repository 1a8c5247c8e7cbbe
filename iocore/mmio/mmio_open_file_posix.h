// OpenFile: what is behind one HMMIO on POSIX. Two kinds: a file behind an IOProc, and memory.
//
// In both, pchBuffer .. pchEndRead holds the file's bytes from lBufOffset on, and pchNext is the
// position. [one thread at a time] [blocks]
#pragma once

#include <limits>
#include <memory>

#include "iocore/mmio/mmio.h"

namespace holdfast::mmio_posix {

class OpenFile {
  public:
    static constexpr LONG kLastPosition = std::numeric_limits<LONG>::max();

    OpenFile() = default;
    virtual ~OpenFile() = default;
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    LRESULT send(UINT message, LPARAM first, LPARAM second) {
        return info.pIOProc(reinterpret_cast<LPSTR>(&info), message, first, second);
    }
    [[nodiscard]] bool mayRead() const { return (info.dwFlags & MMIO_RWMODE) != MMIO_WRITE; }
    // Who creates a file may write it, whatever else is asked for.
    [[nodiscard]] bool mayWrite() const {
        return (info.dwFlags & MMIO_RWMODE) != MMIO_READ || (info.dwFlags & MMIO_CREATE) != 0;
    }

    // The calls of mmio by these names, behind a handle that is known. REQUIRES bytes >= 0 and an
    // origin that exists.
    virtual LONG read(char* into, LONG bytes) = 0;
    virtual LONG write(const char* from, LONG bytes) = 0;
    virtual LONG seek(LONG offset, int origin) = 0;
    virtual MMRESULT flush(UINT flags) = 0;
    virtual MMRESULT advance(UINT direction) = 0;
    virtual MMRESULT setBuffer(char* buffer, LONG bytes) = 0;
    virtual MMRESULT setInfo(const MMIOINFO& changed) = 0;
    [[nodiscard]] virtual bool isBuffered() const = 0;
    // A message of the application's own has been answered: the IOProc may stand elsewhere.
    virtual void afterOwnMessage() {}

    MMIOINFO info{};

  protected:
    [[nodiscard]] LONG offsetIn(const char* place) const {
        return static_cast<LONG>(place - info.pchBuffer);
    }
    // True when all pointers of `changed` lie in this buffer, which is the same.
    [[nodiscard]] bool pointsIntoBuffer(const MMIOINFO& changed) const;
};

// A file behind an IOProc. Unbuffered, each call is one message, and nothing is kept here.
class ProcFile final : public OpenFile {
  public:
    LONG read(char* into, LONG bytes) override;
    LONG write(const char* from, LONG bytes) override;
    LONG seek(LONG offset, int origin) override;
    MMRESULT flush(UINT flags) override;
    MMRESULT advance(UINT direction) override;
    MMRESULT setBuffer(char* buffer, LONG bytes) override;
    MMRESULT setInfo(const MMIOINFO& changed) override;
    [[nodiscard]] bool isBuffered() const override { return info.pchBuffer != nullptr; }
    void afterOwnMessage() override { diskAt_ = kUnknown; }

    // The buffer of a file that is being opened: `buffer`, or one of ours where that is nullptr and
    // the size is not 0. MMIOERR_OUTOFMEMORY, and nothing is changed.
    MMRESULT installBuffer(char* buffer, LONG bytes);
    // Takes the position at which MMIOM_OPEN left the file.
    void afterOpen();

  private:
    static constexpr LONG kUnknown = -1;

    [[nodiscard]] bool isDirty() const { return (info.dwFlags & MMIO_DIRTY) != 0; }
    [[nodiscard]] LONG position() const { return info.lBufOffset + offsetIn(info.pchNext); }

    LONG readBuffered(char* into, LONG bytes);
    LONG writeBuffered(const char* from, LONG bytes);
    LONG seekBuffered(LONG offset, int origin);
    // The IOProc's new position, or -1.
    LONG seekDisk(LONG offset, int origin);
    // MMIOM_READ or MMIOM_WRITE at an offset of the file: bytes, or -1.
    LONG transfer(UINT message, LONG offset, char* buffer, LONG bytes);
    // One read into the empty buffer: bytes, 0 at the end, -1.
    LONG fill();
    void keep(const char* from, LONG bytes);
    void markDirty(LONG begin, LONG end);
    // False when the bytes could not be written; they stay.
    bool writeDirty();
    void restartBufferAt(LONG offset);
    // Writes what is dirty, and begins the buffer at the position. False as above.
    bool emptyBuffer();

    std::unique_ptr<char[]> ownBuffer_;
    // Where the IOProc stands, as far as its answers tell; asked for by a seek when unknown.
    LONG diskAt_ = 0;
    // The part of the buffer that MMIO_DIRTY speaks of, as offsets in it.
    LONG dirtyBegin_ = 0;
    LONG dirtyEnd_ = 0;
};

// A file in memory: its buffer is the file, pchEndRead its end.
class MemoryFile final : public OpenFile {
  public:
    // The file of `bytes` bytes: `buffer`, or one of ours where that is nullptr and the size is not
    // 0. It has all those bytes, or none. MMIOERR_OUTOFMEMORY, and nothing is changed.
    enum class Holds { allBytes, none };
    MMRESULT install(char* buffer, LONG bytes, Holds holds);

    LONG read(char* into, LONG bytes) override;
    LONG write(const char* from, LONG bytes) override;
    LONG seek(LONG offset, int origin) override;
    MMRESULT flush(UINT flags) override;
    MMRESULT advance(UINT direction) override;
    MMRESULT setBuffer(char* buffer, LONG bytes) override;
    MMRESULT setInfo(const MMIOINFO& changed) override;
    [[nodiscard]] bool isBuffered() const override { return true; }

  private:
    void setAllocated();
    // Makes room for `bytes` in all. MMIOERR_CANNOTEXPAND, MMIOERR_OUTOFMEMORY.
    MMRESULT growTo(std::int64_t bytes);
    bool moveTo(LONG bytes);

    std::unique_ptr<char[]> ownBuffer_;  // empty where the caller's is used
};

}  // namespace holdfast::mmio_posix
