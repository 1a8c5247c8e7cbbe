// PulseSource: records from a source of PulseAudio (or of PipeWire, which speaks its protocol).
//
// The main loop's thread is the capture thread: the server's packets go from its callback into the
// feed, and nothing of ours there locks, allocates or waits. The stream may not be moved, so a
// device that goes away ends the recording instead of turning into another one in silence.
#include "iocore/capture/pulse_source_pulse.h"

#include <fmt/format.h>
#include <pulse/pulseaudio.h>

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "iocore/capture/devices_pulse.h"
#include "iocore/capture/frame_clock.h"
#include "iocore/capture/pulse_context_pulse.h"
#include "iocore/capture/pulse_format_pulse.h"
#include "iocore/capture/sample_choice.h"

namespace holdfast {

namespace {

constexpr std::uint64_t kMaxFragmentSeconds = 2;

class PulseSource final : public CaptureSource {
  public:
    explicit PulseSource(std::unique_ptr<PulseContext> context) : context_(std::move(context)) {}
    ~PulseSource() override;

    // Negotiates and makes the stream, corked. REQUIRES no Lock. [control thread] [blocks]
    Result<> open(const CaptureRequest& request);

    [[nodiscard]] const CaptureGrant& grant() const override { return grant_; }
    Result<> start(CaptureFeed& feed) override;
    void stop() override;

  private:
    Result<> negotiate(const CaptureRequest& request, const PulseDevice& device);
    Result<> connectStream(const CaptureRequest& request);
    Result<> readGrant();
    void setCallbacks();

    // All below run with the main loop held: in its thread, or under a Lock.
    void deliverReadable();
    // What the clock misses of the audio before the `bytes` that are to be delivered now.
    void tellMissing(std::size_t bytes);
    // What seemed to be missing, where the clock ends: nobody will be surer of it.
    void tellUnsettled();
    void restartClock();
    void onSuspended();
    void endSuspension();
    void onState();
    void endLost(const char* what, int code);
    [[nodiscard]] bool isReady() const { return pa_stream_get_state(stream_) == PA_STREAM_READY; }

