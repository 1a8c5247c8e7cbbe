// One character of a text that may be no UTF-8 at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace holdfast {

struct Utf8Character {
    std::uint32_t code = 0;
    std::size_t bytes = 0;  // 0: no UTF-8 begins here
};

// RFC 3629: shortest form only, no surrogates, up to U+10FFFF. `text` must not be empty.
// [any thread]
Utf8Character firstUtf8Character(std::string_view text);

}  // namespace holdfast
