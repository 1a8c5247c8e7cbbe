// What the programs' command lines have in common.
#pragma once

#include <string>

namespace holdfast {

enum class ColorMode { automatic, always, never };

// The command line asks for no more than this: help, version, or what is wrong with it.
struct CommandAnswer {
    int exitStatus = 0;
    std::string text;  // for stdout when exitStatus is 0, else for stderr
};

}  // namespace holdfast
