// The corpus: WAVs with every damage that programs and crashes leave, each with the known truth.
//
// Made anew each time from forgeWav(), so that nobody has to keep or trust files.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tests/support/wav_forge.h"

namespace holdfast {

struct DamagedWav {
    std::string name;    // "rf64-S24-sizes-zero"
    std::string damage;  // "sizes-zero"
    std::string ending;  // ".wav", ".w64"
    Bytes bytes;
    PcmFormat format;
    std::uint64_t frames = 0;             // that are truly there, from the first on
    std::uint64_t zeroFrames = 0;         // behind them: space that was never written
    bool needsFormat = false;             // it does not say its format; the user has to
    bool partMissing = false;             // the header tells of more: damage that stays
    std::vector<std::string> keeps = {};  // other chunks that are whole
};
std::vector<DamagedWav> makeCorpus();

// How much of an audio of this format is right: frame n is frame n of the truth.
struct Judged {
    std::uint64_t right = 0;
    std::uint64_t wrong = 0;  // frames that are no audio of the file, or at the wrong place
};
Judged judgeAudio(const DamagedWav& file, std::span<const std::byte> audio);

}  // namespace holdfast
