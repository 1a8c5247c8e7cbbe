// forgeWav: sound WAVs in every container, to be damaged by tests. It knows where the sizes lie.
//
// It shares no code with the reader under test. Every sample is a function of its frame and
// channel, so that whatever a program makes of a file can be judged sample by sample.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "iocore/base/pcm_format.h"
#include "tests/support/disk_op.h"

namespace holdfast {

enum class ForgedContainer { riff, rf64, bw64, w64 };
std::string forgedName(ForgedContainer container);

// Looks like noise; as 32 bits, of which a sample type keeps the upper ones. F32: 24 of them.
std::int32_t forgedSample(std::uint64_t frame, std::uint32_t channel);
Bytes forgedAudio(const PcmFormat& format, std::uint64_t frames);

using ForgedChunk = std::pair<std::string, std::string>;  // id, payload
struct ForgeSpec {
    ForgedContainer container = ForgedContainer::riff;
    PcmFormat format{48'000, 2, SampleType::S24, 0};
    std::uint64_t frames = 30'000;
    std::vector<ForgedChunk> before = {};
    std::vector<ForgedChunk> after = {};
    bool pads = true;      // false: no pad bytes, as some writers have it
    bool fmtLast = false;  // behind the data
};

struct ForgedWav {
    Bytes bytes;
    std::size_t sizeAt = 0;      // of the container
    std::size_t sizeBytes = 4;   // 4 or 8; the data's is as long
    std::size_t ds64At = 0;      // its payload; 0: none
    std::size_t fmtAt = 0;       // its payload
    std::size_t dataSizeAt = 0;  // 4 or 8 bytes directly before the audio
    std::size_t audioAt = 0;
    std::uint64_t audioBytes = 0;

    // Wherever this container keeps them. W64: with the head that it counts.
    void setSizes(std::uint64_t riff, std::uint64_t data);
};
ForgedWav forgeWav(const ForgeSpec& spec);

}  // namespace holdfast
