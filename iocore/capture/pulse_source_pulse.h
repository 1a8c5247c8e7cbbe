// PulseSource: records from a source of PulseAudio, or of PipeWire, which speaks its protocol.
#pragma once

#include <memory>

#include "iocore/base/result.h"
#include "iocore/capture/capture_source.h"

namespace holdfast {

// As openSystemSource(), for a source of the user's sound server. Errors: Stage::device; where no
// server is there at all, isServerMissing() says so of it. [control thread] [blocks]
Result<std::unique_ptr<CaptureSource>> openPulseSource(const CaptureRequest& request);

}  // namespace holdfast
