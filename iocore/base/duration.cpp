#include "iocore/base/duration.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace holdfast {
namespace {

constexpr std::uint64_t kMsPerSecond = 1'000;
constexpr std::uint64_t kMsPerMinute = 60 * kMsPerSecond;
constexpr std::uint64_t kMsPerHour = 60 * kMsPerMinute;
constexpr std::uint64_t kMsPerDay = 24 * kMsPerHour;
constexpr std::uint64_t kMaxMs = 3'653 * kMsPerDay;

struct Unit {
    std::string_view name;
    std::uint64_t ms;
};
constexpr std::array<Unit, 5> kUnits{
    {{"d", kMsPerDay}, {"h", kMsPerHour}, {"m", kMsPerMinute}, {"s", kMsPerSecond}, {"ms", 1}}};

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

// Takes "12" or "12.5" from the front of `rest` and returns it in milliseconds of `unitMs` each.
// Nothing when there is no number, or one beyond every limit.
struct Number {
    std::uint64_t whole = 0;
    double fraction = 0;

    [[nodiscard]] std::uint64_t times(std::uint64_t unitMs) const {
        return whole * unitMs +
               static_cast<std::uint64_t>(std::llround(fraction * static_cast<double>(unitMs)));
    }
};

std::optional<Number> takeNumber(std::string_view& rest) {
    Number number;
    const char* end = rest.data() + rest.size();
    const auto [stopped, status] = std::from_chars(rest.data(), end, number.whole);
    if (status != std::errc{} || number.whole > kMaxMs) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(stopped - rest.data()));
    if (!rest.starts_with('.')) return number;
    rest.remove_prefix(1);
    if (rest.empty() || !isDigit(rest.front())) return std::nullopt;
    for (double place = 0.1; !rest.empty() && isDigit(rest.front()); place /= 10) {
        number.fraction += place * (rest.front() - '0');
        rest.remove_prefix(1);
    }
    return number;
}

// [h:]m:s[.fraction]; only the first field may be as large as it likes.
std::optional<std::uint64_t> parseClock(std::string_view rest) {
    std::uint64_t seconds = 0;
    for (int field = 1;; ++field) {
        const auto number = takeNumber(rest);
        if (!number || (field > 1 && number->whole >= 60)) return std::nullopt;
        seconds = seconds * 60 + number->whole;
        if (rest.empty()) {
            if (field == 1 || seconds > kMaxMs) return std::nullopt;
            return seconds * kMsPerSecond + Number{0, number->fraction}.times(kMsPerSecond);
        }
        if (field == 3 || number->fraction != 0 || !rest.starts_with(':')) return std::nullopt;
        rest.remove_prefix(1);
    }
}

std::optional<std::uint64_t> parseUnits(std::string_view rest) {
    std::uint64_t sum = 0;
    std::size_t nextUnit = 0;
    do {
        const auto number = takeNumber(rest);
        if (!number) return std::nullopt;
        const auto nameEnd = std::min(rest.find_first_of("0123456789."), rest.size());
        const std::string_view name = rest.substr(0, nameEnd);
        // A bare number means seconds, but only alone: 1h30 could be either.
        if (name.empty()) {
            if (nextUnit > 0 || !rest.empty()) return std::nullopt;
            return number->times(kMsPerSecond);
        }
        while (nextUnit < kUnits.size() && kUnits[nextUnit].name != name) ++nextUnit;
        if (nextUnit == kUnits.size()) return std::nullopt;
        if (number->whole > kMaxMs / kUnits[nextUnit].ms) return std::nullopt;
        sum += number->times(kUnits[nextUnit++].ms);
        rest.remove_prefix(nameEnd);
    } while (!rest.empty());
    return sum;
}

}  // namespace

Result<std::uint64_t> parseDuration(std::string_view text) {
    const bool isClock = text.find(':') != std::string_view::npos;
    const auto ms = isClock ? parseClock(text) : parseUnits(text);
    if (ms && *ms <= kMaxMs) return *ms;
    return fail(Stage::usage,
                fmt::format("'{}' is no time: write 90 (seconds), 250ms, 1h30m or 00:10:00", text));
}

std::string clockText(std::uint64_t frames, std::uint32_t sampleRate) {
    const std::uint64_t seconds = frames / sampleRate;
    const std::uint64_t tenth = frames % sampleRate * 10 / sampleRate;
    return fmt::format("{}:{:02}:{:02}.{}", seconds / 3600, seconds / 60 % 60, seconds % 60, tenth);
}

std::string remainingText(std::uint64_t seconds) {
    const std::uint64_t minutes = seconds / 60;
    const std::uint64_t hours = minutes / 60;
    if (hours >= 48) return fmt::format("{}d{}h", hours / 24, hours % 24);
    if (hours > 0) return fmt::format("{}h{:02}m", hours, minutes % 60);
    if (minutes > 0) return fmt::format("{}m{:02}s", minutes, seconds % 60);
    return fmt::format("{}s", seconds);
}

}  // namespace holdfast
