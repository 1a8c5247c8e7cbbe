// Little-endian integers in byte buffers: every format of ours is written through these two.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace holdfast {

// `to` has at least sizeof(value) bytes.
template <std::unsigned_integral T>
inline void storeLe(std::byte* to, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        to[i] = static_cast<std::byte>((value >> (8 * i)) & 0xFF);
    }
}

// `from` has at least sizeof(T) bytes.
template <std::unsigned_integral T>
[[nodiscard]] inline T loadLe(const std::byte* from) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        value = static_cast<T>(value | (static_cast<T>(from[i]) << (8 * i)));
    }
    return value;
}

}  // namespace holdfast
