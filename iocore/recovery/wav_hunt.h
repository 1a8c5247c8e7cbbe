// Where a damaged head hides what follows it: looks for the names that matter, byte by byte.
//
// Bounded to the first MiB: a header is never longer, and what is found by name alone is a guess
// that gets less sure with every byte.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "iocore/base/pcm_format.h"
#include "iocore/recovery/wav_container.h"

namespace holdfast {

// Takes the first container behind foreign bytes. False: there is none.
// Errors: Stage::disk. [any thread] [blocks]
Result<bool> huntContainer(ChunkReader& reader);

struct HuntedChunks {
    std::optional<PcmFormat> format;
    std::string formatProblem;  // of the first fmt chunk that cannot be used
    std::optional<ChunkHead> data;
    bool dataFits = false;  // its size does not speak against it
};
// Errors: Stage::disk. [any thread] [blocks]
Result<HuntedChunks> huntChunks(ChunkReader& reader);

}  // namespace holdfast
