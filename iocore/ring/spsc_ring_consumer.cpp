#include <algorithm>
#include <cassert>
#include <utility>

#include "iocore/ring/spsc_ring.h"

namespace holdfast {

SpscRing::Consumer::Consumer(RingHeader* header, const std::byte* audio)
    : header_(header),
      audio_(audio),
      capacity_(header->fixed.capacityFrames),
      bytesPerFrame_(header->fixed.bytesPerFrame) {}

SpscRing::Consumer::Consumer(Consumer&& other) noexcept : Consumer(std::as_const(other)) {
    other.header_ = nullptr;
}

SpscRing::Consumer& SpscRing::Consumer::operator=(Consumer&& other) noexcept {
    if (this == &other) return *this;
    *this = std::as_const(other);
    other.header_ = nullptr;
    return *this;
}

std::uint64_t SpscRing::Consumer::readableFrames() {
    lookAtProducer();
    return publishedSeen_ - written_;
}

std::optional<Gap> SpscRing::Consumer::gapHere() {
    // A gap before audio that we know of is known too: only at the end there may be a new one.
    if (gapsTaken_ == gapsSeen_ && written_ == publishedSeen_) lookAtProducer();
    if (gapsTaken_ == gapsSeen_) return std::nullopt;
    const RingGapSlot& slot = header_->gaps[gapsTaken_ % kRingGapSlots];
    if (slot.atFrame != written_) return std::nullopt;
    return Gap{slot.atFrame, slot.frames, static_cast<GapCause>(slot.cause)};
}

void SpscRing::Consumer::takeGap() {
    assert(gapHere());
    ++gapsTaken_;
    // Release, partner: recovery, which must not see it before what was done with the gap.
    header_->gapsWritten.store(gapsTaken_, std::memory_order_release);
}

std::span<const std::byte> SpscRing::Consumer::peek(std::uint64_t maxFrames) {
    return {audio_ + index_ * bytesPerFrame_, framesHere(maxFrames) * bytesPerFrame_};
}

std::uint64_t SpscRing::Consumer::framesHere(std::uint64_t maxFrames) {
    if (publishedSeen_ - written_ < maxFrames) lookAtProducer();
    return std::min(maxFrames, contiguousFrames());
}

std::span<const std::byte> SpscRing::Consumer::audioAt(std::uint64_t ringFrame) {
    assert(ringFrame >= durable_);
    lookAtProducer();
    if (ringFrame >= publishedSeen_) return {};
    const std::uint64_t index = ringFrame % capacity_;
    const std::uint64_t frames = std::min(publishedSeen_ - ringFrame, capacity_ - index);
    return {audio_ + index * bytesPerFrame_, frames * bytesPerFrame_};
}

std::uint64_t SpscRing::Consumer::gapFramesBefore(std::uint64_t ringFrame) {
    lookAtProducer();
    std::uint64_t frames = 0;
    for (std::uint64_t gap = gapsTaken_; gap < gapsSeen_; ++gap) {
        const RingGapSlot& slot = header_->gaps[gap % kRingGapSlots];
        if (slot.atFrame < ringFrame) frames += slot.frames;
    }
    return frames;
}

void SpscRing::Consumer::advanceWritten(std::uint64_t frames) {
    assert(frames <= contiguousFrames());
    written_ += frames;
    index_ += frames;
    if (index_ == capacity_) index_ = 0;
    // Release, partner: fill(), recovery.
    header_->written.store(written_, std::memory_order_release);
}

void SpscRing::Consumer::markDurable() {
    durable_ = written_;
    gapsDurable_ = gapsTaken_;
    // Release, partners: Producer::fitting() and tableHasRoom(), which then overwrite.
    header_->durable.store(durable_, std::memory_order_release);
    header_->gapsDurable.store(gapsDurable_, std::memory_order_release);
}

void SpscRing::Consumer::rewindToDurable() {
    written_ = durable_;
    gapsTaken_ = gapsDurable_;
    index_ = written_ % capacity_;
    // Release, partner: fill(), recovery.
    header_->written.store(written_, std::memory_order_release);
    header_->gapsWritten.store(gapsTaken_, std::memory_order_release);
}

SpscRing::Consumer SpscRing::Consumer::successor() const {
    Consumer next(*this);
    next.written_ = durable_;
    next.gapsTaken_ = gapsDurable_;
    next.index_ = durable_ % capacity_;
    return next;
}

void SpscRing::Consumer::detach() {
    ownHeader_ = std::make_shared<RingHeader>();
    ownHeader_->fixed = header_->fixed;
    // Slots of gaps from the durable one on: the producer writes none of them before they are
    // freed.
    for (std::uint64_t gap = gapsDurable_; gap < gapsSeen_; ++gap) {
        ownHeader_->gaps[gap % kRingGapSlots] = header_->gaps[gap % kRingGapSlots];
    }
    // Relaxed, no partner: this header is seen by one thread.
    ownHeader_->gapsPublished.store(gapsSeen_, std::memory_order_relaxed);
    ownHeader_->published.store(publishedSeen_, std::memory_order_relaxed);
    header_ = ownHeader_.get();
}

void SpscRing::Consumer::lookAtProducer() {
    // Acquire, partner: Producer::publishFrames(). Before the gaps, which are stored before it: so
    // every gap in front of the audio seen here is seen below.
    publishedSeen_ = header_->published.load(std::memory_order_acquire);
    // Acquire, partner: Producer::enterOpenGap().
    gapsSeen_ = header_->gapsPublished.load(std::memory_order_acquire);
}

std::uint64_t SpscRing::Consumer::contiguousFrames() const {
    std::uint64_t end = publishedSeen_;
    if (gapsTaken_ < gapsSeen_) {
        end = std::min(end, header_->gaps[gapsTaken_ % kRingGapSlots].atFrame);
    }
    return std::min(end - written_, capacity_ - index_);
}

}  // namespace holdfast
