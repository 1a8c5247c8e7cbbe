// Not strftime: the system's C library knows the escapes of 1989, and ends the process at others.
#include <fmt/chrono.h>

#include <string_view>

#include "app/time_escapes.h"

namespace holdfast {
namespace {

std::string expanded(std::string_view escape, const std::tm& time) {
    try {
        return fmt::format(fmt::runtime("{:" + std::string(escape) + "}"), time);
    } catch (const fmt::format_error&) {
        return std::string(escape);
    }
}

}  // namespace

std::string expandTimeEscapes(const std::string& text, const std::tm& time) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%' || i + 1 == text.size()) {
            result += text[i];
            continue;
        }
        const bool modified = (text[i + 1] == 'E' || text[i + 1] == 'O') && i + 2 < text.size();
        const std::string_view escape = std::string_view(text).substr(i, modified ? 3 : 2);
        // Braces would end the format, not be an escape in it.
        const bool brace = escape.find_first_of("{}") != std::string_view::npos;
        result += brace ? std::string(escape) : expanded(escape, time);
        i += escape.size() - 1;
    }
    return result;
}

}  // namespace holdfast
