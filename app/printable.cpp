#include "app/printable.h"

#include <fmt/format.h>

#include <cstdint>

namespace holdfast {
namespace {

struct Character {
    std::uint32_t code = 0;
    std::size_t bytes = 0;  // 0: no UTF-8 begins here
};

// RFC 3629: shortest form only, no surrogates, up to U+10FFFF.
Character firstCharacter(std::string_view text) {
    const auto byteAt = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::uint32_t lead = byteAt(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
    if (bytes == 0 || lead > 0xF4 || text.size() < bytes) return {};
    std::uint32_t code = lead & (0xFFU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byteAt(i) & 0xC0U) != 0x80U) return {};
        code = (code << 6) | (byteAt(i) & 0x3FU);
    }
    constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x1'0000};
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < kLeast[bytes] || surrogate || code > 0x10'FFFF) return {};
    return {code, bytes};
}

// C0, DEL, C1, and the marks that turn the direction of a text around.
bool isControl(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x200E || code == 0x200F ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

bool isWide(std::uint32_t code) {
    return (code >= 0x1100 && code < 0x1200) || (code >= 0x2E80 && code < 0xD7B0) ||
           (code >= 0xF900 && code < 0xFB00) || (code >= 0xFE30 && code < 0xFE70) ||
           (code >= 0xFF00 && code < 0xFF61) || code >= 0x1'F000;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const Character next = firstCharacter(text);
        const std::size_t bytes = next.bytes == 0 ? 1 : next.bytes;
        if (next.bytes == 0 || isControl(next.code)) {
            for (std::size_t i = 0; i < bytes; ++i) {
                shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
            }
        } else {
            shown += text.substr(0, bytes);
        }
        text.remove_prefix(bytes);
    }
    return shown;
}

std::string shellQuoted(std::string_view text) {
    const bool plain = printable(text) == text;
    std::string quoted = plain ? "'" : "$'";
    while (!text.empty()) {
        const Character next = firstCharacter(text);
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

std::size_t columnsOf(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const Character next = firstCharacter(text);
        columns += isWide(next.code) ? 2 : 1;
        text.remove_prefix(next.bytes == 0 ? 1 : next.bytes);
    }
    return columns;
}

std::string_view fitColumns(std::string_view text, std::size_t columns) {
    std::size_t fits = 0;
    while (fits < text.size()) {
        const Character next = firstCharacter(text.substr(fits));
        const std::size_t wide = isWide(next.code) ? 2 : 1;
        if (wide > columns) break;
        columns -= wide;
        fits += next.bytes == 0 ? 1 : next.bytes;
    }
    return text.substr(0, fits);
}

}  // namespace holdfast
