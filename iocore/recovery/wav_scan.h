// scanWav: what any program's WAV really holds, whatever its sizes claim.
//
// The file is hostile: sizes may be 0, placeholders, stale or absurd, chunks cut short or repeated,
// the head damaged or gone. So nothing is multiplied before it is checked, sizes are compared by
// subtraction in 64 bits, each step moves forward, and memory does not grow with the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"
#include "iocore/recovery/scan_options.h"
#include "iocore/recovery/wav_container.h"

namespace holdfast {

enum class WavState {
    sound,        // sizes are right, all there
    sizesWrong,   // only sizes are wrong: the audio is all there
    headDamaged,  // more than sizes: bytes before it, a chunk that hides the next, no format
    cutShort,     // the header claims more than is there
    noFormat,     // no usable fmt chunk (formatProblem says why)
    noData,       // no data chunk
    notWav,
};
std::string_view wavStateName(WavState state);

struct WavScan {
    WavState state = WavState::notWav;
    std::string reason;  // of the state, in words; empty when sound
    WavContainer container = WavContainer::none;
    std::uint64_t start = 0;  // where its head stands; bytes before it belong to nothing
    std::uint64_t fileBytes = 0;
    std::uint64_t claimedRiffBytes = 0;  // as the header says
    std::uint64_t claimedDataBytes = 0;
    std::uint64_t ds64Offset = 0;  // of its payload; 0: none
    std::uint64_t firstChunk = 0;  // its head
    std::optional<PcmFormat> format;
    std::string formatProblem;
    bool otherEncoding = false;      // the problem: its audio is none that this program takes
    std::uint64_t dataOffset = 0;    // first byte of audio
    std::uint64_t dataBytes = 0;     // really there; whole frames when the format is known
    std::uint64_t chunksEnd = 0;     // behind audio, pad and the last chunk
    bool chunksBehind = false;       // there are chunks behind the audio
    std::uint64_t missingBytes = 0;  // claimed, and not a placeholder, but behind the file's end
    std::uint64_t strayBytes = 0;    // behind the last chunk, belonging to nothing
    ChunkList before;                // other chunks in front of the audio
    ChunkList after;
    std::vector<std::string> notes;
};

// The assumption stands in for what is missing: for a fmt chunk that is not there or unusable, for
// the place of the audio where there is no data chunk.
// Errors: Stage::disk when the file cannot be read; damage is no error. [any thread] [blocks]
Result<WavScan> scanWav(DiskFile& file, const std::optional<AssumedFormat>& assumed = std::nullopt);

// What a sound file of the same recorder says of a damaged one.
// Errors: Stage::disk; Stage::recovery when it says nothing itself. [any thread] [blocks]
Result<AssumedFormat> formatOfReference(DiskFile& file);

}  // namespace holdfast
