#include "iocore/base/shell_quoted.h"

namespace holdfast {

std::string shellQuoted(std::string_view text) {
    return quotedForWindowsShell(text);
}

}  // namespace holdfast
