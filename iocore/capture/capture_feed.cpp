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
    : format_(format), levels_(levels), wakeWriter_(std::move(wakeWriter)) {
    addRing(std::move(producer));
}

void CaptureFeed::addRing(SpscRing::Producer producer) {
    rings_.push_back(std::make_unique<Ring>(std::move(producer)));
}

void CaptureFeed::pickChannels(ChannelPick pick) {
    pick_.emplace(std::move(pick));
}

bool CaptureFeed::Ring::isOpen() const {
    // Relaxed, as its partner in close(): the flag says nothing about other memory.
    return !closed.load(std::memory_order_relaxed);
}

void CaptureFeed::close(std::size_t ring) {
    // Relaxed, as its partner in isOpen().
    rings_[ring]->closed.store(true, std::memory_order_relaxed);
}

void CaptureFeed::deliver(std::span<const std::byte> interleaved) {
    assert(interleaved.size() % format().bytesPerFrame() == 0);
    if (interleaved.empty()) return;
    arrive(interleaved.size() / format().bytesPerFrame());
    if (pick_) {
        deliverPicked(interleaved);
    } else {
        take(interleaved);
    }
    if (wakeWriter_) wakeWriter_();
}

void CaptureFeed::deliverPicked(std::span<const std::byte> interleaved) {
    while (!interleaved.empty()) {
        const std::size_t bytes = std::min(interleaved.size(), pick_->block().size());
        take(pick_->pick(interleaved.first(bytes)));
        interleaved = interleaved.subspan(bytes);
    }
}

void CaptureFeed::take(std::span<const std::byte> interleaved) {
    const std::uint64_t frames = interleaved.size() / format_.bytesPerFrame();
    timelineFrames_ += frames;
    levels_.add(format_, interleaved);
    if (dropWhilePaused(frames)) return;
    for (const auto& ring : rings_) {
        if (ring->isOpen()) ring->producer.write(interleaved);
    }
}

void CaptureFeed::gap(std::uint64_t frames, GapCause cause) {
    if (frames == 0) return;
    arrive(frames);
    enter(frames, cause);
}

void CaptureFeed::enter(std::uint64_t frames, GapCause cause) {
    timelineFrames_ += frames;
    if (frames == 0 || dropWhilePaused(frames)) return;
    for (const auto& ring : rings_) {
        if (ring->isOpen()) ring->producer.gap(frames, cause);
    }
}

std::span<std::byte> CaptureFeed::reserve(std::uint64_t frames) {
    // Now, for no gap may come between the space and its audio.
    arrive(frames);
    reservedFrom_ = nullptr;
    reserved_ = {};
    if (pick_) return reserved_ = reservePicked(frames);
    for (const auto& ring : rings_) {
        if (!ring->isOpen()) continue;
        // Where most of it fits: a ring that is full must not hold up the other.
        const auto space = ring->producer.reserve(frames);
        if (reservedFrom_ != nullptr && space.size() <= reserved_.size()) continue;
        reservedFrom_ = ring.get();
        reserved_ = space;
    }
    return reserved_;
}

// No more than the ring with most space holds, as without a pick.
std::span<std::byte> CaptureFeed::reservePicked(std::uint64_t frames) {
    std::uint64_t most = 0;
    for (const auto& ring : rings_) {
        if (ring->isOpen()) most = std::max(most, ring->producer.freeFrames());
    }
    const std::uint64_t fitting = std::min({frames, most, ChannelPick::kBlockFrames});
    return pick_->block().first(fitting * format().bytesPerFrame());
}

void CaptureFeed::commit(std::uint64_t frames) {
    const std::size_t bytes = frames * format().bytesPerFrame();
    assert(bytes <= reserved_.size());
    if (frames == 0) return;
    const auto audio = std::exchange(reserved_, {}).first(bytes);
    if (pick_) {
        deliverPicked(audio);
        if (wakeWriter_) wakeWriter_();
        return;
    }
    timelineFrames_ += frames;
    levels_.add(format_, audio);
    if (dropWhilePaused(frames)) return;
    for (const auto& ring : rings_) {
        if (ring.get() != reservedFrom_ && ring->isOpen()) ring->producer.write(audio);
    }
    // Last: from here on the space may be freed and filled again.
    reservedFrom_->producer.publish(frames);
    if (wakeWriter_) wakeWriter_();
}

bool CaptureFeed::waitForSpace(std::uint64_t frames, const std::atomic<bool>& stopping) {
    const auto hasSpace = [frames](const std::unique_ptr<Ring>& ring) {
        return !ring->isOpen() || ring->producer.freeFrames() >= std::min(frames, ring->frames);
    };
    // Acquire pairs with the store of whoever stops the source; nothing else is read through it.
    while (!stopping.load(std::memory_order_acquire)) {
        if (std::ranges::all_of(rings_, hasSpace)) return true;
        std::this_thread::sleep_for(kSpacePoll);
    }
    return false;
}

void CaptureFeed::end(CaptureEnd why, Error error) {
    assert(why != CaptureEnd::none);
    if (why == CaptureEnd::deviceLost && onLost_) return onLost_(std::move(error));
    for (const auto& ring : rings_) {
        if (ring->isOpen()) ring->producer.closeGap();
    }
    endError_ = std::move(error);
    // Release pairs with the acquire in ended(): who sees the end sees the error.
    ended_.store(why, std::memory_order_release);
    if (wakeWriter_) wakeWriter_();
}

bool CaptureFeed::finish(std::size_t ring) {
    return rings_[ring]->producer.closeGap();
}

void CaptureFeed::setPaused(bool paused) {
    // Relaxed, as its partner in dropWhilePaused(): the flag says nothing about other memory.
    paused_.store(paused, std::memory_order_relaxed);
}

bool CaptureFeed::dropWhilePaused(std::uint64_t frames) {
    // Relaxed, as its partner in setPaused().
    if (!paused_.load(std::memory_order_relaxed)) return false;
    for (const auto& ring : rings_) {
        if (ring->isOpen()) ring->producer.gap(frames, GapCause::paused);
    }
    return true;
}

}  // namespace holdfast
