// Where the session index lies on POSIX: the XDG base directory specification.
#include <cstdlib>

#include "iocore/recovery/session_index.h"

namespace holdfast {

std::string SessionIndex::defaultFolder() {
    // A relative path in the variable is to be ignored, as the specification says.
    const char* state = std::getenv("XDG_STATE_HOME");
    if (state != nullptr && state[0] == '/') return std::string(state) + "/holdfast/sessions";
    const char* home = std::getenv("HOME");
    if (home == nullptr || home[0] != '/') return {};
    return std::string(home) + "/.local/state/holdfast/sessions";
}

}  // namespace holdfast
