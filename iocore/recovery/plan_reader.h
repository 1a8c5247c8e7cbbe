// readPlan: the audio of a plan, in order, whichever file each piece lies in.
//
// In constant memory; every reader of a plan (copy, in place, verification, raw extraction) goes
// through it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "iocore/base/result.h"
#include "iocore/recovery/recovery_scan.h"

namespace holdfast {

// `frame`: the place in the result of the first frame of `audio`, which is whole frames and valid
// during the visit. An error stops the reading and is returned.
using AudioVisitor = std::function<Result<>(std::uint64_t frame, std::span<const std::byte> audio)>;

// From `fromFrame` of the result on. Errors: Stage::disk, Stage::recovery when a source has become
// shorter since it was scanned. [any thread] [blocks]
Result<> readPlan(const ScannedTake& take, std::uint64_t fromFrame, const AudioVisitor& visit);

// Progress of a repair: bytes done of all, asked whether to go on.
class RepairProgress {
  public:
    RepairProgress(const ScanOptions& options, std::uint64_t totalBytes)
        : options_(options), total_(totalBytes) {}
    // Errors: isCancelled().
    Result<> advance(std::uint64_t bytes);

  private:
    const ScanOptions& options_;
    std::uint64_t total_;
    std::uint64_t done_ = 0;
};

}  // namespace holdfast
