// CaptureOptions: the command line of holdfast-capture.
//
// What is named here is checked before anything is touched; an option that is planned but not
// there is not offered, so that no script believes in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "app/command_line.h"
#include "app/retention.h"
#include "app/start_condition.h"
#include "iocore/recorder/recorder.h"

namespace holdfast {

enum class MeterMode { automatic, none, peak };

struct CaptureOptions {
    std::string file;  // as typed; empty: the recordings folder
    CaptureRequest capture;
    bool listDevices = false;
    GapMode gapMode = GapMode::fill;
    OnLost onLost = OnLost::stop;
    FileType fileType = FileType::autoPromote;
    std::optional<std::uint64_t> durationMs;
    std::uint32_t commitMs = 250;
    std::uint32_t ringMs = 30'000;
    std::optional<std::uint64_t> prerollMs;  // set: the start is waited for
    std::optional<TriggerOption> trigger;    // the same
    std::optional<WallTime> startAt;         // the same
    std::uint64_t minFreeBytes = 64u << 20;
    std::optional<std::uint64_t> splitMs;
    std::uint64_t splitBytes = 0;  // 0: never
    std::string spillFolder;       // empty: none
    std::string mirrorFolder;      // the same
    std::string controlPath;       // of a local socket or pipe; the same
    std::string metricsPath;       // the same
    std::string onFileClosed;      // a command; the same
    std::optional<Retention> retention;
    bool resume = false;  // what a kill has cut off
    std::optional<BextFields> bext;
    bool sha256 = false;
    bool json = false;
    std::optional<int> eventsFd;
    bool overwrite = false;
    bool makeFolders = false;
    MeterMode meter = MeterMode::automatic;
    ColorMode color = ColorMode::automatic;
    bool quiet = false;
    bool verbose = false;
};

// [control thread]
std::variant<CaptureOptions, CommandAnswer> parseCaptureOptions(int argc, const char* const* argv);

}  // namespace holdfast
