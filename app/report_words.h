// The phrases that all reports for people are made of: lines, counts, lengths, headlines.
#pragma once

#include <string>
#include <string_view>

#include "app/report_text.h"

namespace holdfast {

inline constexpr const char* kGreen = "\x1b[32m";
inline constexpr const char* kYellow = "\x1b[33m";
inline constexpr const char* kRed = "\x1b[31m";
inline constexpr const char* kReset = "\x1b[0m";

// A labelled line below a headline.
std::string line(std::string_view label, std::string_view text);
std::string plural(std::uint64_t count, const char* noun);
// "0:00:01.5  72000 frames"
std::string lengthText(std::uint64_t frames, const PcmFormat& format);
std::string sizeText(std::uint64_t bytes);
std::string timeText(std::uint64_t ns);

struct VerdictWords {
    std::string text;
    const char* color = "";
};
VerdictWords verdictWords(const RecoveryReport& report);
std::string headline(const std::string& path, const VerdictWords& words, const ReportLook& look);
// A word that a shell and our own command line take for a file.
std::string fileWord(const std::string& path);

}  // namespace holdfast
