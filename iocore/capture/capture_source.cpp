#include "iocore/capture/capture_source.h"

#include "iocore/capture/file_source.h"
#include "iocore/capture/picked_source.h"
#include "iocore/capture/synthetic_name.h"
#include "iocore/capture/synthetic_source.h"
#include "iocore/capture/system_source.h"

namespace holdfast {

namespace {

Result<std::unique_ptr<CaptureSource>> openWhole(const CaptureRequest& request) {
    if (request.device.starts_with(kSyntheticPrefix)) return openSyntheticSource(request);
    if (request.device.starts_with(kFilePrefix)) return openFileSource(request);
    return openSystemSource(request);
}

}  // namespace

Result<std::unique_ptr<CaptureSource>> openCaptureSource(const CaptureRequest& request) {
    if (request.channelMap.empty()) return openWhole(request);
    CaptureRequest whole = request;
    whole.channels.reset();
    auto source = openWhole(whole);
    if (!source) return source;
    return pickChannels(std::move(*source), request.channelMap);
}

}  // namespace holdfast
