// From what was found or done to fsck's bits.
#pragma once

#include "iocore/recovery/recovery_writer.h"

namespace holdfast {

// Bits of RecoverExit, to be joined by OR. [any thread]
int exitOfCheck(const RecoveryReport& report);
int exitOfExtract(const RecoveryReport& report);
int exitOfRepair(const RepairResult& result);
// Of a file that could not be looked at or written.
int exitOfError(const Error& error);

}  // namespace holdfast
