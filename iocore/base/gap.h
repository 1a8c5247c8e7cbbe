// Gap: audio that is missing at one position, how much of it, and why.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast {

enum class GapCause : std::uint32_t {
    ringFull = 1,       // our disk side was behind for longer than the ring is
    driverOverrun = 2,  // the sound server or driver said that it dropped frames
    deviceLost = 3,
    suspended = 4,
    moved = 5,
    clock = 6,      // fewer frames than the clock says, cause unknown
    paused = 7,     // the user's pause: an interval that was not captured; no loss, never filled
    injected = 8,   // a synthetic device's test fault
    restarted = 9,  // nobody recorded: the recorder itself was killed, or the computer went down
};

// "ring_full", "driver_overrun", …: the names that events and reports use.
std::string_view gapCauseName(GapCause cause);

struct Gap {
    std::uint64_t atFrame = 0;  // position in the ring: frames captured before the gap
    std::uint64_t frames = 0;   // frames missing
    GapCause cause = GapCause::ringFull;
    bool operator==(const Gap&) const = default;
};

}  // namespace holdfast
