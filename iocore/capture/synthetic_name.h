// SyntheticName: what a device name that begins with synth: asks for, faults included.
//
// Faults stand in the name so that a test of the whole program can have any of them without a
// second door into it. Grammar:
//   synth:(ramp|tone|noise)[?PART[&PART]…]
//   PART: seed=N | gap@FRAME=N | unplug@FRAME | back@MS | stall@FRAME=MS | error@open
// back@MS belongs to the unplug@ before it: plugged in again so much later. FRAME counts frames of
// the device's own timeline, lost ones included: the number that the ramp carries.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/capture/clocked_source.h"
#include "iocore/capture/synthetic_signal.h"

namespace holdfast {

inline constexpr std::string_view kSyntheticPrefix = "synth:";

struct SyntheticName {
    SyntheticKind kind = SyntheticKind::ramp;
    std::uint64_t seed = 0;
    bool failsToOpen = false;
    std::vector<ClockedFault> faults;  // in order of frames
};

// Errors: Stage::usage, naming the part that is wrong and the grammar. [any thread]
Result<SyntheticName> parseSyntheticName(std::string_view device);

}  // namespace holdfast
