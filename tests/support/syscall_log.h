// A real program's system calls as FaultDisk operations, so that the order in which the shipped
// program writes, syncs and promises is judged by the same crash images as its parts.
//
// strace records them (straceCommand), with the bytes of every write: -xx makes each string plain
// hexadecimal, so nothing in a name or in audio can be taken for syntax. One folder is watched.
// A sync that overlaps other calls covers only what had returned before it began. What the model
// does not know (mapped writes, O_DSYNC, clones) is a problem, never silently left out. On Wine
// the server's calls count as the program's (names are changed there): it must start under strace
// too. Descriptor numbers matter for writes without an offset only, and are taken to be one
// process's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/disk_op.h"

namespace holdfast {

// The words to put before a command; its calls go to `logPath`.
std::vector<std::string> straceCommand(const std::string& logPath);

struct SyscallLogOptions {
    std::string folder;  // absolute, links resolved; only files directly in it are watched
    FileMap before;      // what the folder held when the program started
    // Sees what the program writes elsewhere (stdout, events) and finds the promise in it, if any.
    std::function<std::optional<std::uint64_t>(std::string_view)> promiseIn;
};

struct SyscallLog {
    std::vector<DiskOp> operations;  // for FaultDisk::importLog
    std::string problem;             // the first thing that could not be modelled; else empty
};

SyscallLog readSyscallLog(const std::string& logPath, const SyscallLogOptions& options);

}  // namespace holdfast
