#include "iocore/capture/wavein_source.h"

#include <fmt/format.h>

#include <cassert>
#include <cstdlib>
#include <utility>

#include "iocore/base/process_end.h"
#include "iocore/capture/system_source.h"
#include "iocore/capture/wavein_open.h"

namespace holdfast {

namespace {

// For tests, which lose audio on purpose with too few buffers: tests/README.md.
constexpr const char* kForcedHeaders = "HOLDFAST_WAVEIN_HEADERS";

}  // namespace

Result<std::unique_ptr<WaveInSource>> WaveInSource::open(const std::shared_ptr<WaveInApi>& api,
                                                         const CaptureRequest& request,
                                                         const WaveInOptions& options) {
    auto opened = openWaveIn(api, request, options.forced);
    if (!opened) return fail(opened.error());
    auto session = std::make_shared<WaveInSession>(std::move(opened->stream), options.patience);
    return std::unique_ptr<WaveInSource>(
        new WaveInSource(std::move(opened->grant), std::move(session)));
}

WaveInSource::WaveInSource(CaptureGrant grant, std::shared_ptr<WaveInSession> session)
    : grant_(std::move(grant)), session_(std::move(session)) {}

WaveInSource::~WaveInSource() {
    session_->finish();
}

Result<> WaveInSource::start(CaptureFeed& feed) {
    assert(hasSameFrames(feed.format(), grant_.format));
    return session_->start(feed, fmt::format("{} ({})", grant_.name, grant_.id));
}

void WaveInSource::stop() {
    session_->stop();
}

Result<std::unique_ptr<CaptureSource>> openSystemSource(const CaptureRequest& request) {
    WaveInOptions options;
    if (const char* text = std::getenv(kForcedHeaders); text != nullptr) {
        const auto forced = parseForcedHeaders(text);
        if (!forced) {
            return fail(Stage::usage, fmt::format("{}: {}", kForcedHeaders, forced.error().text));
        }
        options.forced = *forced;
    }
    const ForeignCode mayHang;
    return WaveInSource::open(WaveInApi::system(), request, options);
}

}  // namespace holdfast
