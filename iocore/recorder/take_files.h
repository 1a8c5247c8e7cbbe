// TakeFiles: the names of one take in its folder, and the steps between them.
//
// NAME.part.wav until the first commit, then NAME.wav; NAME.wav.journal beside it. A name that is
// taken, or that an unrecovered take holds, is refused before anything is made.
#pragma once

#include <cstdint>
#include <string>

#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"

namespace holdfast {

struct TakeNames {
    std::string final;    // take.wav
    std::string part;     // take.part.wav
    std::string journal;  // take.wav.journal

    // `wavName` ends in ".wav" (any case).
    static TakeNames of(const std::string& wavName);
    // Of a recording's part `index`: take.wav, take-002.wav, …; as `attempt` 2, 3, … where that is
    // taken: take-002-2.wav.
    static TakeNames ofPart(const std::string& wavName, std::uint32_t index, int attempt = 1);
};

// Fails with Stage::usage when the take cannot start under these names: the target is there and may
// not be replaced, or an unrecovered take stands there (replace or not); the text names the way
// out.
Result<> checkNamesAreFree(DiskFolder& folder, const TakeNames& names, Existing existing);

// Renames part to final; not durable before the folder is synced. Where the final name was taken
// meanwhile, the take gets the next free "-2", "-3", …; `names` is updated.
// [writer thread] [blocks]
Result<> renameToFinal(DiskFolder& folder, TakeNames& names, Existing existing);

}  // namespace holdfast
