// Opening a waveIn device: which one, in which format.
#pragma once

#include <memory>
#include <optional>

#include "iocore/base/result.h"
#include "iocore/capture/capture_source.h"
#include "iocore/capture/wavein_api.h"
#include "iocore/capture/wavein_plan.h"
#include "iocore/capture/wavein_stream.h"

namespace holdfast {

struct OpenedWaveIn {
    std::unique_ptr<WaveInStream> stream;
    CaptureGrant grant;
};

// The format asked for, else the device's rate and channels in the first type that loses nothing
// and that the driver opens: only a real open counts, drivers answer a query as they like. Errors:
// Stage::device, Stage::format. [control thread] [blocks]
Result<OpenedWaveIn> openWaveIn(const std::shared_ptr<WaveInApi>& api,
                                const CaptureRequest& request, std::optional<ForcedHeaders> forced);

}  // namespace holdfast
