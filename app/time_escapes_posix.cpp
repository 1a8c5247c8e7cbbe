#include "app/time_escapes.h"

namespace holdfast {

std::string expandTimeEscapes(const std::string& text, const std::tm& time) {
    if (text.find('%') == std::string::npos) return text;
    // strftime returns 0 both for "does not fit" and for an empty result: the X makes it never
    // empty.
    std::string expanded(text.size() * 8 + 256, '\0');
    const std::size_t length =
        std::strftime(expanded.data(), expanded.size(), ("X" + text).c_str(), &time);
    if (length == 0) return text;
    return expanded.substr(1, length - 1);
}

}  // namespace holdfast
