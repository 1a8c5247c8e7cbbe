// Events as NDJSON: one object a line, the schema of all programs.
//
//   {"v":1,"event":"gap","t_ns":MONOTONIC,"frame":POSITION_IN_THE_FILE,…}
//
// Pure functions. Names that are no UTF-8 are mended (U+FFFD), never an error: a file name must not
// end a recording.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "app/event_stamp.h"
#include "app/file_care.h"
#include "iocore/base/result.h"
#include "iocore/recorder/recorder_status.h"
#include "iocore/recorder/silence_watch.h"

namespace holdfast {

// What only the program knows about the end of a take.
struct StoppedContext {
    int exitStatus = 0;
    std::uint64_t eventsDropped = 0;  // a reader that did not read
    std::string repairPath;           // what to repair; empty: nothing
};

// Each returns one line with its line end. [any thread]
std::string eventJson(const RecorderEvent& event, const StoppedContext& context);
// Peaks are linear, one for each channel; digital zero becomes null.
std::string statusJson(const RecorderStatus& status, std::span<const float> peaks);
std::string silenceJson(const EventStamp& stamp, Silence silence);
// "shipped", "hook_failed", "removed", or an error. They have no place in the recording.
std::string careJson(std::uint64_t timeNs, const CareNews& news);
// For what fails outside of a recorder: before its start.
std::string errorJson(const EventStamp& stamp, const Error& error);

}  // namespace holdfast
