#include "iocore/capture/capture_feed.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <thread>
#include <utility>

namespace holdfast {

namespace {

// How often a device that may wait looks for space. The writer frees space a commit at a time, so a
// shorter nap would find nothing more.
constexpr std::chrono::microseconds kSpacePoll{500};

}  // namespace

CaptureFeed::CaptureFeed(SpscRing::Producer producer, const PcmFormat& format, LevelTaps& levels,
                         std::function<void()> wakeWriter)
    : producer_(std::move(producer)),
      format_(format),
      levels_(levels),
      wakeWriter_(std::move(wakeWriter)),
      ringFrames_(producer_.freeFrames()) {}

void CaptureFeed::deliver(std::span<const std::byte> interleaved) {
    assert(interleaved.size() % format_.bytesPerFrame() == 0);
    if (interleaved.empty()) return;
    levels_.add(format_, interleaved);
    if (dropWhilePaused(interleaved.size() / format_.bytesPerFrame())) return;
    producer_.write(interleaved);
    if (wakeWriter_) wakeWriter_();
}

void CaptureFeed::gap(std::uint64_t frames, GapCause cause) {
    if (frames == 0 || dropWhilePaused(frames)) return;
    producer_.gap(frames, cause);
}

std::span<std::byte> CaptureFeed::reserve(std::uint64_t frames) {
    reserved_ = producer_.reserve(frames);
    return reserved_;
}

void CaptureFeed::commit(std::uint64_t frames) {
    const std::size_t bytes = frames * format_.bytesPerFrame();
    assert(bytes <= reserved_.size());
    if (frames == 0) return;
    levels_.add(format_, reserved_.first(bytes));
    reserved_ = {};
    if (dropWhilePaused(frames)) return;
    producer_.publish(frames);
    if (wakeWriter_) wakeWriter_();
}

bool CaptureFeed::waitForSpace(std::uint64_t frames, const std::atomic<bool>& stopping) {
    const std::uint64_t wanted = std::min(frames, ringFrames_);
    // Acquire pairs with the store of whoever stops the source; nothing else is read through it.
    while (!stopping.load(std::memory_order_acquire)) {
        if (producer_.freeFrames() >= wanted) return true;
        std::this_thread::sleep_for(kSpacePoll);
    }
    return false;
}

void CaptureFeed::end(CaptureEnd why, Error error) {
    assert(why != CaptureEnd::none);
    producer_.closeGap();
    endError_ = std::move(error);
    // Release pairs with the acquire in ended(): who sees the end sees the error.
    ended_.store(why, std::memory_order_release);
    if (wakeWriter_) wakeWriter_();
}

bool CaptureFeed::finish() {
    return producer_.closeGap();
}

void CaptureFeed::setPaused(bool paused) {
    // Relaxed, as its partner in dropWhilePaused(): the flag says nothing about other memory.
    paused_.store(paused, std::memory_order_relaxed);
}

bool CaptureFeed::dropWhilePaused(std::uint64_t frames) {
    // Relaxed, as its partner in setPaused().
    if (!paused_.load(std::memory_order_relaxed)) return false;
    producer_.gap(frames, GapCause::paused);
    return true;
}

}  // namespace holdfast
