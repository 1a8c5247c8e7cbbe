#include "iocore/base/shell_quoted.h"

#include "iocore/base/printable.h"
#include "iocore/base/utf8.h"

namespace holdfast {

std::string quotedForPosixShell(std::string_view text) {
    const bool plain = printable(text) == text;
    std::string quoted = plain ? "'" : "$'";
    while (!text.empty()) {
        const Utf8Character next = firstUtf8Character(text);
        const std::size_t bytes = next.bytes == 0 ? 1 : next.bytes;
        const std::string_view character = text.substr(0, bytes);
        if (character == "'") {
            quoted += plain ? "'\\''" : "\\'";
        } else if (character == "\\" && !plain) {
            quoted += "\\\\";
        } else {
            quoted += printable(character);
        }
        text.remove_prefix(bytes);
    }
    return quoted + "'";
}

std::string quotedForWindowsShell(std::string_view text) {
    std::string quoted = "\"";
    std::size_t backslashes = 0;
    for (const char character : text) {
        if (character == '"') quoted.append(backslashes + 1, '\\');
        backslashes = character == '\\' ? backslashes + 1 : 0;
        quoted += character;
    }
    quoted.append(backslashes, '\\');
    return quoted + "\"";
}

}  // namespace holdfast