    std::unique_ptr<PulseContext> context_;
    pa_stream* stream_ = nullptr;
    pa_sample_spec spec_{};
    pa_channel_map map_{};
    CaptureGrant grant_;
    CaptureFeed* feed_ = nullptr;  // set between start() and stop() or the end
    pa_usec_t suspendedSince_ = 0;
    // Where the server throws audio away (its buffer for us is full), nothing but the clock tells.
    bool hasClock_ = false;
    std::optional<FrameClock> clock_;
    std::uint64_t deliveredFrames_ = 0;  // since the clock was started
};

PulseSource::~PulseSource() {
    stop();
    const PulseContext::Lock lock(*context_);
    if (stream_ != nullptr) pa_stream_unref(stream_);
}

Result<> PulseSource::open(const CaptureRequest& request) {
    const PulseContext::Lock lock(*context_);
    const auto devices = listPulseDevices(*context_);
    if (!devices) return fail(devices.error());
    const auto device = choosePulseDevice(*devices, request.device);
    if (!device) return fail(device.error());
    if (request.lost && device->id != request.device) {
        return fail(Stage::device, request.device + " is not there");
    }
    hasClock_ = device->hasClock;
    if (auto done = negotiate(request, *device); !done) return done;
    if (auto done = connectStream(request); !done) return done;
    return readGrant();
}

// The wished format, else the device's own; grant_.deviceFormat follows in readGrant().
Result<> PulseSource::negotiate(const CaptureRequest& request, const PulseDevice& device) {
    grant_.id = device.id;
    grant_.name = device.name;
    spec_.rate = request.sampleRate.value_or(device.spec.rate);
    const std::uint32_t channels = request.channels.value_or(device.spec.channels);
    if (channels < 1 || channels > PA_CHANNELS_MAX) {
        return fail(Stage::format, fmt::format("{} channels is outside 1 to {}, which the sound "
                                               "server can record",
                                               channels, PA_CHANNELS_MAX));
    }
    spec_.channels = static_cast<std::uint8_t>(channels);
    spec_.format =
        toPulse(request.sampleType.value_or(losslessFileType(fromPulse(device.spec.format))));
    if (channels == device.spec.channels) {
        // The device's own map, or the server would mix the channels.
        map_ = device.map;
    } else {
        pa_channel_map_init_extend(&map_, channels, PA_CHANNEL_MAP_WAVEEX);
    }
    grant_.format = fromPulse(spec_, map_);
    return validate(grant_.format);
}

Result<> PulseSource::connectStream(const CaptureRequest& request) {
    stream_ = pa_stream_new(context_->get(), "capture", &spec_, &map_);
    if (stream_ == nullptr) {
        return fail(context_->lastError(
            fmt::format("{}: no stream of {}", grant_.id, grant_.format.describe())));
    }
    setCallbacks();
    const std::uint64_t wishedFrames = std::clamp<std::uint64_t>(
        std::uint64_t{spec_.rate} * request.fragmentMs / 1000, 1, spec_.rate * kMaxFragmentSeconds);
    pa_buffer_attr attr;
    attr.maxlength = attr.tlength = attr.prebuf = attr.minreq = static_cast<std::uint32_t>(-1);
    attr.fragsize = static_cast<std::uint32_t>(wishedFrames * grant_.format.bytesPerFrame());
    const auto flags = static_cast<pa_stream_flags_t>(PA_STREAM_START_CORKED | PA_STREAM_DONT_MOVE |
                                                      PA_STREAM_ADJUST_LATENCY);
    const std::string what = fmt::format("{} cannot be opened", grant_.id);
    if (pa_stream_connect_record(stream_, grant_.id.c_str(), &attr, flags) < 0) {
        return fail(context_->lastError(what));
    }
    const bool settled = context_->waitUntil(
        [this] { return isReady() || !PA_STREAM_IS_GOOD(pa_stream_get_state(stream_)); });
    if (settled && isReady()) return {};
    return fail(settled ? context_->lastError(what)
                        : Error{Stage::device, PA_ERR_TIMEOUT,
                                fmt::format("{}: {}", what, pa_strerror(PA_ERR_TIMEOUT))});
}

// A server may switch an idle device to the wished rate, so the device's format is read after the
// stream is there.
Result<> PulseSource::readGrant() {
    const auto devices = listPulseDevices(*context_);
    if (!devices) return fail(devices.error());
    const auto device = std::ranges::find(*devices, grant_.id, &PulseDevice::id);
    if (device == devices->end()) {
        return fail(Stage::device, fmt::format("{} ({}) is gone", grant_.name, grant_.id));
    }
    grant_.deviceFormat = fromPulse(device->spec, device->map);
    grant_.converted = grant_.format.sampleRate != grant_.deviceFormat.sampleRate ||
                       grant_.format.channels != grant_.deviceFormat.channels ||
                       !holdsExactly(grant_.format.sampleType, grant_.deviceFormat.sampleType);
    grant_.fragmentFrames =
        pa_stream_get_buffer_attr(stream_)->fragsize / grant_.format.bytesPerFrame();
    return {};
}

void PulseSource::setCallbacks() {
    pa_stream_set_state_callback(
        stream_, [](pa_stream*, void* user) { static_cast<PulseSource*>(user)->onState(); }, this);
    pa_stream_set_read_callback(
        stream_,
        [](pa_stream*, std::size_t, void* user) {
            static_cast<PulseSource*>(user)->deliverReadable();
        },
        this);
    pa_stream_set_suspended_callback(
        stream_, [](pa_stream*, void* user) { static_cast<PulseSource*>(user)->onSuspended(); },
        this);
    pa_stream_set_moved_callback(
        stream_,
        [](pa_stream*, void* user) {
            static_cast<PulseSource*>(user)->endLost("the server moved the stream away", 0);
        },
        this);
}

Result<> PulseSource::start(CaptureFeed& feed) {
    assert(hasSameFrames(feed.format(), grant_.format));
    const PulseContext::Lock lock(*context_);
    feed_ = &feed;
    restartClock();
    const bool running = context_->finish(pa_stream_cork(stream_, 0, nullptr, nullptr));
    if (running && isReady()) return {};
    feed_ = nullptr;
    return fail(context_->lastError(fmt::format("{} does not start", grant_.id)));
}

void PulseSource::stop() {
    const PulseContext::Lock lock(*context_);
    if (stream_ == nullptr) return;
    // What the server has sent is captured, also when its callback has not come yet.
    deliverReadable();
    endSuspension();
    tellUnsettled();
    feed_ = nullptr;
    pa_stream_set_state_callback(stream_, nullptr, nullptr);
    pa_stream_set_read_callback(stream_, nullptr, nullptr);
    pa_stream_set_suspended_callback(stream_, nullptr, nullptr);
    pa_stream_set_moved_callback(stream_, nullptr, nullptr);
    if (PA_STREAM_IS_GOOD(pa_stream_get_state(stream_))) pa_stream_disconnect(stream_);
}

void PulseSource::restartClock() {
    clock_.emplace(spec_.rate, grant_.fragmentFrames,
                   hasClock_ ? FrameClock::Pace::known : FrameClock::Pace::learned);
    deliveredFrames_ = 0;
}

void PulseSource::tellMissing(std::size_t bytes) {
    deliveredFrames_ += bytes / grant_.format.bytesPerFrame();
    const std::uint64_t now = pa_rtclock_now() * PA_NSEC_PER_USEC;
    const auto missing = clock_->observe(now, deliveredFrames_, FrameClock::Suspicion::none);
    if (missing > 0) feed_->gap(missing, GapCause::clock);
}

void PulseSource::tellUnsettled() {
    if (feed_ == nullptr) return;
    if (const auto missing = clock_->unsettled(); missing > 0) {
        feed_->gap(missing, GapCause::clock);
    }
    restartClock();
}

void PulseSource::deliverReadable() {
    if (feed_ == nullptr || !isReady()) return;
    const std::size_t readable = pa_stream_readable_size(stream_);
    if (readable == static_cast<std::size_t>(-1) || readable == 0) return;
    tellMissing(readable);
    while (feed_ != nullptr && isReady()) {
        const void* data = nullptr;
        std::size_t bytes = 0;
        if (pa_stream_peek(stream_, &data, &bytes) < 0 || bytes == 0) return;
        if (data != nullptr) {
            feed_->deliver({static_cast<const std::byte*>(data), bytes});
        } else {
            // A hole: the server had nothing to put here.
            feed_->gap(bytes / grant_.format.bytesPerFrame(), GapCause::driverOverrun);
        }
        pa_stream_drop(stream_);
    }
}

// A suspended device delivers nothing; how much that was, only the clock can say. The resume that
// follows the first uncork of an idle device is no gap: nothing was running before it.
void PulseSource::onSuspended() {
    if (feed_ == nullptr) return;
    if (pa_stream_is_suspended(stream_) > 0) {
        tellUnsettled();
        suspendedSince_ = pa_rtclock_now();
    } else {
        endSuspension();
    }
}

// Also where a recording ends while its device is suspended.
void PulseSource::endSuspension() {
    if (feed_ == nullptr || suspendedSince_ == 0) return;
    const pa_usec_t silent = pa_rtclock_now() - std::exchange(suspendedSince_, 0);
    feed_->gap(silent * spec_.rate / PA_USEC_PER_SEC, GapCause::suspended);
    restartClock();
}

void PulseSource::onState() {
    if (!PA_STREAM_IS_GOOD(pa_stream_get_state(stream_))) {
        endLost("the device is gone", pa_context_errno(context_->get()));
    }
    context_->signal();
}

void PulseSource::endLost(const char* what, int code) {
    if (feed_ == nullptr) return;
    endSuspension();
    tellUnsettled();
    std::exchange(feed_, nullptr)
        ->end(CaptureEnd::deviceLost,
              Error{Stage::device, code, fmt::format("{} ({}): {}", grant_.name, grant_.id, what)});
}

}  // namespace

Result<std::unique_ptr<CaptureSource>> openPulseSource(const CaptureRequest& request) {
    auto context = PulseContext::connect();
    if (!context) return fail(context.error());
    auto source = std::make_unique<PulseSource>(std::move(*context));
    if (auto opened = source->open(request); !opened) return fail(opened.error());
    return source;
}

}  // namespace holdfast
