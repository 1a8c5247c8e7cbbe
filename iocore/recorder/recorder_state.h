// RecorderState: where a recording is, and where it may go from there.
//
//   starting -> recording <-> paused
//   starting, recording, paused -> finalising -> finished
//   any but finished -> failed
//
// A failed recorder stays failed; what it wrote stays valid.
#pragma once

#include <string_view>

namespace holdfast {

enum class RecorderState { starting, recording, paused, finalising, finished, failed };

std::string_view recorderStateName(RecorderState state);
bool mayFollow(RecorderState from, RecorderState to);

// Why a recording ended.
enum class StopReason {
    none,
    asked,       // signal, key, button
    duration,    // the wished length is there
    endOfInput,  // a file device is at its end
    deviceLost,
    deviceError,
    gap,        // --gaps stop
    lowSpace,   // --min-free reached
    sizeLimit,  // 4 GiB
    diskError,  // write or sync failed twice
};

// "asked", "duration", …: the names that the `stopped` event uses.
std::string_view stopReasonName(StopReason reason);

}  // namespace holdfast
