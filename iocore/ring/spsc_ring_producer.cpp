#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "iocore/ring/spsc_ring.h"

namespace holdfast {
namespace {

// What two gaps that must share one entry are called: the earlier cause, but a loss is never
// hidden in a pause.
GapCause mergedCause(GapCause open, GapCause next) {
    return open == GapCause::paused ? next : open;
}

}  // namespace

SpscRing::Producer::Producer(RingHeader* header, std::byte* audio)
    : header_(header),
      audio_(audio),
      capacity_(header->fixed.capacityFrames),
      bytesPerFrame_(header->fixed.bytesPerFrame) {}

SpscRing::Producer::Producer(Producer&& other) noexcept : Producer(std::as_const(other)) {
    other.header_ = nullptr;
}

SpscRing::Producer& SpscRing::Producer::operator=(Producer&& other) noexcept {
    if (this == &other) return *this;
    *this = std::as_const(other);
    other.header_ = nullptr;
    return *this;
}

std::uint64_t SpscRing::Producer::freeFrames() {
    return fitting(capacity_);
}

std::span<std::byte> SpscRing::Producer::reserve(std::uint64_t frames) {
    reserved_ = fitting(std::min(frames, capacity_ - index_));
    return {audio_ + index_ * bytesPerFrame_, reserved_ * bytesPerFrame_};
}

void SpscRing::Producer::publish(std::uint64_t frames) {
    assert(frames <= reserved_);
    reserved_ = 0;
    publishFrames(frames);
}

std::uint64_t SpscRing::Producer::write(std::span<const std::byte> interleaved) {
    assert(interleaved.size() % bytesPerFrame_ == 0);
    const std::uint64_t frames = interleaved.size() / bytesPerFrame_;
    const std::uint64_t stored = fitting(frames);
    if (stored > 0) {
        const std::size_t bytes = stored * bytesPerFrame_;
        const std::size_t beforeWrap = std::min(bytes, (capacity_ - index_) * bytesPerFrame_);
        std::memcpy(audio_ + index_ * bytesPerFrame_, interleaved.data(), beforeWrap);
        std::memcpy(audio_, interleaved.data() + beforeWrap, bytes - beforeWrap);
    }
    reserved_ = 0;
    publishFrames(stored);
    gap(frames - stored, GapCause::ringFull);
    return stored;
}

void SpscRing::Producer::gap(std::uint64_t frames, GapCause cause) {
    if (frames == 0) return;
    reserved_ = 0;
    if (open_.frames > 0 && open_.cause != cause) {
        if (tableHasRoom()) {
            enterOpenGap();
        } else {
            cause = mergedCause(open_.cause, cause);
        }
    }
    open_.atFrame = published_;
    open_.frames += std::min(frames, kRingMaxFrames - open_.frames);
    open_.cause = cause;
    // Told while it grows, so that a kill in the middle of a loss still tells it. The order is
    // RingHeader's argument; release, partners: fill() and recovery.
    header_->pendingCause.store(static_cast<std::uint32_t>(cause), std::memory_order_relaxed);
    header_->pendingNumber.store(gapsPublished_, std::memory_order_relaxed);
    header_->pendingLost.store(open_.frames, std::memory_order_release);
}

bool SpscRing::Producer::closeGap() {
    if (open_.frames == 0) return true;
    if (!tableHasRoom()) return false;
    enterOpenGap();
    return true;
}

// How many of `frames` can be stored now: none while the gap before them cannot be entered.
std::uint64_t SpscRing::Producer::fitting(std::uint64_t frames) {
    if (open_.frames > 0 && !tableHasRoom()) return 0;
    if (capacity_ - (published_ - durableSeen_) < frames) {
        // Acquire, partner: Consumer::markDurable(), which is done reading what we overwrite.
        durableSeen_ = header_->durable.load(std::memory_order_acquire);
    }
    return std::min(frames, capacity_ - (published_ - durableSeen_));
}

void SpscRing::Producer::publishFrames(std::uint64_t frames) {
    if (frames == 0) return;
    if (open_.frames > 0) enterOpenGap();
    published_ += frames;
    index_ += frames;
    if (index_ >= capacity_) index_ -= capacity_;
    // Release, partner: Consumer::lookAtProducer(). After the gaps before it, so that whoever sees
    // the audio sees them.
    header_->published.store(published_, std::memory_order_release);
}

bool SpscRing::Producer::tableHasRoom() {
    if (gapsPublished_ - gapsDurableSeen_ == kRingGapSlots) {
        // Acquire, partner: Consumer::markDurable(), which is done reading the slot.
        gapsDurableSeen_ = header_->gapsDurable.load(std::memory_order_acquire);
    }
    return gapsPublished_ - gapsDurableSeen_ < kRingGapSlots;
}

// REQUIRES tableHasRoom().
void SpscRing::Producer::enterOpenGap() {
    assert(gapsPublished_ - gapsDurableSeen_ < kRingGapSlots);
    header_->gaps[gapsPublished_ % kRingGapSlots] = {open_.atFrame, open_.frames,
                                                     static_cast<std::uint32_t>(open_.cause), 0, 0};
    ++gapsPublished_;
    // Release, partner: Consumer::lookAtProducer(). From here on the gap is in the table, and the
    // pending words, whose number this makes stale, count for nothing.
    header_->gapsPublished.store(gapsPublished_, std::memory_order_release);
    // Release keeps it behind the store above. Partner: fill(), recovery.
    header_->pendingLost.store(0, std::memory_order_release);
    open_ = {};
}

}  // namespace holdfast
