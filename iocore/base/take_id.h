// TakeId: the random 128-bit name that ties a WAV, its journal and its ring together.
//
// Names of files change; the id inside them does not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace holdfast {

struct TakeId {
    std::array<std::byte, 16> bytes{};

    // From the system's random source.
    static TakeId random();
    // The id of part `partIndex` (from 1) of the session with this id, and the other way round: the
    // session of the part with this id. Part 1 has the session's own id; so a WAV alone, which
    // knows its id and its part, leads to the ring that all parts share.
    [[nodiscard]] TakeId forPart(std::uint32_t partIndex) const;
    [[nodiscard]] bool isZero() const;
    // 32 lower-case hexadecimal digits.
    [[nodiscard]] std::string hex() const;
    bool operator==(const TakeId&) const = default;
};

}  // namespace holdfast
