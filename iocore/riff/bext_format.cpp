#include "iocore/riff/bext_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string_view>

#include "iocore/base/byte_codec.h"

namespace holdfast {
namespace {

constexpr std::size_t kDescriptionBytes = 256;
constexpr std::size_t kOriginatorBytes = 32;
constexpr std::size_t kReferenceBytes = 32;
constexpr std::size_t kUmidBytes = 64;
constexpr std::size_t kBasicUmidBytes = 32;
constexpr std::size_t kReservedBytes = 190;
constexpr std::uint16_t kVersion = 1;
constexpr std::uint64_t kSecondsOfDay = 86'400;
constexpr std::uint64_t kMostTimeReference = std::uint64_t{1} << 62;
// EBU Tech 3285 on OriginationDate and OriginationTime.
constexpr std::string_view kSeparators = "-_: .";
constexpr std::string_view kKeys =
    "Description, Originator, OriginatorReference, OriginationDate, OriginationTime, "
    "TimeReference, UMID, CodingHistory";

tl::unexpected<Error> refuse(std::string_view key, std::string_view why) {
    return fail(Stage::usage, fmt::format("--bext {}: {}", key, why));
}

bool isPrintable(char c) {
    return c >= ' ' && c <= '~';
}

char lowerOf(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

Result<> setText(std::optional<std::string>& field, std::string_view key, std::string_view value,
                 std::size_t most) {
    if (!std::ranges::all_of(value, isPrintable)) {
        return refuse(key, "only printable ASCII characters are allowed (EBU Tech 3285)");
    }
    if (value.size() > most) {
        return refuse(key,
                      fmt::format("{} characters; at most {} are allowed", value.size(), most));
    }
    field = value;
    return {};
}

// Digits as `pattern` has zeros, separators where it has others.
bool fitsPattern(std::string_view value, std::string_view pattern) {
    if (value.size() != pattern.size()) return false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const bool digit = value[i] >= '0' && value[i] <= '9';
        const bool fits =
            pattern[i] == '0' ? digit : kSeparators.find(value[i]) != kSeparators.npos;
        if (!fits) return false;
    }
    return true;
}

unsigned numberAt(std::string_view text, std::size_t at, std::size_t digits) {
    unsigned number = 0;
    for (const char c : text.substr(at, digits))
        number = number * 10 + static_cast<unsigned>(c - '0');
    return number;
}

std::chrono::year_month_day dateOf(std::string_view text) {
    return {std::chrono::year(static_cast<int>(numberAt(text, 0, 4))),
            std::chrono::month(numberAt(text, 5, 2)), std::chrono::day(numberAt(text, 8, 2))};
}

std::uint64_t secondsOf(std::string_view text) {
    return numberAt(text, 0, 2) * 3600ULL + numberAt(text, 3, 2) * 60ULL + numberAt(text, 6, 2);
}

Result<> setDate(BextFields& fields, std::string_view key, std::string_view value) {
    if (!fitsPattern(value, "0000-00-00") || !dateOf(value).ok()) {
        return refuse(key, fmt::format("'{}' is no date; allowed is YYYY-MM-DD", value));
    }
    fields.originationDate = value;
    return {};
}

Result<> setTime(BextFields& fields, std::string_view key, std::string_view value) {
    const bool fits = fitsPattern(value, "00:00:00");
    if (!fits || numberAt(value, 0, 2) > 23 || numberAt(value, 3, 2) > 59 ||
        numberAt(value, 6, 2) > 59) {
        return refuse(key, fmt::format("'{}' is no time of day; allowed is HH:MM:SS", value));
    }
    fields.originationTime = value;
    return {};
}

Result<> setTimeReference(BextFields& fields, std::string_view key, std::string_view value) {
    std::uint64_t frames = 0;
    const char* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, frames);
    if (error != std::errc{} || stop != end || frames > kMostTimeReference) {
        return refuse(key, fmt::format("'{}' is no count of frames since midnight; allowed are "
                                       "whole numbers up to 2^62",
                                       value));
    }
    fields.timeReference = frames;
    return {};
}

Result<> setUmid(BextFields& fields, std::string_view key, std::string_view value) {
    std::string_view digits = value;
    if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
    std::vector<std::byte> bytes;
    bool isHex = digits.size() == 2 * kBasicUmidBytes || digits.size() == 2 * kUmidBytes;
    for (std::size_t i = 0; isHex && i < digits.size(); i += 2) {
        std::uint8_t byte = 0;
        const char* const end = digits.data() + i + 2;
        isHex = std::from_chars(digits.data() + i, end, byte, 16).ptr == end;
        bytes.push_back(static_cast<std::byte>(byte));
    }
    if (!isHex) {
        return refuse(key, fmt::format("must have {} hexadecimal digits (basic), or {} (extended)",
                                       2 * kBasicUmidBytes, 2 * kUmidBytes));
    }
    fields.umid = std::move(bytes);
    return {};
}

// Lines end in CR LF, whatever the user's shell made of them.
Result<> setCodingHistory(BextFields& fields, std::string_view key, std::string_view value) {
    std::string lines;
    for (const char c : value) {
        if (c == '\r') continue;
        if (c == '\n') {
            lines += "\r\n";
        } else if (isPrintable(c)) {
            lines += c;
        } else {
            return refuse(key,
                          "only printable ASCII characters and line ends are allowed (EBU "
                          "Tech 3285)");
        }
    }
    if (!lines.empty() && !lines.ends_with('\n')) lines += "\r\n";
    constexpr std::size_t most = kMaxBextBytes - kBextFixedBytes;
    if (lines.size() > most) {
        return refuse(key,
                      fmt::format("{} characters; at most {} are allowed", lines.size(), most));
    }
    fields.codingHistory = std::move(lines);
    return {};
}

// W counts bits; R 98 has words for one and two channels only.
std::string codingHistoryOf(const PcmFormat& format) {
    const std::uint32_t bits = 8 * bytesPerSample(format.sampleType);
    std::string mode = format.channels == 1 ? ",M=mono" : "";
    if (format.channels == 2) mode = ",M=stereo";
    std::string text = "Holdfast";
    if (format.channels > 2) text += fmt::format("; {} channels", format.channels);
    if (format.sampleType == SampleType::F32) text += "; float";
    return fmt::format("A=PCM,F={},W={}{},T={}\r\n", format.sampleRate, bits, mode, text);
}

void putText(ByteWriter& out, std::string_view text, std::size_t bytes) {
    out.put(std::as_bytes(std::span(text.data(), text.size()))).zeros(bytes - text.size());
}

struct Origination {
    std::string date;
    std::string time;
    std::uint64_t timeReference = 0;
};

// All of a recording is counted from its start, as its frames are: no clock that was set
// meanwhile tears its parts apart.
Origination originationOf(const BextInfo& info, const PcmFormat& format, std::uint64_t firstFrame) {
    using std::chrono::sys_days;
    const BextFields& given = info.given;
    const LocalTime& start = info.startedAt;
    const std::string date = given.originationDate.value_or(
        fmt::format("{:04}-{:02}-{:02}", start.year, start.month, start.day));
    std::string time = given.originationTime.value_or("00:00:00");
    const std::uint64_t rate = format.sampleRate;
    std::uint64_t frames = secondsOf(time) * rate;
    if (!given.originationTime) {
        frames = start.secondOfDay * rate + start.nanoseconds * rate / 1'000'000'000;
    }
    frames += firstFrame;
    const std::uint64_t day = kSecondsOfDay * rate;
    const std::chrono::days daysOn(static_cast<std::int64_t>(frames / day));
    const std::chrono::year_month_day today(sys_days(dateOf(date)) + daysOn);
    const std::uint64_t second = frames % day / rate;

    Origination at;
    at.date = fmt::format("{:04}{}{:02}{}{:02}", static_cast<int>(today.year()) % 10'000, date[4],
                          static_cast<unsigned>(today.month()), date[7],
                          static_cast<unsigned>(today.day()));
    at.time = fmt::format("{:02}{}{:02}{}{:02}", second / 3600, time[2], second / 60 % 60, time[5],
                          second % 60);
    at.timeReference = given.timeReference ? *given.timeReference + firstFrame : frames % day;
    return at;
}

}  // namespace

