// scanWav: what any program's WAV really holds, whatever its sizes claim.
//
// The file is hostile: sizes may be 0, placeholders, stale or absurd, chunks cut short or repeated.
// So nothing is multiplied before it is checked, sizes are compared by subtraction in 64 bits, each
// step moves forward, and memory does not grow with the file. Layout: RIFF MCI; RF64 is EBU Tech
// 3306.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"

namespace holdfast {

// Chunks listed on each side of the data; more are counted only.
inline constexpr std::size_t kMaxListedChunks = 256;

enum class WavState {
    sound,        // sizes are right, all there
    sizesWrong,   // only sizes are wrong: the audio is all there
    cutShort,     // the header claims more than is there
    noFormat,     // no usable fmt chunk (formatProblem says why)
    noData,       // no data chunk
    unsupported,  // RF64, BW64, W64: known by name, not read yet
    notWav,
};
std::string_view wavStateName(WavState state);

struct ChunkExtent {
    std::array<char, 4> id{};
    std::uint64_t offset = 0;  // of the payload
    std::uint64_t bytes = 0;   // of the payload, all of them in the file
};

struct WavScan {
    WavState state = WavState::notWav;
    std::string reason;  // of the state, in words; empty when sound
    std::uint64_t fileBytes = 0;
    std::uint64_t claimedRiffBytes = 0;  // as the header says
    std::uint64_t claimedDataBytes = 0;
    std::optional<PcmFormat> format;
    std::string formatProblem;
    std::uint64_t dataOffset = 0;    // first byte of audio; the data chunk's header is 8 before it
    std::uint64_t dataBytes = 0;     // really there; whole frames when the format is known
    std::uint64_t missingBytes = 0;  // claimed, and not a placeholder, but behind the file's end
    std::uint64_t strayBytes = 0;    // behind the last chunk, belonging to nothing
    std::vector<ChunkExtent> chunksBefore;  // without fmt, data, fact and filler
    std::vector<ChunkExtent> chunksAfter;
    std::uint64_t chunksNotListed = 0;
    std::vector<std::string> notes;
};

// `assumed` stands in for a fmt chunk that is missing or unusable.
// Errors: Stage::disk when the file cannot be read; damage is no error. [any thread] [blocks]
Result<WavScan> scanWav(DiskFile& file, const std::optional<PcmFormat>& assumed = std::nullopt);

}  // namespace holdfast
