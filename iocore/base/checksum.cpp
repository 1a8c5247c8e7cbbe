#include "iocore/base/checksum.h"

// Its code becomes ours: the same bytes on each platform, and no library that a system may lack.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace holdfast {

std::uint64_t checksum(std::span<const std::byte> bytes, std::uint64_t seed) {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

struct StreamingChecksum::State {
    XXH3_state_t xxh;
};

StreamingChecksum::StreamingChecksum(std::uint64_t seed) : state_(std::make_unique<State>()) {
    reset(seed);
}
StreamingChecksum::~StreamingChecksum() = default;
StreamingChecksum::StreamingChecksum(StreamingChecksum&&) noexcept = default;
StreamingChecksum& StreamingChecksum::operator=(StreamingChecksum&&) noexcept = default;

void StreamingChecksum::update(std::span<const std::byte> bytes) {
    XXH3_64bits_update(&state_->xxh, bytes.data(), bytes.size());
}
std::uint64_t StreamingChecksum::value() const {
    return XXH3_64bits_digest(&state_->xxh);
}
void StreamingChecksum::reset(std::uint64_t seed) {
    XXH3_64bits_reset_withSeed(&state_->xxh, seed);
}

}  // namespace holdfast
