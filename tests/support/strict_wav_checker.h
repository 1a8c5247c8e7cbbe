// A strict reader of WAV files: the tests' second opinion.
//
// It shares no code with the writer or the recovery, so that a misreading of the format cannot
// agree with itself. Sources: Microsoft/IBM "Multimedia Programming Interface and Data
// Specifications 1.0" (RIFF, cue, adtl), "Multiple channel audio data and WAVE files"
// (EXTENSIBLE), EBU Tech 3306 (RF64).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace wavcheck {

struct Chunk {
    std::string id;
    std::uint64_t offset = 0;  // of its 8-byte header, in the file
    std::uint64_t bytes = 0;   // of its content, without the pad byte
};

struct Label {
    std::uint32_t cueId = 0;
    std::uint32_t frame = 0;  // counted from the start of the data
    std::string text;
};

struct Verdict {
    bool ok = false;
    std::string defect;  // the first one found; empty when ok

    bool isRf64 = false;
    bool hasDs64 = false;       // also a RIFF may have it; it then says what RIFF says
    std::uint64_t riffEnd = 0;  // file offset behind the RIFF chunk
    bool trailing = false;      // bytes lie behind it: the header is behind the data
    std::vector<Chunk> chunks;  // directly inside RIFF, in file order
    std::uint64_t dataOffset = 0;
    std::uint64_t dataBytes = 0;
    std::uint64_t frames = 0;
    std::vector<Label> labels;  // of cue points, in the order of the cue chunk

    bool isExtensible = false;
    bool isFloat = false;
    std::uint32_t sampleRate = 0;
    std::uint32_t channels = 0;
    std::uint32_t bits = 0;       // of the container
    std::uint32_t validBits = 0;  // = bits unless EXTENSIBLE says less
    std::uint32_t blockAlign = 0;
    std::uint32_t channelMask = 0;
};

// Reads exactly into.size() bytes at `offset`, which lie inside the file; false on an error.
using Reader = std::function<bool(std::uint64_t offset, std::span<std::byte> into)>;

Verdict checkWav(std::span<const std::byte> file);
// In constant memory, however long the file is.
Verdict checkWavFile(const std::string& path);
Verdict checkWav(std::uint64_t fileBytes, const Reader& read);

}  // namespace wavcheck
