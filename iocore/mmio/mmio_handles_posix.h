// The process-wide tables behind mmio on POSIX: open files and installed IOProcs.
//
// Each has its mutex, never held while an IOProc runs, so a file whose disk hangs keeps
// nobody else waiting. Handle values are never used twice: a closed one is recognised for ever.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "iocore/mmio/mmio.h"
#include "iocore/mmio/mmio_open_file_posix.h"

namespace holdfast::mmio_posix {

// [any thread]; the file that find() returns belongs to the one thread that uses its handle.
class Handles {
  public:
    HMMIO add(std::unique_ptr<OpenFile> file);
    // nullptr for what is no open handle.
    OpenFile* find(HMMIO handle);
    std::unique_ptr<OpenFile> take(HMMIO handle);

  private:
    std::mutex mutex_;
    std::map<HMMIO, std::unique_ptr<OpenFile>> files_;
    // What mmioOpen answers besides handles, TRUE and error codes, is no handle's value.
    std::uintptr_t last_ = 0xFFFF;
};

// [any thread]
class InstalledProcs {
  public:
    void install(FOURCC code, LPMMIOPROC proc);
    // Newest first, then the built-in; nullptr when there is none.
    LPMMIOPROC find(FOURCC code);
    // nullptr when none is installed; the built-in stays.
    LPMMIOPROC remove(FOURCC code);

  private:
    std::mutex mutex_;
    std::vector<std::pair<FOURCC, LPMMIOPROC>> procs_;
};

Handles& handles();
InstalledProcs& installedProcs();

// The built-in IOProcs: 'DOS ' for plain files on descriptors, 'MEM ' for files in memory.
LRESULT dosIoProc(LPSTR info, UINT message, LPARAM first, LPARAM second);
LRESULT memoryIoProc(LPSTR info, UINT message, LPARAM first, LPARAM second);

}  // namespace holdfast::mmio_posix
