// DamagedTake: a small take in one of the states a crash or a repair leaves, and then damaged as
// the input says.
//
// Input: kind of take, argument (operations done before a repair in place was killed), flags
// (seal again: 1 header block, 2 journal, 4 ring), then damages: what (file + 3 x action), offset
// (2), count, and for `overwrite` the bytes.
#pragma once

#include <span>
#include <string>

#include "iocore/recovery/recovery_writer.h"
#include "tests/support/take_builder.h"

namespace holdfast {

enum class TakeKind : unsigned char {
    tail,
    ring,
    ringGapsMarkers,
    finished,
    withoutJournal,
    cutTrailer,
    foreignZeroSizes,
    foreignStale,
    partFile,
    repairedInPlace,
    killedInPlace,
    withChunk,
    count,
};

enum class DamageAction : unsigned char { overwrite, flip, cut, zeros, count };

struct DamagedTake {
    std::string wavName;
    std::string logName;  // journal or undo log; empty: none
    FileMap files;
    Bytes ring;  // empty: none
    std::string ringPath;

    [[nodiscard]] FaultDisk disk() const;
    // Rings are looked for and removed in memory; `ringGone` is set by a removal and holds from
    // then on. Both outlive the options.
    [[nodiscard]] RepairOptions options(bool& ringGone) const;
};

DamagedTake damagedTake(std::span<const std::byte> input);

}  // namespace holdfast
