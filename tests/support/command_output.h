// What a shell command printed, for tests that ask another program.
//
// Only what the C++ standard has (std::system), so that it is the same on every platform.
#pragma once

#include <string>

namespace holdfast {

struct CommandOutput {
    int status = 0;    // 0: success; otherwise what std::system returned
    std::string text;  // stdout and stderr
};

// Runs `command` in the system's shell, in the current folder. [any thread] [blocks]
CommandOutput outputOf(const std::string& command);

}  // namespace holdfast
