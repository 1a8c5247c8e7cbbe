#include "app/start_condition.h"

#include <cmath>
#include <ctime>
#include <optional>
#include <regex>
#include <string>

#include "iocore/base/duration.h"

namespace holdfast {
namespace {

constexpr double kLeastDbfs = -120;
constexpr std::uint64_t kMinHoldMs = 10;
constexpr std::uint64_t kMaxHoldMs = 3'600'000;

std::optional<double> numberOf(const std::string& text) {
    static const std::regex grammar(R"([+-]?\d+(\.\d+)?)");
    if (!std::regex_match(text, grammar)) return std::nullopt;
    return std::stod(text);
}

// The system's own rules for summer time. None: no clock shows that time on that day.
std::optional<WallTime> onTheClock(std::tm wished) {
    wished.tm_isdst = -1;
    std::tm shown = wished;
    const std::time_t at = std::mktime(&shown);
    const bool isShown = at != -1 && shown.tm_mday == wished.tm_mday &&
                         shown.tm_mon == wished.tm_mon && shown.tm_hour == wished.tm_hour &&
                         shown.tm_min == wished.tm_min;
    if (!isShown) return std::nullopt;
    return std::chrono::system_clock::from_time_t(at);
}

std::tm dayOf(WallTime now) {
    // [control thread] alone calls this: the buffer is shared.
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    return *std::localtime(&seconds);
}

// Counted by days of the calendar: one may have 23 hours.
std::optional<WallTime> nextTime(std::tm today, WallTime now) {
    for (int day = 0; day < 3; ++day) {
        std::tm wished = today;
        wished.tm_mday += day;
        std::tm noon = wished;  // what date that is
        noon.tm_hour = 12;
        noon.tm_isdst = -1;
        std::mktime(&noon);
        wished.tm_mday = noon.tm_mday;
        wished.tm_mon = noon.tm_mon;
        wished.tm_year = noon.tm_year;
        if (const auto at = onTheClock(wished); at && *at > now) return at;
    }
    return std::nullopt;
}

int field(const std::smatch& found, std::size_t index) {
    return found[index].matched ? std::stoi(found[index]) : 0;
}

}  // namespace

double TriggerOption::linear() const {
    return std::pow(10.0, dbfs / 20);
}

Result<TriggerOption> parseTrigger(std::string_view text) {
    const std::size_t comma = text.find(',');
    const auto level = numberOf(std::string(text.substr(0, comma)));
    if (comma == std::string_view::npos || !level) {
        return fail(Stage::usage, "must be a level and a time, as -40,3s");
    }
    if (*level < kLeastDbfs || *level > 0) {
        return fail(Stage::usage, "the level must be -120 to 0 dBFS");
    }
    const auto hold = parseDuration(text.substr(comma + 1));
    if (!hold) return fail(hold.error());
    if (*hold < kMinHoldMs || *hold > kMaxHoldMs) {
        return fail(Stage::usage, "the time must be 10ms to 1h");
    }
    return TriggerOption{*level, *hold};
}

Result<WallTime> parseStartTime(std::string_view text, WallTime now) {
    static const std::regex grammar(
        R"((?:(\d{4})-(\d\d)-(\d\d)[T ])?(\d{1,2}):(\d\d)(?::(\d\d))?)");
    const std::string whole(text);
    std::smatch found;
    if (!std::regex_match(whole, found, grammar)) {
        return fail(Stage::usage, "must be a time as 20:15, 20:15:30 or 2030-12-31T20:15");
    }
    const bool hasDate = found[1].matched;
    std::tm wished = dayOf(now);
    if (hasDate) {
        wished.tm_year = field(found, 1) - 1900;
        wished.tm_mon = field(found, 2) - 1;
        wished.tm_mday = field(found, 3);
    }
    wished.tm_hour = field(found, 4);
    wished.tm_min = field(found, 5);
    wished.tm_sec = field(found, 6);
    if (wished.tm_hour > 23 || wished.tm_min > 59 || wished.tm_sec > 59) {
        return fail(Stage::usage, whole + " is no time of a day");
    }
    const auto at = hasDate ? onTheClock(wished) : nextTime(wished, now);
    if (!at) return fail(Stage::usage, whole + ": no clock shows that");
    if (*at <= now) return fail(Stage::usage, whole + " is past");
    return *at;
}

}  // namespace holdfast
