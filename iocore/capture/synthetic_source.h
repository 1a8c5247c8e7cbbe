// Synthetic devices: synth:ramp, synth:tone, synth:noise, with faults in the name.
//
// Grammar: synthetic_name.h. Samples: synthetic_signal.h. Delivered frames can be counted from
// outside: frame_counter.h.
#pragma once

#include <memory>

#include "iocore/base/result.h"
#include "iocore/capture/capture_source.h"

namespace holdfast {

// The wished format, else 48000 Hz, 2 channels, S24. Errors: Stage::usage for a malformed name,
// Stage::format for a format out of range, Stage::device for ?error@open. [control thread]
Result<std::unique_ptr<CaptureSource>> openSyntheticSource(const CaptureRequest& request);

}  // namespace holdfast