Result<> setBextField(BextFields& fields, const std::string& assignment) {
    struct Field {
        std::string_view key;
        bool isSet;
        Result<> (*set)(BextFields&, std::string_view, std::string_view);
    };
    const std::array<Field, 8> known = {{
        {"Description", fields.description.has_value(),
         [](BextFields& to, std::string_view key, std::string_view value) {
             return setText(to.description, key, value, kDescriptionBytes);
         }},
        {"Originator", fields.originator.has_value(),
         [](BextFields& to, std::string_view key, std::string_view value) {
             return setText(to.originator, key, value, kOriginatorBytes);
         }},
        {"OriginatorReference", fields.originatorReference.has_value(),
         [](BextFields& to, std::string_view key, std::string_view value) {
             return setText(to.originatorReference, key, value, kReferenceBytes);
         }},
        {"OriginationDate", fields.originationDate.has_value(), setDate},
        {"OriginationTime", fields.originationTime.has_value(), setTime},
        {"TimeReference", fields.timeReference.has_value(), setTimeReference},
        {"UMID", fields.umid.has_value(), setUmid},
        {"CodingHistory", fields.codingHistory.has_value(), setCodingHistory},
    }};
    const std::size_t equals = assignment.find('=');
    const std::string_view key = std::string_view(assignment).substr(0, equals);
    if (equals == std::string::npos) {
        return refuse(fmt::format("'{}'", key),
                      fmt::format("is not KEY=VALUE; keys are {}", kKeys));
    }
    const auto field = std::ranges::find_if(known, [&](const Field& one) {
        return std::ranges::equal(one.key, key, {}, lowerOf, lowerOf);
    });
    if (field == known.end()) {
        return refuse(fmt::format("'{}'", key),
                      fmt::format("this key is not known; known are {}", kKeys));
    }
    if (field->isSet) return refuse(field->key, "is given twice; once is allowed");
    return field->set(fields, field->key, std::string_view(assignment).substr(equals + 1));
}

std::vector<std::byte> encodeBext(const BextInfo& info, const PcmFormat& format,
                                  std::uint64_t firstFrame) {
    const BextFields& given = info.given;
    const Origination at = originationOf(info, format, firstFrame);
    const std::vector<std::byte> umid = given.umid.value_or(std::vector<std::byte>{});
    ByteWriter out;
    putText(out, given.description.value_or(""), kDescriptionBytes);
    putText(out, given.originator.value_or("Holdfast"), kOriginatorBytes);
    putText(out, given.originatorReference.value_or(""), kReferenceBytes);
    putText(out, at.date, 10);
    putText(out, at.time, 8);
    out.put(at.timeReference).put(kVersion);
    out.put(std::span<const std::byte>(umid)).zeros(kUmidBytes - umid.size());
    out.zeros(kReservedBytes);
    const std::string history = given.codingHistory.value_or(codingHistoryOf(format));
    putText(out, history, history.size());
    return out.take();
}

}  // namespace holdfast
