// Judges all crash images of the take in take.wav, and knows the operations of its log.
//
// One judge for every take that the image tests make, so that none is judged more mildly.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "iocore/base/pcm_format.h"
#include "tests/support/crash_images.h"

namespace holdfast {

struct Judged {
    ImageCounts kill;
    ImageCounts power;
    std::uint64_t defects = 0;
    std::string first;  // label and defect
};

// As a player would: sectors are whole. `expected`: all audio of the finished take.
Judged judge(const FaultDisk& disk, const PcmFormat& format, const Bytes& expected);
// Recovery has to stand more than players: sectors torn by a kill, and torn below 512 bytes.
// `chunk`: what has to stand behind the audio besides marks; empty: nothing.
Judged judgeRecovery(const FaultDisk& disk, const PcmFormat& format, const Bytes& expected,
                     const Bytes& chunk = {});

using Log = std::vector<DiskOp>;

bool isWavOp(const DiskOp& op, DiskOp::Kind kind);
bool isHeaderWrite(const DiskOp& op);
bool isAudioWrite(const DiskOp& op);

}  // namespace holdfast
