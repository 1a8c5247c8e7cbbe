// The system's own sound devices: the one function of capture that each platform brings.
#pragma once

#include <memory>

#include "iocore/base/result.h"
#include "iocore/capture/capture_source.h"

namespace holdfast {

// As openCaptureSource(), for a device of the sound server or driver; an empty name is its default.
// [control thread] [blocks]
Result<std::unique_ptr<CaptureSource>> openSystemSource(const CaptureRequest& request);

}  // namespace holdfast
