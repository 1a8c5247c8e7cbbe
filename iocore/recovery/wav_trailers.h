// What stands behind the audio of a WAV: other chunks, or nothing that was meant to be there.
//
// Audio can look like a chunk, so a name alone proves nothing: chunks count where one leads to the
// next up to an end that somebody else names, the file's or the header's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "iocore/recovery/wav_container.h"

namespace holdfast {

struct Trailers {
    bool stand = false;  // chunks stand there indeed; the rest is of them
    ChunkList chunks;
    bool secondData = false;
    std::uint64_t end = 0;           // first byte behind them
    std::uint64_t missingBytes = 0;  // of the last one, which is cut short
    std::vector<std::string> notes;
};

// From `from` on. `claimed`: the header says that something stands there.
// Errors: Stage::disk. [any thread] [blocks]
Result<Trailers> walkTrailers(ChunkReader& reader, std::uint64_t from, bool claimed);

// Where the chunks begin that lead to the file's end, when no size says so; looked for in the last
// MiB, behind `dataOffset`. Errors: Stage::disk. [any thread] [blocks]
Result<std::optional<std::uint64_t>> findTrailers(ChunkReader& reader, std::uint64_t dataOffset);

}  // namespace holdfast
