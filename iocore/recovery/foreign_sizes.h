// headWithSizes: the head of a foreign WAV with the sizes that are true, for a repair in place.
//
// Everything else in the head stays as its program wrote it. Layouts: RIFF MCI, EBU Tech 3306 (a
// JUNK chunk in front keeps room for `ds64`), Sony Wave64.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/recovery/wav_scan.h"

namespace holdfast {

// First byte behind audio, pad and chunks as they should be; the file may be up to 7 bytes shorter.
std::uint64_t trueEnd(const WavScan& wav);

// Empty where a repair in place does: only sizes are wrong. Else why not.
std::string inPlaceProblem(const WavScan& wav);

// `head`: the first wav.dataOffset bytes. Errors: Stage::recovery where the head has no room for
// what is true; it says why.
Result<std::vector<std::byte>> headWithSizes(const WavScan& wav, std::vector<std::byte> head);

}  // namespace holdfast
