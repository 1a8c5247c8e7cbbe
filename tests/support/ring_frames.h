// Frames that say which they are: 16 bytes, the ring frame's number and the device frame's. Their
// difference is what was lost before, so that every frame checks all gaps in front of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "iocore/ring/spsc_ring.h"

namespace holdfast::test {

inline constexpr PcmFormat kNumberedFormat{48'000, 4, SampleType::S32, 0};

struct NumberedFrame {
    std::uint64_t ringFrame = 0;
    std::uint64_t deviceFrame = 0;
    bool operator==(const NumberedFrame&) const = default;
};
static_assert(sizeof(NumberedFrame) == 16);

// The frames of interleaved audio in kNumberedFormat.
inline std::vector<NumberedFrame> framesOf(std::span<const std::byte> audio) {
    std::vector<NumberedFrame> frames(audio.size() / sizeof(NumberedFrame));
    if (!audio.empty()) std::memcpy(frames.data(), audio.data(), audio.size());
    return frames;
}

// A ring of numbered frames in plain memory.
inline std::unique_ptr<SpscRing> numberedRing(std::uint64_t capacityFrames) {
    auto memory =
        RingMemory::anonymous(SpscRing::memoryBytes(kNumberedFormat, capacityFrames)).value();
    return SpscRing::create(std::move(memory), kNumberedFormat, capacityFrames, TakeId::random())
        .value();
}

// What recovery would see if the process died now.
inline Result<RingSnapshot> snapshotOf(SpscRing& ring) {
    const std::span<const std::byte> bytes = ring.memory().bytes();
    return decodeRing(bytes.first(kRingAudioOffset), bytes.size());
}

}  // namespace holdfast::test
