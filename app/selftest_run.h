// The subcommand selftest: what `--seconds` of commits say of a folder.
#pragma once

#include "app/recover_run.h"

namespace holdfast {

// Tells the console its report, or why there is none. [control thread] [blocks]
void selfTestFolder(const RecoverOptions& options, RecoverConsole& console,
                    const Cancelled& cancelled);

}  // namespace holdfast
