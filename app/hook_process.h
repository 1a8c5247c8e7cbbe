// HookProcess: runs a command of the user's for a file that is finished.
#pragma once

#include <functional>
#include <string>

#include "iocore/base/result.h"

namespace holdfast {

struct HookCommand {
    std::string command;  // of the system's shell
    std::string path;     // of the file: the shell's $1 (not on Windows), and HOLDFAST_FILE
};

// Waits for the command's end and returns its exit status; 128 + n where a signal ended it. It has
// its own process group, no input, and our stderr for all that it says. When `cancelled` answers
// true, asked some times a second, it is ended, with what it has started.
// Errors: Stage::usage where it cannot be started; ECANCELED. [any thread] [blocks]
Result<int> runHook(const HookCommand& hook, const std::function<bool()>& cancelled);

}  // namespace holdfast
