#include "iocore/base/shell_quoted.h"

namespace holdfast {

std::string shellQuoted(std::string_view text) {
    return quotedForPosixShell(text);
}

}  // namespace holdfast
