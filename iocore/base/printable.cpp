#include "iocore/base/printable.h"

#include <fmt/format.h>

#include <cstdint>

#include "iocore/base/utf8.h"

namespace holdfast {
namespace {

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
        const Utf8Character next = firstUtf8Character(text);
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

std::size_t columnsOf(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const Utf8Character next = firstUtf8Character(text);
        columns += isWide(next.code) ? 2 : 1;
        text.remove_prefix(next.bytes == 0 ? 1 : next.bytes);
    }
    return columns;
}

std::string_view fitColumns(std::string_view text, std::size_t columns) {
    std::size_t fits = 0;
    while (fits < text.size()) {
        const Utf8Character next = firstUtf8Character(text.substr(fits));
        const std::size_t wide = isWide(next.code) ? 2 : 1;
        if (wide > columns) break;
        columns -= wide;
        fits += next.bytes == 0 ? 1 : next.bytes;
    }
    return text.substr(0, fits);
}

}  // namespace holdfast
