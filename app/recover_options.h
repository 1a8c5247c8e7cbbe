// RecoverOptions: the command line of holdfast-recover.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "app/command_line.h"

namespace holdfast {

enum class RecoverCommand { check, repair, scan, list, selftest };

struct RecoverOptions {
    RecoverCommand command = RecoverCommand::check;
    std::vector<std::string> paths;  // files, or folders to look through; as typed
    std::string output;              // a file or a folder; empty: beside each file
    bool inPlace = false;
    bool undo = false;
    bool dryRun = false;
    bool force = false;  // a living writer does not count
    bool json = false;
    std::uint32_t seconds = 20;  // of a self-test
    bool quiet = false;
    bool verbose = false;
    ColorMode color = ColorMode::automatic;
};

// Looks at no file. [control thread]
std::variant<RecoverOptions, CommandAnswer> parseRecoverOptions(int argc, const char* const* argv);

}  // namespace holdfast
