#include "iocore/selftest/latency.h"

#include <algorithm>

namespace holdfast {

Latency latencyOf(std::vector<std::int64_t> nanoseconds) {
    if (nanoseconds.empty()) return {};
    std::ranges::sort(nanoseconds);
    const auto rank = [&](std::uint64_t percent) {
        const std::uint64_t place = (nanoseconds.size() * percent + 99) / 100;
        return nanoseconds[static_cast<std::size_t>(std::max<std::uint64_t>(place, 1) - 1)];
    };
    return {nanoseconds.size(), rank(50), rank(95), rank(99), nanoseconds.back()};
}

}  // namespace holdfast
