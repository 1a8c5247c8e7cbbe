// Where the session index lies on Windows: the user's local application data.
#include <cstdlib>

#include "iocore/recovery/session_index.h"

namespace holdfast {

std::string SessionIndex::defaultFolder() {
    const char* local = std::getenv("LOCALAPPDATA");
    if (local == nullptr || local[0] == '\0') return {};
    return std::string(local) + "\\holdfast\\sessions";
}

}  // namespace holdfast
