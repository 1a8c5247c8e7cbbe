// An empty take: a recording, or its last part, that a crash ended before its first frame.
//
// Its files hold nothing and would be named for ever, so a repair removes them; never a file that
// may hold a frame. FORMAT.md, "What recovery does".
#pragma once

#include "iocore/recovery/recovery_scan.h"
#include "iocore/recovery/recovery_writer.h"

namespace holdfast {

// True when neither file nor journal nor ring has a frame, as far as anybody could tell: what
// cannot be read counts as if it had some. Errors: Stage::disk. [any thread] [blocks]
Result<bool> holdsNothing(const TakeEvidence& take, const RecoveryReport& report);

// Removes ring, part file and journal of an empty take, after another look at it under its locks;
// a living writer counts whatever the options say. Killed on its way it is gone on with by the next
// run. Errors: as RecoveryScan::check(); Stage::disk when a file cannot be removed.
// [any thread] [blocks]
Result<RepairResult> removeEmpty(DiskFolder& folder, const RepairOptions& options,
                                 ScannedTake take);

}  // namespace holdfast
