// TakeId: the random 128-bit name that ties a WAV, its journal and its ring together.
//
// Names of files change; the id inside them does not.
#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace holdfast {

struct TakeId {
    std::array<std::byte, 16> bytes{};

    // From the system's random source.
    static TakeId random();
    [[nodiscard]] bool isZero() const;
    // 32 lower-case hexadecimal digits.
    [[nodiscard]] std::string hex() const;
    bool operator==(const TakeId&) const = default;
};

}  // namespace holdfast
