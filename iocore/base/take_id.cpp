#include "iocore/base/take_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace holdfast {

TakeId TakeId::random() {
    std::random_device source;
    TakeId id;
    for (std::size_t i = 0; i < id.bytes.size(); i += 4) {
        const unsigned value = source();
        for (std::size_t k = 0; k < 4; ++k) {
            id.bytes[i + k] = static_cast<std::byte>((value >> (8 * k)) & 0xFF);
        }
    }
    return id;
}

TakeId TakeId::forPart(std::uint32_t partIndex) const {
    TakeId id = *this;
    for (std::size_t i = 0; i < 4; ++i) {
        id.bytes[i] ^= static_cast<std::byte>(((partIndex - 1) >> (8 * i)) & 0xFF);
    }
    return id;
}

bool TakeId::isZero() const {
    return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

std::string TakeId::hex() const {
    std::string text;
    for (std::byte b : bytes) text += fmt::format("{:02x}", static_cast<unsigned>(b));
    return text;
}

}  // namespace holdfast
