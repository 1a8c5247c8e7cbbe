// The images that a crash can leave of a FaultDisk: what recovery may have to work with.
//
// Kill: the page cache survives, so every prefix of the log can be found, and each write cut short.
// Power: only what a completed sync() covered is certain. Of the rest any part may be there: every
// subset of the unsynced operations, any of them torn at sectors, lengths without their bytes, and
// names apart from the data they name. A sync that failed certifies nothing, and no later sync
// makes up for it: the system has already forgotten that those pages were dirty.
// Images are equal when their files and the last promise made before them are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "tests/support/fault_disk.h"

namespace holdfast {

using ImageCallback = std::function<void(const CrashImage&)>;

struct KillOptions {
    std::uint64_t seed = 1;  // of the one cut per write that is on no sector boundary
};

struct PowerOptions {
    // Up to so many unsynced operations all their subsets are tried; above it: none, all, each one
    // lost, each one kept, every prefix, and `randomSubsets` at random.
    std::size_t exhaustive = 10;
    std::size_t randomSubsets = 64;
    std::uint64_t seed = 1;
    // What the medium writes whole. Smaller than 512: a device that tears its sectors.
    std::size_t sectorBytes = 512;
    // The file system keeps the order of creates, renames and removes (a journal of metadata).
    bool namesInOrder = false;
};

ImageCounts forEachKillImage(const FaultDisk& disk, const ImageCallback& callback,
                             const KillOptions& options = {});
ImageCounts forEachPowerImage(const FaultDisk& disk, const PowerOptions& options,
                              const ImageCallback& callback);

}  // namespace holdfast
