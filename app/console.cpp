#include "app/console.h"

#include "app/output_descriptor.h"
#include "app/terminal.h"

namespace holdfast {
namespace {

constexpr const char* kEraseLine = "\r\x1b[K";

}  // namespace

Console::Console(const CaptureOptions& options)
    : output_(kStderr), quiet_(options.quiet), verbose_(options.verbose) {
    const bool terminal = isSmartTerminal(kStderr);
    statusLine_ = terminal && !quiet_;
    look_.meter =
        options.meter == MeterMode::peak || (options.meter == MeterMode::automatic && statusLine_);
    look_.utf8 = environmentIsUtf8();
    look_.color = options.color == ColorMode::always ||
                  (options.color == ColorMode::automatic && terminal && environmentWantsColor());
}

void Console::detail(std::string_view text) {
    if (verbose_ && !quiet_) print(text);
}

void Console::say(std::string_view text) {
    if (!quiet_) print(text);
}

void Console::warn(std::string_view text) {
    print(text);
}

void Console::print(std::string_view text) {
    std::string line = statusShown_ ? kEraseLine : "";
    line += text;
    line += '\n';
    if (output_.send(std::move(line))) statusShown_ = false;
}

void Console::showStatus(const RecorderStatus& status, const PcmFormat& format,
                         std::span<const float> peaks) {
    if (statusLine_) {
        // The last column stays free: some terminals wrap when it is written.
        look_.columns = terminalColumns(kStderr) - 1;
        const std::string line = statusLine(status, format, peaks, look_);
        if (output_.sendIfIdle(kEraseLine + line)) statusShown_ = true;
        return;
    }
    look_.columns = 200;
    if (!quiet_) output_.sendIfIdle(statusLine(status, format, peaks, look_) + "\n");
}

void Console::clearStatus() {
    if (statusShown_ && output_.send(kEraseLine)) statusShown_ = false;
}

}  // namespace holdfast
