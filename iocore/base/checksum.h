// Checksum: XXH3-64 (xxHash), seeded. The one checksum of header block, journal and segments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace holdfast {

// Algorithm id as the formats store it.
inline constexpr std::uint32_t kChecksumXxh3 = 1;

std::uint64_t checksum(std::span<const std::byte> bytes, std::uint64_t seed);

// The checksum seed of the segment at byte `segmentStart` of the file of a take with `salt`.
inline std::uint64_t segmentSeed(std::uint64_t salt, std::uint64_t segmentStart) {
    return salt + segmentStart;
}

// The same value, fed in pieces.
class StreamingChecksum {
  public:
    explicit StreamingChecksum(std::uint64_t seed);
    ~StreamingChecksum();
    StreamingChecksum(StreamingChecksum&&) noexcept;
    StreamingChecksum& operator=(StreamingChecksum&&) noexcept;

    void update(std::span<const std::byte> bytes);
    [[nodiscard]] std::uint64_t value() const;
    void reset(std::uint64_t seed);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace holdfast
