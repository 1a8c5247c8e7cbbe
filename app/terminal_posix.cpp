#include "app/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace holdfast {
namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

}  // namespace

bool isSmartTerminal(int descriptor) {
    const std::string type = variable("TERM");
    return ::isatty(descriptor) != 0 && !type.empty() && type != "dumb";
}

std::size_t terminalColumns(int descriptor) {
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

bool environmentIsUtf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const std::string value = variable(name);
        if (value.empty()) continue;
        return value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos;
    }
    return false;
}

// no-color.org: set and not empty.
bool environmentWantsColor() {
    return variable("NO_COLOR").empty();
}

}  // namespace holdfast
