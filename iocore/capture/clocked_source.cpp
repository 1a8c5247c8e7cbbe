#include "iocore/capture/clocked_source.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include <fmt/format.h>

namespace holdfast {

namespace {

constexpr std::uint32_t kFullSpeedBlockBytes = 256 * 1024;

// Duration of `frames`, without an overflow for as long as a recording can last.
std::chrono::nanoseconds duration(std::uint64_t frames, std::uint32_t rate) {
    return std::chrono::seconds(frames / rate) +
           std::chrono::nanoseconds(frames % rate * 1'000'000'000 / rate);
}

}  // namespace

std::uint32_t clockedFragmentFrames(const CaptureRequest& request, const PcmFormat& format) {
    const std::uint64_t frames = request.maxSpeed
                                     ? kFullSpeedBlockBytes / format.bytesPerFrame()
                                     : std::uint64_t{format.sampleRate} * request.fragmentMs / 1000;
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(frames, 1, format.sampleRate * 10));
}

ClockedSource::ClockedSource(CaptureGrant grant, std::unique_ptr<FrameGenerator> generator,
                             std::vector<ClockedFault> faults, FrameCounter counter,
                             std::uint64_t firstFrame)
    : grant_(std::move(grant)),
      generator_(std::move(generator)),
      faults_(std::move(faults)),
      counter_(std::move(counter)),
      firstFrame_(firstFrame),
      position_(firstFrame) {}

ClockedSource::~ClockedSource() {
    stop();
}

Result<> ClockedSource::start(CaptureFeed& feed) {
    assert(!thread_.joinable() && feed.format() == grant_.format);
    thread_ = std::thread([this, &feed] { run(feed); });
    return {};
}

void ClockedSource::stop() {
    {
        const std::lock_guard lock(mutex_);
        // Release pairs with the acquires in deliverUntil() and CaptureFeed::waitForSpace(); the
        // lock is for sleepUntil(), which must not miss it between its look and its sleep.
        stopping_.store(true, std::memory_order_release);
    }
    stopped_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void ClockedSource::run(CaptureFeed& feed) {
    const Clock::time_point begin = Clock::now();
    while (meetFaults(feed)) {
        const std::uint64_t end = nextStop();
        if (grant_.paced &&
            !sleepUntil(begin + duration(end - firstFrame_, grant_.format.sampleRate)))
            return;
        if (!deliverUntil(feed, end)) return;
    }
}

// The end of the next fragment, or the next fault when that comes first.
std::uint64_t ClockedSource::nextStop() const {
    const std::uint64_t end = position_ + grant_.fragmentFrames;
    return nextFault_ < faults_.size() ? std::min(end, faults_[nextFault_].atFrame) : end;
}

bool ClockedSource::meetFaults(CaptureFeed& feed) {
    while (nextFault_ < faults_.size() && faults_[nextFault_].atFrame <= position_) {
        const ClockedFault fault = faults_[nextFault_++];
        switch (fault.kind) {
            case ClockedFault::Kind::gap:
                feed.gap(fault.amount, GapCause::injected);
                position_ += fault.amount;
                break;
            case ClockedFault::Kind::unplug:
                feed.end(CaptureEnd::deviceLost,
                         Error{Stage::device, 0,
                               fmt::format("{}: unplugged at frame {}", grant_.id, position_)});
                return false;
            case ClockedFault::Kind::stall:
                if (!sleepUntil(Clock::now() + std::chrono::milliseconds(fault.amount))) {
                    return false;
                }
                break;
        }
    }
    return true;
}

bool ClockedSource::deliverUntil(CaptureFeed& feed, std::uint64_t endFrame) {
    while (position_ < endFrame) {
        // Acquire pairs with the release in stop().
        if (stopping_.load(std::memory_order_acquire)) return false;
        const std::uint64_t wanted = endFrame - position_;
        if (!grant_.paced && !feed.waitForSpace(wanted, stopping_)) return false;
        const std::span<std::byte> space = feed.reserve(wanted);
        if (!space.empty()) {
            if (!deliverInto(feed, space)) return false;
        } else if (grant_.paced) {
            feed.gap(wanted, GapCause::ringFull);
            position_ = endFrame;
        } else if (!sleepUntil(Clock::now() + std::chrono::milliseconds(1))) {
            return false;
        }
    }
    return true;
}

bool ClockedSource::deliverInto(CaptureFeed& feed, std::span<std::byte> space) {
    const auto filled = generator_->fill(position_, space);
    if (!filled) {
        feed.end(CaptureEnd::failed, filled.error());
        return false;
    }
    feed.commit(*filled);
    position_ += *filled;
    delivered_ += *filled;
    counter_.store(delivered_);
    if (*filled * grant_.format.bytesPerFrame() == space.size()) return true;
    feed.end(CaptureEnd::endOfInput,
             Error{Stage::device, 0, fmt::format("{}: end of input", grant_.id)});
    return false;
}

bool ClockedSource::sleepUntil(Clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    // The lock orders this load with the store in stop(); the deadline is absolute.
    return !stopped_.wait_until(lock, deadline,
                                [this] { return stopping_.load(std::memory_order_relaxed); });
}

}  // namespace holdfast
