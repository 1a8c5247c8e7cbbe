#include "iocore/base/clock_reading.h"

namespace holdfast {

std::uint64_t framesIn(std::chrono::nanoseconds time, std::uint32_t sampleRate) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    if (time.count() <= 0) return 0;
    // In two steps: years of nanoseconds times a rate do not fit into 64 bits.
    const auto whole = static_cast<std::uint64_t>(time.count() / kSecond);
    const auto rest = static_cast<std::uint64_t>(time.count() % kSecond);
    return whole * sampleRate + (rest * sampleRate + kSecond / 2) / kSecond;
}

}  // namespace holdfast
