// PickedSource: a device of which some channels are recorded (--channel-map).
#pragma once

#include <memory>

#include "iocore/base/result.h"
#include "iocore/capture/capture_source.h"
#include "iocore/capture/channel_pick.h"

namespace holdfast {

// `source` with the channels of `map` alone, in its order. Errors: Stage::usage, naming a channel
// that the device lacks. [control thread]
Result<std::unique_ptr<CaptureSource>> pickChannels(std::unique_ptr<CaptureSource> source,
                                                    const ChannelMap& map);

}  // namespace holdfast
