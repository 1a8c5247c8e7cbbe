#include "app/report_words.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "iocore/base/duration.h"
#include "iocore/base/printable.h"
#include "iocore/base/shell_quoted.h"

namespace holdfast {

std::string line(std::string_view label, std::string_view text) {
    return fmt::format("  {:<12} {}\n", label, text);
}

std::string plural(std::uint64_t count, const char* noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string lengthText(std::uint64_t frames, const PcmFormat& format) {
    return fmt::format("{}  {}", clockText(frames, format.sampleRate), plural(frames, "frame"));
}

std::string sizeText(std::uint64_t bytes) {
    if (bytes < 10'000) return plural(bytes, "byte");
    double value = static_cast<double>(bytes) / 1000;
    const char* unit = "kB";
    for (const char* next : {"MB", "GB", "TB"}) {
        if (value < 1000) break;
        value /= 1000;
        unit = next;
    }
    return fmt::format("{:.1f} {}", value, unit);
}

std::string timeText(std::uint64_t ns) {
    const auto seconds = static_cast<std::time_t>(ns / 1'000'000'000);
    return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(seconds));
}

VerdictWords verdictWords(const RecoveryReport& report) {
    const std::string reason = printable(report.reason);
    switch (report.verdict) {
        case Verdict::sound:
            return {"sound", kGreen};
        case Verdict::unfinished:
            if (report.ours) return {"unfinished; all of it can be recovered", kYellow};
            return {"its header is wrong; the audio is there (best effort)", kYellow};
        case Verdict::damaged:
            return {"damaged: " + reason, kRed};
        case Verdict::live:
            return {"being recorded now: " + reason, kYellow};
        case Verdict::leftover:
            return {"nothing to recover: " + reason, kYellow};
        case Verdict::rewritten:
            return {"changed by another program since it was recorded; left alone", kYellow};
        case Verdict::unusable:
            return {"cannot be recovered: " + reason, kRed};
    }
    return {};
}

std::string headline(const std::string& path, const VerdictWords& words, const ReportLook& look) {
    if (!look.color || *words.color == '\0') {
        return fmt::format("{}: {}\n", printable(path), words.text);
    }
    return fmt::format("{}: {}{}{}\n", printable(path), words.color, words.text, kReset);
}

std::string fileWord(const std::string& path) {
    return shellQuoted(path.starts_with('-') ? "./" + path : path);
}

}  // namespace holdfast
