#include "iocore/ring/ring_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>

#include "iocore/base/checksum.h"
#include "iocore/base/little_endian.h"

namespace holdfast {
namespace {

// The image is the memory itself, so its integers are the processor's.
static_assert(std::endian::native == std::endian::little);
static_assert(std::is_trivially_copyable_v<RingFixedPart>);
static_assert(std::has_unique_object_representations_v<RingFixedPart>);

std::uint64_t sealOf(const RingFixedPart& fixed) {
    const auto bytes = std::as_bytes(std::span(&fixed, 1));
    return checksum(bytes.first(offsetof(RingFixedPart, sealChecksum)), 0);
}

tl::unexpected<Error> damaged(std::string what) {
    return fail(Stage::ring, "ring file: " + std::move(what));
}

std::uint64_t read64(std::span<const std::byte> head, std::size_t offset) {
    return loadLe<std::uint64_t>(head.data() + offset);
}
std::uint32_t read32(std::span<const std::byte> head, std::size_t offset) {
    return loadLe<std::uint32_t>(head.data() + offset);
}

Result<GapCause> decodeCause(std::uint32_t value) {
    if (value < static_cast<std::uint32_t>(GapCause::ringFull) ||
        value > static_cast<std::uint32_t>(GapCause::restarted)) {
        return damaged(fmt::format("gap with unknown cause {}", value));
    }
    return static_cast<GapCause>(value);
}

// Magic, version, seal; then the sizes, because a seal only says that they are what was written.
Result<RingFixedPart> decodeFixedPart(std::span<const std::byte> head, std::uint64_t fileBytes) {
    if (head.size() < kRingAudioOffset || fileBytes < kRingAudioOffset) {
        return damaged(fmt::format("{} bytes are shorter than its header of {}",
                                   std::min<std::uint64_t>(head.size(), fileBytes),
                                   kRingAudioOffset));
    }
    RingFixedPart fixed;
    std::memcpy(&fixed, head.data(), sizeof fixed);
    if (fixed.magic != kRingMagic) return damaged("not a ring of this program");
    if (fixed.version != kRingVersion) {
        return damaged(fmt::format("version {} is not {}", fixed.version, kRingVersion));
    }
    if (fixed.sealChecksum != sealOf(fixed))
        return damaged("seal of the fixed part does not match");
    if (fixed.capacityFrames == 0 || fixed.capacityFrames > kRingMaxFrames) {
        return damaged(fmt::format("capacity of {} frames cannot be", fixed.capacityFrames));
    }
    return fixed;
}

Result<PcmFormat> decodeFormat(const RingFixedPart& fixed) {
    // Before the cast: the enumeration is narrower than the field.
    if (fixed.sampleType < static_cast<std::uint32_t>(SampleType::S16) ||
        fixed.sampleType > static_cast<std::uint32_t>(SampleType::F32)) {
        return damaged(fmt::format("unknown sample type {}", fixed.sampleType));
    }
    const PcmFormat format{fixed.sampleRate, fixed.channels,
                           static_cast<SampleType>(fixed.sampleType), fixed.channelMask};
    if (auto valid = validate(format); !valid) return damaged(valid.error().text);
    if (fixed.bytesPerFrame != format.bytesPerFrame()) {
        return damaged(fmt::format("{} bytes per frame do not fit {}", fixed.bytesPerFrame,
                                   format.describe()));
    }
    return format;
}

// durable <= written <= published <= durable + room, and published <= kRingMaxFrames.
Result<> checkCursors(const char* what, std::uint64_t durable, std::uint64_t written,
                      std::uint64_t published, std::uint64_t room) {
    if (durable > written || written > published || published - durable > room ||
        published > kRingMaxFrames) {
        return damaged(fmt::format("{}: durable {}, written {}, published {} of {} cannot be", what,
                                   durable, written, published, room));
    }
    return {};
}

Result<> decodeCursors(std::span<const std::byte> head, RingSnapshot& ring) {
    ring.published = read64(head, offsetof(RingHeader, published));
    ring.written = read64(head, offsetof(RingHeader, written));
    ring.durable = read64(head, offsetof(RingHeader, durable));
    if (auto sound =
            checkCursors("frames", ring.durable, ring.written, ring.published, ring.capacityFrames);
        !sound) {
        return sound;
    }
    ring.gapsPublished = read64(head, offsetof(RingHeader, gapsPublished));
    ring.gapsWritten = read64(head, offsetof(RingHeader, gapsWritten));
    ring.gapsDurable = read64(head, offsetof(RingHeader, gapsDurable));
    return checkCursors("gaps", ring.gapsDurable, ring.gapsWritten, ring.gapsPublished,
                        kRingGapSlots);
}

Result<Gap> decodeSlot(std::span<const std::byte> head, std::uint64_t number) {
    const std::size_t at =
        offsetof(RingHeader, gaps) + number % kRingGapSlots * sizeof(RingGapSlot);
    const auto cause = decodeCause(read32(head, at + offsetof(RingGapSlot, cause)));
    if (!cause) return fail(cause.error());
    const Gap gap{read64(head, at + offsetof(RingGapSlot, atFrame)),
                  read64(head, at + offsetof(RingGapSlot, frames)), *cause};
    if (gap.frames == 0 || gap.frames > kRingMaxFrames) {
        return damaged(fmt::format("gap {} of {} frames cannot be", number, gap.frames));
    }
    return gap;
}

Result<> decodeTable(std::span<const std::byte> head, RingSnapshot& ring) {
    ring.firstGap = ring.gapsPublished > kRingGapSlots ? ring.gapsPublished - kRingGapSlots : 0;
    // A released slot that comes next may be filled halfway with the gap that takes its place.
    if (ring.gapsPublished >= kRingGapSlots && ring.firstGap < ring.gapsDurable) ++ring.firstGap;
    std::uint64_t previous = 0;
    for (std::uint64_t number = ring.firstGap; number < ring.gapsPublished; ++number) {
        const auto gap = decodeSlot(head, number);
        if (!gap) return fail(gap.error());
        if (gap->atFrame < previous || gap->atFrame > ring.published) {
            return damaged(fmt::format("gap {} at frame {} is out of order", number, gap->atFrame));
        }
        previous = gap->atFrame;
        ring.gaps.push_back(*gap);
    }
    return {};
}

Result<> decodePending(std::span<const std::byte> head, RingSnapshot& ring) {
    const std::uint64_t lost = read64(head, offsetof(RingHeader, pendingLost));
    const std::uint64_t number = read64(head, offsetof(RingHeader, pendingNumber));
    if (number > ring.gapsPublished || lost > kRingMaxFrames) {
        return damaged(fmt::format("open gap {} of {} frames cannot be", number, lost));
    }
    // With an older number it is in the table already: see RingHeader.
    if (lost == 0 || number != ring.gapsPublished) return {};
    const auto cause = decodeCause(read32(head, offsetof(RingHeader, pendingCause)));
    if (!cause) return fail(cause.error());
    ring.pending = {ring.published, lost, *cause};
    return {};
}

}  // namespace

Result<RingSnapshot> decodeRing(std::span<const std::byte> head, std::uint64_t fileBytes) {
    const auto fixed = decodeFixedPart(head, fileBytes);
    if (!fixed) return fail(fixed.error());
    const auto format = decodeFormat(*fixed);
    if (!format) return fail(format.error());
    const std::uint64_t needed = ringImageBytes(fixed->bytesPerFrame, fixed->capacityFrames);
    if (fileBytes < needed) {
        return damaged(fmt::format("cut short: {} of {} bytes", fileBytes, needed));
    }
    const std::uint32_t use = read32(head, offsetof(RingHeader, use));
    if (use > static_cast<std::uint32_t>(RingUse::recording)) {
        return damaged(fmt::format("unknown use {}", use));
    }
    const std::uint32_t part = read32(head, offsetof(RingHeader, part));
    if (part == 0) return damaged("it belongs to part 0");
    RingSnapshot ring;
    ring.part = part;
    ring.format = *format;
    ring.takeId = fixed->takeId;
    ring.writer = fixed->writer;
    ring.use = static_cast<RingUse>(use);
    ring.capacityFrames = fixed->capacityFrames;
    if (auto sound = decodeCursors(head, ring); !sound) return fail(sound.error());
    if (auto sound = decodeTable(head, ring); !sound) return fail(sound.error());
    if (auto sound = decodePending(head, ring); !sound) return fail(sound.error());
    return ring;
}

std::uint64_t ringImageBytes(std::uint32_t bytesPerFrame, std::uint64_t capacityFrames) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    if (bytesPerFrame != 0 && capacityFrames > (kMost - kRingAudioOffset) / bytesPerFrame) {
        return kMost;
    }
    return kRingAudioOffset + capacityFrames * bytesPerFrame;
}

RingFixedPart sealedRingFixedPart(const PcmFormat& format, std::uint64_t capacityFrames,
                                  const TakeId& takeId, const ProcessIdentity& writer) {
    RingFixedPart fixed;
    fixed.bytesPerFrame = format.bytesPerFrame();
    fixed.capacityFrames = capacityFrames;
    fixed.sampleRate = format.sampleRate;
    fixed.channels = format.channels;
    fixed.sampleType = static_cast<std::uint32_t>(format.sampleType);
    fixed.channelMask = format.channelMask;
    fixed.takeId = takeId;
    fixed.writer = writer;
    fixed.sealChecksum = sealOf(fixed);
    return fixed;
}

}  // namespace holdfast
