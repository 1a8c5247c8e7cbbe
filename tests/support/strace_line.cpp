#include "tests/support/strace_line.h"

#include <cstdlib>

namespace holdfast {
namespace {

int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return 0;
}

// "\x2f\x74" -> "/t"
std::string unescape(std::string_view hex) {
    std::string text;
    text.reserve(hex.size() / 4);
    for (std::size_t i = 0; i + 3 < hex.size(); i += 4) {
        text += static_cast<char>(hexDigit(hex[i + 2]) * 16 + hexDigit(hex[i + 3]));
    }
    return text;
}

// The path in "3<\x2f...>"; empty when the name behind the descriptor was removed.
std::string pathIn(std::string_view descriptor) {
    const std::size_t from = descriptor.find('<');
    const std::size_t to = descriptor.find('>');
    if (from == std::string_view::npos || to == std::string_view::npos) return {};
    if (descriptor.substr(to + 1) == "(deleted)") return {};
    return unescape(descriptor.substr(from + 1, to - from - 1));
}

// Splits at the commas that stand in no bracket. Strings are hexadecimal and hold neither.
std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    int depth = 0;
    std::string part;
    for (char c : text) {
        if (c == '[' || c == '{') ++depth;
        if (c == ']' || c == '}') --depth;
        if (c == ',' && depth == 0) {
            parts.push_back(std::move(part));
            part.clear();
        } else if (c != ' ' || !part.empty()) {
            part += c;
        }
    }
    if (!part.empty()) parts.push_back(std::move(part));
    return parts;
}

}  // namespace

std::optional<StraceLine> StraceLine::parse(std::string_view text) {
    const std::size_t open = text.find('(');
    const std::size_t equals = text.rfind(" = ");
    if (open == std::string_view::npos || equals == std::string_view::npos) return std::nullopt;
    const std::size_t close = text.rfind(')', equals);
    if (close == std::string_view::npos || close < open) return std::nullopt;
    StraceLine line;
    line.call = std::string(text.substr(0, open));
    line.arguments = split(text.substr(open + 1, close - open - 1));
    const std::string result(text.substr(equals + 3));
    if (result.empty() || result[0] == '?') return std::nullopt;
    line.result = std::strtoll(result.c_str(), nullptr, 0);
    if (line.result == -1) {
        const std::size_t space = result.find(' ');
        if (space != std::string::npos) {
            line.error = result.substr(space + 1, result.find(' ', space + 1) - space - 1);
        }
    }
    line.resultPath = pathIn(result);
    return line;
}

std::string_view StraceLine::argument(std::size_t index) const {
    return index < arguments.size() ? std::string_view(arguments[index]) : std::string_view();
}

std::uint64_t StraceLine::number(std::size_t index) const {
    return std::strtoull(std::string(argument(index)).c_str(), nullptr, 0);
}

bool StraceLine::has(std::size_t index, std::string_view flag) const {
    std::string_view flags = argument(index);
    while (!flags.empty()) {
        const std::size_t bar = flags.find('|');
        if (flags.substr(0, bar) == flag) return true;
        if (bar == std::string_view::npos) break;
        flags.remove_prefix(bar + 1);
    }
    return false;
}

std::string StraceLine::pathOf(std::size_t index) const {
    return pathIn(argument(index));
}

std::optional<std::string> StraceLine::text(std::size_t index) const {
    const std::string_view from = argument(index);
    std::string text;
    std::size_t at = 0;
    while ((at = from.find('"', at)) != std::string_view::npos) {
        const std::size_t end = from.find('"', at + 1);
        if (end == std::string_view::npos) return std::nullopt;
        if (from.substr(end + 1, 3) == "...") return std::nullopt;
        text += unescape(from.substr(at + 1, end - at - 1));
        at = end + 1;
    }
    return text;
}

}  // namespace holdfast
