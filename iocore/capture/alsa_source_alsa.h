// AlsaSource: records from a device of ALSA, without a sound server.
#pragma once

#include <memory>

#include "iocore/base/result.h"
#include "iocore/capture/alsa_open_alsa.h"
#include "iocore/capture/capture_source.h"

namespace holdfast {

// Opens the PCM that request.device names after kAlsaPrefix. Errors: Stage::device.
// [control thread] [blocks]
Result<std::unique_ptr<CaptureSource>> openAlsaSource(const CaptureRequest& request,
                                                      const AlsaOpener& open = openAlsaPcm);

}  // namespace holdfast
