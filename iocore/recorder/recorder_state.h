// RecorderState: where a recording is, and where it may go from there.
//
//   [monitoring ->] starting -> recording <-> paused
//   monitoring, starting, recording, paused -> finalising -> finished
//   monitoring, recording, paused: shown as deviceLost while no device delivers
//   any but finished -> failed
//
// A failed recorder stays failed; what it wrote stays valid.
#pragma once

#include <string_view>

namespace holdfast {

enum class RecorderState {
    monitoring,
    starting,
    recording,
    paused,
    deviceLost,
    finalising,
    finished,
    failed
};

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

// Why a recording goes on in another file.
enum class PartReason {
    asked,        // signal, key, button
    time,         // --split-time
    size,         // --split-size, or the format's limit
    diskLimit,    // the file system holds no longer file
    diskFailure,  // write or sync failed twice, or the disk is full
    lowSpace,     // --min-free reached
    diskHang,     // the disk does not answer
    sound,        // --trigger: the next sound
};

// "asked", "time", …: the names that the `split` and `spilled` events use.
std::string_view partReasonName(PartReason reason);
// The other file lies in the spill folder.
constexpr bool isSpill(PartReason reason) {
    return reason == PartReason::diskFailure || reason == PartReason::lowSpace ||
           reason == PartReason::diskHang;
}

// "asked", "duration", …: the names that the `stopped` event uses.
std::string_view stopReasonName(StopReason reason);

}  // namespace holdfast
