// ScanOptions: what a check may look at, and how it tells of its progress.
//
// Rings are opened through a function, because they lie in other folders than the takes, and
// because tests have none of the system's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"

namespace holdfast {

// Code of the Error (Stage::recovery) after a progress callback has said no: ECANCELED.
bool isCancelled(const Error& error);

// What a damaged file does not say itself (--assume, --reference).
struct AssumedFormat {
    PcmFormat format;
    std::uint64_t dataOffset = 0;  // first byte of audio, where no chunk is known
};

struct ScanOptions {
    // Every segment's checksum, not only those behind the last commit: reads the whole file.
    bool verifyAll = true;
    // A living writer does not count (--force). The locks still do.
    bool ignoreLivingProcess = false;
    // The caller holds the locks itself.
    bool locksAreOurs = false;
    std::optional<AssumedFormat> assumed;
    // Opens a ring by its path, for reading. Default: the system's.
    std::function<Result<std::unique_ptr<DiskFile>>(const std::string& path)> openRing;
    // Where `<take id>.ring` may lie when no journal says where; tried in order.
    std::vector<std::string> ringFolders;
    // Called now and then with bytes done and the bytes expected in all (0: unknown); false
    // cancels. On the thread that scans.
    std::function<bool(std::uint64_t done, std::uint64_t total)> progress;
};

}  // namespace holdfast
