#include "iocore/base/utf8.h"

namespace holdfast {

Utf8Character firstUtf8Character(std::string_view text) {
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

}  // namespace holdfast
