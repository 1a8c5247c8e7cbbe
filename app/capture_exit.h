// From how a recording ended to the exit status that scripts see.
#pragma once

#include "app/exit_status.h"
#include "iocore/base/result.h"
#include "iocore/recorder/recorder_status.h"

namespace holdfast {

// Of a recording that could not start. [any thread]
CaptureExit exitOfStart(const Error& error);
// Of a recording that ended. `journalWorked`: false when checksums or markers were lost on the way,
// which is a disk that fails. [any thread]
CaptureExit exitOfEnd(const StoppedEvent& stopped, bool journalWorked);

}  // namespace holdfast
