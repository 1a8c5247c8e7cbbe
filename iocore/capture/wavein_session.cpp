#include "iocore/capture/wavein_session.h"

#include <fmt/format.h>

#include <cassert>
#include <system_error>
#include <utility>

#include "iocore/base/process_end.h"
#include "iocore/capture/wavein_priority.h"

namespace holdfast {

WaveInSession::WaveInSession(std::unique_ptr<WaveInStream> stream, WaveInPatience patience)
    : stream_(std::move(stream)), patience_(patience) {}

Result<> WaveInSession::start(CaptureFeed& feed, const std::string& device) {
    assert(!reader_);
    const auto failed = [&device](int code, const std::string& why) {
        return fail(Stage::device, code, fmt::format("{} does not start: {}", device, why));
    };
    const MMRESULT result = stream_->start();
    if (result != MMSYSERR_NOERROR) {
        return failed(static_cast<int>(result), waveInErrorText(result));
    }
    reader_.emplace(*stream_, feed, device);
    try {
        thread_ = std::thread([self = shared_from_this()] { self->capture(); });
    } catch (const std::system_error& error) {
        reader_.reset();
        return failed(error.code().value(), "no thread for it");
    }
    return {};
}

void WaveInSession::capture() {
    const ForeignCode mayHang;
    WaveInReader::End end{};
    {
        // Not beyond the recording: what follows may hang.
        const CaptureThreadPriority priority;
        const SystemAwake awake;
        end = reader_->run();
    }
    if (end == WaveInReader::End::stopped) reader_->stopAndDrain();
    drained_.reach();
    // The take of a device that is gone is being ended meanwhile, and waits for nothing of this.
    if (end == WaveInReader::End::deviceLost) (void)stream_->stopAndReset();
    stream_->close();
    closed_.reach();
}

void WaveInSession::stop() {
    if (!reader_) return;
    reader_->stop();
    (void)drained_.waitFor(patience_.drain);
    reader_->gate().shut();
}

void WaveInSession::finish() {
    stop();
    if (!reader_) {
        try {
            thread_ = std::thread([self = shared_from_this()] {
                const ForeignCode mayHang;
                // What start() may have given to the driver before it failed.
                (void)self->stream_->stopAndReset();
                self->stream_->close();
                self->closed_.reach();
            });
        } catch (const std::system_error&) {
            return;
        }
    }
    if (closed_.waitFor(patience_.close)) {
        thread_.join();
    } else {
        thread_.detach();
    }
}

void WaveInSession::Milestone::reach() {
    const std::lock_guard lock(mutex_);
    reached_ = true;
    changed_.notify_all();
}

bool WaveInSession::Milestone::waitFor(std::chrono::milliseconds atMost) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, atMost, [this] { return reached_; });
}

}  // namespace holdfast
