// What a recording has left whose recorder was killed: its parts, mended, and where they end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"
#include "iocore/recovery/scan_options.h"

namespace holdfast {

struct MendedParts {
    std::uint32_t parts = 0;
    std::uint64_t frames = 0;  // in all of them
    std::string lastPath;
    // Wall clock, of the last frame; none: it is not known, or the last part was finished.
    std::optional<std::uint64_t> endedNs;
    std::vector<std::string> told;  // what was done and what could not be, for people
};

// Repairs in place what is unfinished of `wavName` and its parts (take-002.wav, …), each in the
// first of the folders that has it: a part may have been spilled. One that cannot be repaired stays
// as it is and counts all the same.
// Errors: Stage::usage where somebody records it now. [control thread] [blocks]
Result<MendedParts> mendParts(const std::vector<DiskFolder*>& folders, const std::string& wavName,
                              const ScanOptions& scan);

}  // namespace holdfast
