#include "iocore/ring/spsc_ring.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

#include "iocore/base/process_identity.h"

namespace holdfast {

std::uint64_t SpscRing::memoryBytes(const PcmFormat& format, std::uint64_t capacityFrames) {
    return ringImageBytes(format.bytesPerFrame(), capacityFrames);
}

Result<std::unique_ptr<SpscRing>> SpscRing::create(RingMemory memory, const PcmFormat& format,
                                                   std::uint64_t capacityFrames,
                                                   const TakeId& takeId) {
    if (auto valid = validate(format); !valid) return fail(Stage::ring, valid.error().text);
    if (capacityFrames == 0 || capacityFrames > kRingMaxFrames) {
        return fail(Stage::ring, fmt::format("a ring of {} frames cannot be", capacityFrames));
    }
    const std::uint64_t needed = memoryBytes(format, capacityFrames);
    if (memory.bytes().size() < needed) {
        return fail(Stage::ring, fmt::format("{} bytes of memory are fewer than the ring's {}",
                                             memory.bytes().size(), needed));
    }
    std::unique_ptr<SpscRing> ring(new SpscRing(std::move(memory)));
    std::byte* const base = ring->memory_.bytes().data();
    assert(reinterpret_cast<std::uintptr_t>(base) % alignof(RingHeader) == 0);
    // Until it is sealed the file is no ring to recovery.
    ring->header_ = new (base) RingHeader();
    ring->header_->fixed = sealedRingFixedPart(format, capacityFrames, takeId, currentProcess());
    ring->setPart(1);
    ring->audio_ = base + kRingAudioOffset;
    return ring;
}

SpscRing::~SpscRing() = default;

SpscRing::Producer SpscRing::producer() {
    assert(!producerTaken_);
    producerTaken_ = true;
    return {header_, audio_};
}

SpscRing::Consumer SpscRing::consumer() {
    assert(!consumerTaken_);
    consumerTaken_ = true;
    return {header_, audio_};
}

void SpscRing::setUse(RingUse use) {
    // Partner: recovery, which reads it after our death.
    header_->use.store(static_cast<std::uint32_t>(use), std::memory_order_release);
}

void SpscRing::setPart(std::uint32_t part) {
    // Partner: recovery, which reads it after our death.
    header_->part.store(part, std::memory_order_release);
}

SpscRing::Fill SpscRing::fill() const {
    Fill fill;
    // Acquire, partners: the release stores of both ends. Oldest cursor first, so that the numbers
    // keep their order although both ends go on meanwhile.
    fill.durable = header_->durable.load(std::memory_order_acquire);
    fill.written = header_->written.load(std::memory_order_acquire);
    // Acquire, partners: the producer's release stores.
    fill.published = header_->published.load(std::memory_order_acquire);
    fill.pendingLost = header_->pendingLost.load(std::memory_order_acquire);
    // Relaxed: the cause is stored before the frames that the acquire above has seen.
    fill.pendingCause =
        static_cast<GapCause>(header_->pendingCause.load(std::memory_order_relaxed));
    fill.capacity = header_->fixed.capacityFrames;
    return fill;
}

}  // namespace holdfast
