// The steps that copy and repair in place share: who may not be touched, and what is removed when a
// result is safe.
#pragma once

#include <string>

#include "iocore/recovery/recovery_scan.h"
#include "iocore/recovery/recovery_writer.h"

namespace holdfast {

// What a repair answers without writing: live, rewritten, leftover and unusable takes, sound ones.
// Nothing: there is work to do.
std::optional<RepairOutcome> outcomeWithoutWork(const RecoveryReport& report);

// Keeps recorders and other repairs away from the input for as long as its handles are open.
// False when somebody has it. [blocks]
Result<bool> lockInput(const ScannedTake& take);

// Removes ring and journal of a take that is safe without them: the ring first, because only the
// journal knows where it lies. What fails is a note, for the take is safe either way. [blocks]
void removeWitnesses(DiskFolder& folder, ScannedTake& take, const RepairOptions& options,
                     RepairResult& result);
void removeRing(const ScannedTake& take, const RepairOptions& options, RepairResult& result);

// Frames at the beginning of the result that lie in the file where the result has them.
std::uint64_t framesInPlace(const RecoveryReport& report);

// Errors: ENOSPC of Stage::disk, naming both counts.
Result<> requireSpace(DiskFolder& folder, std::uint64_t bytes);

}  // namespace holdfast
