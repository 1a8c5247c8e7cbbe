#include "app/status_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/disk_wait_watch.h"
#include "iocore/base/duration.h"
#include "iocore/base/path_text.h"
#include "iocore/base/printable.h"

namespace holdfast {
namespace {

constexpr const char* kRed = "\x1b[31m";
constexpr const char* kYellow = "\x1b[33m";
constexpr const char* kGreen = "\x1b[32m";
constexpr const char* kPlain = "";
constexpr const char* kReset = "\x1b[0m";
constexpr std::size_t kLeastName = 8;
constexpr std::uint64_t kWarnSeconds = 30 * 60;
constexpr std::uint64_t kAlarmSeconds = 5 * 60;

// A part of the line. Parts of a higher rank go first when the line is too long.
struct Part {
    std::string text;
    const char* color = kPlain;
    int rank = 0;
};

Part headPart(const RecorderStatus& status, const PcmFormat& format, bool utf8) {
    const std::string clock = clockText(status.headFrames, format.sampleRate);
    switch (status.state) {
        case RecorderState::monitoring:
            return {fmt::format("{} MON {}", utf8 ? "○" : "-",
                                clockText(status.prerollFrames, format.sampleRate)),
                    kGreen};
        case RecorderState::starting:
            return {fmt::format("{} WAIT {}", utf8 ? "○" : "-", clock), kYellow};
        case RecorderState::recording:
            return {fmt::format("{} REC {}", utf8 ? "●" : "*", clock), kRed};
        case RecorderState::paused:
            return {fmt::format("{} PAUSE {}", utf8 ? "‖" : "=", clock), kYellow};
        case RecorderState::deviceLost:
            return {fmt::format("{} DEVICE LOST (waiting) {}", utf8 ? "○" : "-", clock), kRed};
        case RecorderState::finalising:
        case RecorderState::finished:
        case RecorderState::failed:
            break;
    }
    return {fmt::format("{} SAVE {}", utf8 ? "■" : "#", clock), kGreen};
}

std::string decibels(float peak) {
    if (!(peak > 0)) return "-inf";
    return fmt::format("{:.1f}", std::max(20 * std::log10(static_cast<double>(peak)), -99.9));
}

Part meterPart(std::span<const float> peaks) {
    if (peaks.empty()) return {};
    const float loudest = *std::ranges::max_element(peaks);
    const char* color = loudest >= 1 ? kRed : loudest >= 0.355F ? kYellow : kPlain;  // -9 dBFS
    // Fixed widths: the rest of the line must not dance.
    if (peaks.size() == 2) {
        return {fmt::format("L {:>5} R {:>5} dBFS", decibels(peaks[0]), decibels(peaks[1])), color,
                3};
    }
    return {fmt::format("{} {:>5} dBFS", peaks.size() == 1 ? "M" : "max", decibels(loudest)), color,
            3};
}

std::vector<Part> partsOf(const RecorderStatus& status, const PcmFormat& format,
                          std::span<const float> peaks, const StatusLook& look) {
    std::vector<Part> parts;
    parts.push_back(headPart(status, format, look.utf8));
    if (look.meter) {
        parts.push_back(meterPart(peaks));
        parts.push_back({fmt::format("CLIP {}", status.clippedSamples),
                         status.clippedSamples > 0 ? kRed : kPlain, 5});
    }
    parts.push_back({fmt::format("gaps {}", status.gaps), status.gaps > 0 ? kRed : kPlain, 2});
    const int ring = static_cast<int>(std::lround(status.ringFill * 100));
    parts.push_back({fmt::format("ring {}%", ring),
                     ring >= 75   ? kRed
                     : ring >= 25 ? kYellow
                                  : kPlain,
                     4});
    parts.push_back(
        {fmt::format("safe to {}", clockText(status.safeFrames, format.sampleRate)), kPlain, 1});
    if (status.diskWaitMs >= DiskWaitWatch::kPatienceMs) {
        parts.push_back({fmt::format("DISK {} s", status.diskWaitMs / 1000), kRed, 1});
    }
    parts.push_back({fmt::format("{} left", remainingText(status.secondsLeft)),
                     status.secondsLeft < kAlarmSeconds  ? kRed
                     : status.secondsLeft < kWarnSeconds ? kYellow
                                                         : kPlain,
                     3});
    return parts;
}

std::size_t lineColumns(const std::vector<Part>& parts) {
    std::size_t columns = 0;
    for (const Part& part : parts) columns += columnsOf(part.text) + (columns > 0 ? 2 : 0);
    return columns;
}

}  // namespace

std::string statusLine(const RecorderStatus& status, const PcmFormat& format,
                       std::span<const float> peaks, const StatusLook& look) {
    auto parts = partsOf(status, format, peaks, look);
    for (int rank = 5; rank > 0 && lineColumns(parts) > look.columns; --rank) {
        std::erase_if(parts, [rank](const Part& part) { return part.rank == rank; });
    }
    // The name takes what room there is, whole or with its beginning.
    const std::string name = printable(nameOfPath(status.path));
    const std::size_t used = lineColumns(parts) + 2;
    const std::size_t room = look.columns > used ? look.columns - used : 0;
    if (columnsOf(name) <= room) {
        parts.push_back({name});
    } else if (room >= kLeastName) {
        parts.push_back({std::string(fitColumns(name, room - 2)) + ".."});
    }

    std::string line;
    for (const Part& part : parts) {
        if (!line.empty()) line += "  ";
        const bool colored = look.color && *part.color != '\0';
        line += colored ? part.color + part.text + kReset : part.text;
    }
    return line;
}

}  // namespace holdfast
