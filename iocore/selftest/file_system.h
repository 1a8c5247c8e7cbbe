// FileSystemFacts: what the system says about where a folder lies: its type, its device, its
// limits.
//
// The type decides what a sync can mean: a memory file system keeps nothing over a power cut,
// another machine's syncs are its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "iocore/base/result.h"

namespace holdfast {

enum class StorageKind {
    disk,     // a file system on a block device
    memory,   // tmpfs, ramfs: gone with the power
    network,  // on another machine, which answers for its syncs
    layered,  // over another file system that is not seen from here (overlay, FUSE)
    unknown,
};
// "disk", "memory", …: stable, for JSON.
std::string_view storageKindName(StorageKind kind);
StorageKind storageKindOf(std::string_view type);
// Longest file that the type allows, where that is less than a WAV of 4 GiB and its header need.
std::optional<std::uint64_t> fileLimitOf(std::string_view type);

struct FileSystemFacts {
    std::string type;        // "ext4"; empty: the system does not say
    std::string source;      // "/dev/sda1"
    std::string mountPoint;  // "/home"
    StorageKind kind = StorageKind::unknown;
    std::optional<std::uint64_t> maxFileBytes;  // type's or this process's limit (ulimit -f)
    bool preallocates = false;                  // space can be had before it is written
};

// Makes and removes a nameless file. Errors: Stage::disk when the folder cannot be written.
// [control thread] [blocks]
Result<FileSystemFacts> fileSystemFacts(const std::string& folder);

}  // namespace holdfast
