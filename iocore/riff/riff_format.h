// RIFF format: the 512-byte header block and the trailing chunks of a take, encoded and decoded.
//
// Used by the writer and by recovery, so that the two cannot drift. The block holds every size
// field and is always replaced whole, by one write: no reader ever sees two sizes that disagree.
// Bytes: FORMAT.md, "The header block". Sources: Microsoft's "Multiple channel audio data and WAVE
// files", EBU Tech 3306 (the reserved ds64), RIFF MCI (cue, LIST adtl).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/base/take_id.h"

namespace holdfast {

// The `data` chunk's audio begins here in every format.
inline constexpr std::uint32_t kHeaderBlockBytes = 512;
inline constexpr std::uint32_t kSealOffset = 400;
inline constexpr std::uint32_t kBlockChecksumOffset = 496;
inline constexpr std::uint32_t kSealVersion = 1;
// Bytes kept free below 4 GiB for the trailing chunks and the pad byte.
inline constexpr std::uint64_t kTrailerReserveBytes = 1 << 20;
inline constexpr std::uint64_t kMaxRiffDataBytes =
    0xFFFF'FFFFULL - (kHeaderBlockBytes - 8) - kTrailerReserveBytes;
// Far above any disk, and far enough below 2^64 that sums of sizes do not wrap.
inline constexpr std::uint64_t kMaxDataBytes = std::uint64_t{1} << 62;

using HeaderImage = std::array<std::byte, kHeaderBlockBytes>;

struct HeaderFlags {
    static constexpr std::uint32_t finished = 1;    // sizes are final, trailers included
    static constexpr std::uint32_t recovered = 2;   // written by recovery
    static constexpr std::uint32_t damageLeft = 4;  // recovery could not save everything
};

// What we alone read of the block: which take and which commit it is, and what that commit covers.
struct HeaderSeal {
    TakeId takeId;
    std::uint64_t sequence = 0;      // number of the commit, 0 = header only
    std::uint64_t frames = 0;        // frames in the file at this commit
    std::uint64_t ringFrame = 0;     // of them captured; the rest are filled gaps
    std::uint64_t gapCount = 0;      // gaps that lie before it, pauses included
    std::uint64_t segmentStart = 0;  // byte offset in the file of the last segment; it ends at the
                                     // commit's data end
    std::uint64_t segmentChecksum = 0;
    std::uint64_t salt = 0;  // seed of the take's checksums
    std::uint32_t partIndex = 1;
    std::uint32_t flags = 0;
    bool operator==(const HeaderSeal&) const = default;
};

// How the block states its sizes.
enum class SizeForm {
    riff,          // 32 bits; the room of ds64 is JUNK
    riffWithDs64,  // 32 bits, and the same in ds64: every reader still sees a RIFF
    rf64,          // 64 bits, in ds64 alone
};

struct HeaderBlock {
    PcmFormat format;
    SizeForm sizes = SizeForm::riff;
    std::uint64_t dataBytes = 0;     // whole frames
    std::uint64_t trailerBytes = 0;  // chunks behind the data and its pad byte, whole
    HeaderSeal seal;
    bool operator==(const HeaderBlock&) const = default;
};

// The RIFF size: all of the file behind its first 8 bytes.
inline std::uint64_t riffSizeOf(const HeaderBlock& block) {
    return kHeaderBlockBytes - 8 + block.dataBytes + block.dataBytes % 2 + block.trailerBytes;
}

// REQUIRES riffSizeOf(block) to fit the form: 32 bits unless rf64.
HeaderImage encodeHeaderBlock(const HeaderBlock& block);

enum class SealState {
    absent,  // not our file
    torn,    // ours, but the block's checksum fails
    sound,
};
struct DecodedHeader {
    SealState state = SealState::absent;
    HeaderBlock block;  // format and seal are set when sound
};
// Never fails: says what it found. `block` has at least kHeaderBlockBytes bytes.
DecodedHeader decodeHeaderBlock(std::span<const std::byte> block);

// Whether ds64 of an RF64 block counts other frames than its data has: a write of ours that was
// torn inside it. Other programs write the count with the size, or leave it 0.
bool isDs64Torn(std::span<const std::byte> block, std::uint64_t bytesPerFrame);

// WAVE_FORMAT_EXTENSIBLE is written from three channels on; mono and stereo stay with the plain
// tags, which every reader opens (reason and figures: FORMAT.md).
bool needsExtensible(const PcmFormat& format);
std::vector<std::byte> encodeFmt(const PcmFormat& format);  // payload of `fmt `, 16, 18 or 40 bytes
// Errors: Stage::format, naming the field. PCM 16, 24, 32 and float 32 only; everything else is
// refused by name.
Result<PcmFormat> decodeFmt(std::span<const std::byte> payload);

// A whole chunk: header, payload, and a pad byte after an odd number of bytes.
std::vector<std::byte> encodeChunk(const std::array<char, 4>& id,
                                   std::span<const std::byte> payload);

// A marker or a gap as players show it: a cue point with a label.
struct CueMark {
    std::uint64_t frame = 0;  // in the file
    std::string label;        // UTF-8
};
// `cue ` and `LIST adtl`, each with header and pad; empty when there are no marks. Marks behind
// 2^32 - 1 frames and what does not fit maxBytes are left out; `left` counts them.
struct CueChunks {
    std::vector<std::byte> cue;
    std::vector<std::byte> labels;
    std::size_t left = 0;
};
CueChunks encodeCueChunks(std::span<const CueMark> marks, std::uint64_t maxBytes);

// "gap of 4800 frames (ring_full)": the label of a gap.
std::string gapLabel(std::uint64_t frames, std::string_view cause);

}  // namespace holdfast
