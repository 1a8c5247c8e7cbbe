// What the recovery tool does, one function a subcommand.
//
// A file that fails does not end the run: its exit bits join the others. A cancelled run ends
// between two pieces, and the file it was at is as if it had been killed there: a second run goes
// on.
#pragma once

#include <functional>

#include "app/recover_console.h"
#include "app/recover_options.h"

namespace holdfast {

// True from the moment on that the user has had enough. Asked often.
using Cancelled = std::function<bool()>;

// Each tells the console and joins its exit status. [control thread] [blocks]
void checkFiles(const RecoverOptions& options, RecoverConsole& console, const Cancelled& cancelled);
void repairFiles(const RecoverOptions& options, RecoverConsole& console,
                 const Cancelled& cancelled);
void extractFiles(const RecoverOptions& options, RecoverConsole& console,
                  const Cancelled& cancelled);
void scanFolders(const RecoverOptions& options, RecoverConsole& console,
                 const Cancelled& cancelled);
void listSessions(const RecoverOptions& options, RecoverConsole& console,
                  const Cancelled& cancelled);

}  // namespace holdfast
