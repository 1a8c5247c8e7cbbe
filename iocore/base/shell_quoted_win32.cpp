#include "iocore/base/printable.h"
#include "iocore/base/shell_quoted.h"

namespace holdfast {

std::string shellQuoted(std::string_view text) {
    // No name here has control characters, and no shell could be told them.
    return quotedForWindowsShell(printable(text));
}

}  // namespace holdfast
