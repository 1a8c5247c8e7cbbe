#include "iocore/capture/wavein_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace holdfast {

namespace {

using Suspicion = FrameClock::Suspicion;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// A device that is pulled out says nothing: its buffers just never come back.
constexpr nanoseconds kLeastLostAfter = std::chrono::seconds(1);
constexpr int kLostAfterQueues = 3;
// Of the time between two looks no more counts as silence: where this thread itself was away, for
// the machine slept or had no processor for it, the driver gets its time after that.
constexpr std::uint64_t kMostSilencePerLookNs = 250'000'000;
// Longest wait for the event: some drivers never set it.
constexpr milliseconds kLongestLook{100};
constexpr milliseconds kShortestLook{5};
// After Reset all headers are ours; where a driver needs time for it, it gets so much.
constexpr milliseconds kDrainDeadline{1'000};
constexpr milliseconds kDrainLook{5};

milliseconds lookFor(const HeaderPlan& plan, const PcmFormat& format) {
    return std::clamp(milliseconds(std::uint64_t{plan.frames} * 1'000 / format.sampleRate),
                      kShortestLook, kLongestLook);
}

}  // namespace

WaveInReader::WaveInReader(WaveInStream& stream, CaptureFeed& feed, std::string device)
    : stream_(stream),
      feed_(feed),
      device_(std::move(device)),
      clock_(stream.format().sampleRate, stream.plan().frames),
      look_(lookFor(stream.plan(), stream.format())) {
    const nanoseconds queue = stream.plan().queueTime(stream.format());
    lostAfterNs_ =
        static_cast<std::uint64_t>(std::max(kLeastLostAfter, kLostAfterQueues * queue).count());
}

void WaveInReader::stop() {
    // Release pairs with the acquire in run(); nothing else is read through it.
    stopping_.store(true, std::memory_order_release);
    stream_.wake();
}

WaveInReader::End WaveInReader::run() {
    lastDoneNs_ = lastLookNs_ = stream_.api().nowNs();
    // Acquire pairs with the release in stop().
    while (!stopping_.load(std::memory_order_acquire)) {
        stream_.wait(look_);
        if (!takeDone()) return End::deviceLost;
    }
    return End::stopped;
}

std::uint64_t WaveInReader::framesOf(std::uint32_t headers, bool& anyIsShort) const {
    std::uint64_t bytes = 0;
    for (std::uint32_t place = 0; place < headers; ++place) {
        const std::size_t recorded = stream_.doneAudio(place).size();
        anyIsShort = anyIsShort || recorded < stream_.plan().bytes;
        bytes += recorded;
    }
    return bytes / stream_.format().bytesPerFrame();
}

// Before audio that was lost can be told from audio that is late, the audio behind it has to be
// there; so the gap is entered when the next headers are done, and in front of them.
bool WaveInReader::tellGap(std::uint64_t nowNs, std::uint64_t frames) {
    delivered_ += frames;
    const std::uint64_t missing = clock_.observe(nowNs, delivered_, suspicion_);
    const GapCause cause =
        suspicion_ == Suspicion::none ? GapCause::clock : GapCause::driverOverrun;
    suspicion_ = Suspicion::none;
    if (missing == 0) return true;
    if (!gate_.enter()) return false;
    feed_.gap(missing, cause);
    gate_.leave();
    return true;
}

bool WaveInReader::deliver(std::uint32_t place) {
    if (!gate_.enter()) return false;
    feed_.deliver(stream_.doneAudio(place));
    gate_.leave();
    return true;
}

bool WaveInReader::isSilentForTooLong(std::uint64_t nowNs, bool anyDone) {
    silentNs_ += std::min(nowNs - lastLookNs_, kMostSilencePerLookNs);
    lastLookNs_ = nowNs;
    if (anyDone) silentNs_ = 0;
    return silentNs_ >= lostAfterNs_;
}

// One round. False when it was the last: the device is gone, or the feed.
bool WaveInReader::takeDone() {
    const std::uint64_t nowNs = stream_.api().nowNs();
    const std::uint32_t done = stream_.doneHeaders();
    const bool isGone = isSilentForTooLong(nowNs, done > 0);
    if (done == 0) {
        if (!isGone) return true;
        endLost(0, fmt::format("no audio for {:.1f} s, the device is gone",
                               static_cast<double>(nowNs - lastDoneNs_) / 1e9));
        return false;
    }
    lastDoneNs_ = nowNs;
    bool anyIsShort = false;
    if (!tellGap(nowNs, framesOf(done, anyIsShort))) return false;
    if (anyIsShort) suspicion_ = Suspicion::noBuffer;
    for (std::uint32_t i = 0; i < done; ++i) {
        if (!deliver(0)) return false;
        // The last moment at which it can be seen that the driver has nothing to fill.
        if (stream_.doneHeaders() == stream_.queuedHeaders()) suspicion_ = Suspicion::noBuffer;
        if (const MMRESULT result = stream_.addAgain(); result != MMSYSERR_NOERROR) {
            endLost(static_cast<int>(result), waveInErrorText(result));
            return false;
        }
    }
    return true;
}

void WaveInReader::stopAndDrain() {
    const std::uint64_t stoppedNs = stream_.api().nowNs();
    // What was done before it is first.
    if (!takeReturned(stoppedNs)) return;
    (void)stream_.stopAndReset();
    const std::uint64_t deadline =
        stream_.api().nowNs() + static_cast<std::uint64_t>(nanoseconds(kDrainDeadline).count());
    while (takeReturned(stoppedNs) && stream_.queuedHeaders() > 0 &&
           stream_.api().nowNs() < deadline) {
        stream_.wait(kDrainLook);
    }
}

// Takes headers and keeps them. A short one is what Reset makes of the one that is being filled.
bool WaveInReader::takeReturned(std::uint64_t stoppedNs) {
    const std::uint32_t done = stream_.doneHeaders();
    bool anyIsShort = false;
    if (done > 0 && !tellGap(stoppedNs, framesOf(done, anyIsShort))) return false;
    for (std::uint32_t i = 0; i < done; ++i) {
        if (!deliver(0)) return false;
        stream_.keep();
    }
    return true;
}

void WaveInReader::endLost(int code, const std::string& what) {
    if (!gate_.enter()) return;
    feed_.end(CaptureEnd::deviceLost,
              Error{Stage::device, code, fmt::format("{}: {}", device_, what)});
    gate_.leave();
}

}  // namespace holdfast
