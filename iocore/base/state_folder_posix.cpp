// The XDG base directory specification.
#include <cstdlib>

#include "iocore/base/state_folder.h"

namespace holdfast {

std::string stateFolder() {
    // A relative path in the variable is to be ignored, as the specification says.
    const char* state = std::getenv("XDG_STATE_HOME");
    if (state != nullptr && state[0] == '/') return std::string(state) + "/holdfast";
    const char* home = std::getenv("HOME");
    if (home == nullptr || home[0] != '/') return {};
    return std::string(home) + "/.local/state/holdfast";
}

}  // namespace holdfast
