// DiskOp and CrashImage: what FaultDisk records, and what a crash leaves of it.
//
// A log of operations is plain data, so that it can come from FaultDisk itself or from a real
// program's system calls (syscall_log.h), and the same generators judge both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace holdfast {

using Bytes = std::vector<std::byte>;

struct DiskOp {
    enum class Kind {
        create,
        write,
        resize,
        sync,
        rename,  // `name` becomes `to`, replacing what stood there
        link,    // `to` is a second name of `name`
        remove,
        folderSync,
        acknowledge,  // the program promised something to the outside; not a disk operation
        read,         // shown to fault hooks, never logged
    };
    Kind kind = Kind::write;
    std::string name;          // of the file at that moment
    std::string to = {};       // rename, link
    std::uint64_t offset = 0;  // write: byte position; resize: new length; acknowledge: the promise
    Bytes bytes = {};          // write: what reached the file, also when it failed half-way
    int error = 0;             // errno when it failed
    std::size_t file = 0;      // identity that outlives names; given by FaultDisk
};

// "3 write take.wav 512+4096": for labels and messages.
std::string describe(const DiskOp& op, std::size_t index);

using FileMap = std::map<std::string, std::shared_ptr<const Bytes>>;

// What recovery would find.
struct CrashImage {
    FileMap files;
    std::size_t point = 0;           // operations of the log that had begun
    std::uint64_t acknowledged = 0;  // last promise made before the crash
    std::string label;               // how the image came about

    [[nodiscard]] bool has(const std::string& name) const { return files.contains(name); }
    // The file's bytes; empty when there is none.
    [[nodiscard]] const Bytes& at(const std::string& name) const;
};

struct ImageCounts {
    std::uint64_t generated = 0;
    std::uint64_t distinct = 0;  // handed to the callback
};

}  // namespace holdfast
