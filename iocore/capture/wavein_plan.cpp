#include "iocore/capture/wavein_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace holdfast {

namespace {

constexpr std::uint64_t kMostBytes = 32 * 1024;
constexpr std::uint64_t kQueueMs = 1'000;
constexpr std::uint64_t kFewest = 8;
constexpr std::uint64_t kMost = 64;

constexpr std::uint32_t kMostForced = 1'024;
constexpr std::uint32_t kMostForcedMs = 10'000;

// The whole of `text` as a number from 1 to `most`, or 0.
std::uint32_t numberUpTo(std::uint32_t most, std::string_view text) {
    std::uint32_t number = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    const bool isWhole = parsed.ec == std::errc() && parsed.ptr == end;
    return isWhole && number <= most ? number : 0;
}

}  // namespace

Result<ForcedHeaders> parseForcedHeaders(std::string_view text) {
    const auto sign = text.find('x');
    ForcedHeaders forced;
    if (sign != std::string_view::npos) {
        forced.count = numberUpTo(kMostForced, text.substr(0, sign));
        forced.ms = numberUpTo(kMostForcedMs, text.substr(sign + 1));
    }
    if (forced.count > 0 && forced.ms > 0) return forced;
    return fail(Stage::usage, fmt::format("'{}' is no COUNTxMS: 1 to {} headers of 1 to {} ms",
                                          text, kMostForced, kMostForcedMs));
}

std::chrono::nanoseconds HeaderPlan::queueTime(const PcmFormat& format) const {
    return std::chrono::nanoseconds(std::uint64_t{count} * frames * 1'000'000'000 /
                                    format.sampleRate);
}

HeaderPlan planHeaders(const PcmFormat& format, std::uint32_t fragmentMs,
                       std::optional<ForcedHeaders> forced) {
    const std::uint64_t rate = format.sampleRate;
    std::uint64_t frames = std::max<std::uint64_t>(rate * fragmentMs / 1'000, 1);
    std::uint64_t count = 0;
    if (forced) {
        frames = std::max<std::uint64_t>(rate * forced->ms / 1'000, 1);
        count = forced->count;
    } else {
        frames = std::clamp<std::uint64_t>(frames, 1, kMostBytes / format.bytesPerFrame());
        const std::uint64_t queue = rate * kQueueMs / 1'000;
        count = std::clamp((queue + frames - 1) / frames, kFewest, kMost);
    }
    return {static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(frames),
            static_cast<std::uint32_t>(frames * format.bytesPerFrame())};
}

}  // namespace holdfast
