// Ring image: the bytes of a ring's memory file, shared by the ring (which lives in it) and by
// recovery (which reads what a dead process left).
//
// Valid only within the boot that wrote it, where the page cache keeps it coherent: so it has a
// sealed fixed part and plain cursors, and no checksums per block. Layout: FORMAT.md, "The ring".
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "iocore/base/gap.h"
#include "iocore/base/pcm_format.h"
#include "iocore/base/process_identity.h"
#include "iocore/base/result.h"
#include "iocore/base/take_id.h"

namespace holdfast {

inline constexpr std::uint64_t kRingMagic = 0x31474E4952464C48;  // "HLFRING1"
inline constexpr std::uint32_t kRingVersion = 1;
inline constexpr std::uint64_t kRingGapSlots = 1024;
inline constexpr std::uint64_t kRingAudioOffset = 40'960;  // header page, gap table, then audio
// No frame count in a ring is larger (23 years at 384 kHz): a larger one is damage, and sums and
// byte offsets of counts below it cannot overflow.
inline constexpr std::uint64_t kRingMaxFrames = std::uint64_t{1} << 48;

enum class RingUse : std::uint32_t { monitoring = 0, recording = 1 };

// What is fixed for the ring's life. `sealChecksum` covers the bytes before it (XXH3-64, seed 0).
struct RingFixedPart {
    std::uint64_t magic = kRingMagic;
    std::uint32_t version = kRingVersion;
    std::uint32_t bytesPerFrame = 0;
    std::uint64_t capacityFrames = 0;
    std::uint32_t sampleRate = 0;
    std::uint32_t channels = 0;
    std::uint32_t sampleType = 0;
    std::uint32_t channelMask = 0;
    TakeId takeId;
    ProcessIdentity writer;
    std::uint64_t sealChecksum = 0;
};
static_assert(sizeof(RingFixedPart) == 96);

// One gap as it lies in the table; slot = gap number modulo kRingGapSlots.
struct RingGapSlot {
    std::uint64_t atFrame = 0;
    std::uint64_t frames = 0;
    std::uint32_t cause = 0;
    std::uint32_t reserved = 0;
    std::uint64_t reserved2 = 0;
};
static_assert(sizeof(RingGapSlot) == 32);

// The header page. Cursors count frames since the start of the take and never wrap; each side's
// line has one writer. Invariant: durable <= written <= published <= durable + capacity.
//
// A gap is in one of two places at every instant, also when the producer is killed between two
// stores: in pending* while pendingNumber == gapsPublished, in the table from the one store of
// gapsPublished on. That store makes pendingNumber stale, so that a pendingLost which is not yet
// zero again counts for nothing; and pendingLost is stored after the other two, so that it never
// stands beside an older gap's cause or number.
struct RingHeader {
    RingFixedPart fixed;
    std::atomic<std::uint32_t> use;  // RingUse: while monitoring nothing here is a recording's
    // Whose audio lies from `durable` on: the part of the session that is being written, from 1.
    // One store hands the ring to the next part, so no kill finds a frame with two owners or none.
    std::atomic<std::uint32_t> part;

    alignas(64) std::atomic<std::uint64_t> published;  // producer: frames in the ring so far
    std::atomic<std::uint64_t> gapsPublished;          // producer: gaps in the table so far
    std::atomic<std::uint64_t> pendingLost;            // producer: frames of a gap not yet closed
    std::atomic<std::uint32_t> pendingCause;           // producer: GapCause of it
    std::atomic<std::uint64_t> pendingNumber;          // producer: the number it gets in the table

    alignas(64) std::atomic<std::uint64_t> written;  // consumer: frames handed to the file
    std::atomic<std::uint64_t> gapsWritten;
    alignas(64) std::atomic<std::uint64_t> durable;  // consumer: frames whose space is free again
    std::atomic<std::uint64_t> gapsDurable;

    alignas(64) RingGapSlot gaps[kRingGapSlots];
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(offsetof(RingHeader, use) == 96);
static_assert(offsetof(RingHeader, part) == 100);
static_assert(offsetof(RingHeader, published) == 128);
static_assert(offsetof(RingHeader, pendingNumber) == 160);
static_assert(offsetof(RingHeader, written) == 192);
static_assert(offsetof(RingHeader, durable) == 256);
static_assert(offsetof(RingHeader, gaps) == 320);
static_assert(sizeof(RingHeader) <= kRingAudioOffset);

// What recovery needs of a ring file, every field checked: a cursor or size that cannot be is an
// error, not a number to compute with.
struct RingSnapshot {
    PcmFormat format;
    TakeId takeId;
    ProcessIdentity writer;
    RingUse use = RingUse::monitoring;
    std::uint32_t part = 1;
    std::uint64_t capacityFrames = 0;
    std::uint64_t published = 0;
    std::uint64_t written = 0;
    std::uint64_t durable = 0;
    std::uint64_t gapsPublished = 0;
    std::uint64_t gapsWritten = 0;
    std::uint64_t gapsDurable = 0;
    std::uint64_t firstGap = 0;  // number of gaps[0]; older ones are no longer in the table
    std::vector<Gap> gaps;       // gaps [firstGap, gapsPublished), oldest first
    Gap pending;                 // frames == 0: none open

    // Oldest frame whose audio is surely in the ring: the space before it is free, and a kill may
    // have left the producer halfway through filling it with frames not yet published.
    [[nodiscard]] std::uint64_t oldestFrame() const { return durable; }
    // Byte offset in the ring file of `frame`, oldestFrame() <= frame < published.
    [[nodiscard]] std::uint64_t audioOffset(std::uint64_t frame) const {
        return kRingAudioOffset + frame % capacityFrames * format.bytesPerFrame();
    }
};

// `head`: the file's first kRingAudioOffset bytes; `fileBytes`: its whole length.
// Errors: Stage::ring, naming what is wrong. [any thread]
Result<RingSnapshot> decodeRing(std::span<const std::byte> head, std::uint64_t fileBytes);

// Bytes of an image whose ring holds `capacityFrames`; the largest number when they are too many.
std::uint64_t ringImageBytes(std::uint32_t bytesPerFrame, std::uint64_t capacityFrames);

// Fills in magic, version and seal. [any thread]
RingFixedPart sealedRingFixedPart(const PcmFormat& format, std::uint64_t capacityFrames,
                                  const TakeId& takeId, const ProcessIdentity& writer);

}  // namespace holdfast
