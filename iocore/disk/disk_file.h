// DiskFile and DiskFolder: all that Holdfast asks of a file system, and nothing more.
//
// Two implementations stand on this interface: the system's (open_file_*, disk_folder_*) and
// FaultDisk, the tests' double that records every operation and yields the images a crash can
// leave. What the commit protocol may assume of them is in FORMAT.md, "Assumptions about the
// medium".
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "iocore/base/result.h"

namespace holdfast {

// No file system has larger blocks.
inline constexpr std::uint64_t kShareAlign = 64 << 10;

// One open file. Errors: Stage::disk with the system's code and the file's name.
class DiskFile {
  public:
    virtual ~DiskFile() = default;

    // Reads up to into.size() bytes; fewer only at the end of the file. [any thread] [blocks]
    virtual Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> into) = 0;
    // Writes all bytes or fails; after a failure any prefix may have been written.
    // [writer thread] [blocks]
    virtual Result<> writeAt(std::uint64_t offset, std::span<const std::byte> bytes) = 0;
    // Cuts or extends (with zeros) to `bytes`. [writer thread] [blocks]
    virtual Result<> resize(std::uint64_t bytes) = 0;
    // The barrier: when it returns, every byte written before it, and the length needed to read
    // them, survive a power cut. [writer thread] [blocks]
    virtual Result<> sync() = 0;
    virtual Result<std::uint64_t> size() = 0;
    // Keeps room for `bytes` behind the end of the file without making it longer: later writes
    // there cannot fail for want of space. Nothing is kept, and that is no error, where the file
    // system has no such call. Fails when the room is not there. [writer thread] [blocks]
    virtual Result<> reserve(std::uint64_t /*bytes*/) { return {}; }
    // Gives it back. [writer thread] [blocks]
    virtual Result<> releaseReserve() { return {}; }
    // Makes the bytes from `offset` on those of `from`, to the end of that file, without a second
    // copy of them on the disk. `offset` is a multiple of kShareAlign. False, and nothing is done,
    // where the file system cannot, or `from` lies elsewhere. [writer thread] [blocks]
    virtual Result<bool> shareFrom(DiskFile& /*from*/, std::uint64_t /*offset*/) { return false; }
    // Takes the exclusive lock that marks a living writer; false when another process has it.
    virtual Result<bool> tryLock() = 0;
    // Modification time in nanoseconds since the epoch, for tools that keep it.
    virtual Result<std::int64_t> modificationTime() = 0;
    virtual Result<> setModificationTime(std::int64_t nanoseconds) = 0;
};

enum class Access { read, readWrite };
enum class Existing { refuse, replace };

// One folder. Names are plain file names inside it, never paths.
class DiskFolder {
  public:
    virtual ~DiskFolder() = default;

    // Makes a new empty file and fails with EEXIST where the name is taken; `ownerOnly` makes it
    // unreadable for other users. Links are not followed.
    virtual Result<std::unique_ptr<DiskFile>> create(const std::string& name, bool ownerOnly) = 0;
    // Regular files only: a folder, device, FIFO or link is an error that says so.
    virtual Result<std::unique_ptr<DiskFile>> open(const std::string& name, Access access) = 0;
    // Existing::refuse fails with EEXIST and leaves both files as they were.
    virtual Result<> rename(const std::string& from, const std::string& to, Existing existing) = 0;
    virtual Result<> remove(const std::string& name) = 0;
    [[nodiscard]] virtual bool exists(const std::string& name) = 0;
    virtual Result<std::vector<std::string>> list() = 0;
    // Those names of list() that are folders; links to folders are not among them.
    virtual Result<std::vector<std::string>> folders() { return std::vector<std::string>(); }
    // When it returns, names made, renamed and removed before it survive a power cut.
    virtual Result<> sync() = 0;
    // Bytes that this user can still write here.
    virtual Result<std::uint64_t> freeBytes() = 0;
    // No file here can be longer, as far as that is known; the largest number when it is not.
    virtual std::uint64_t maxFileBytes() { return std::numeric_limits<std::uint64_t>::max(); }
    // Absolute path of the folder, for messages and for the journal; where it was renamed since it
    // was opened, the present one.
    [[nodiscard]] virtual std::string path() const = 0;
};

// The system's folder at `path`; fails when it is not there or is no folder.
Result<std::unique_ptr<DiskFolder>> openFolder(const std::string& path);

}  // namespace holdfast
