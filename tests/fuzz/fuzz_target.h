// FuzzTarget: one format or operation, fed with hostile bytes and judged by properties.
//
// The same function is run by libFuzzer (fuzz_NAME, clang) and by the replay of seeds and finds
// (FuzzReplay, every compiler), so that a find stays found. A target is a function of its input
// alone: what depends on the machine (boot, processes) is put in while it runs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tests/support/disk_op.h"

namespace holdfast {

struct FuzzSeed {
    std::string name;
    Bytes bytes;
};

struct FuzzTarget {
    std::string name;
    // What is wrong with how the code treats `input`; empty when nothing is.
    std::string (*defectOf)(std::span<const std::byte> input);
    // Makes the checksums in `input` true again: a fuzzer never gets past one by itself. Null: the
    // input has none.
    void (*mend)(std::span<std::byte> input);
    std::vector<FuzzSeed> (*seeds)();
};

FuzzTarget wavTarget();
FuzzTarget journalTarget();
FuzzTarget ringTarget();
FuzzTarget recoveryTarget();

inline std::vector<FuzzTarget> fuzzTargets() {
    return {wavTarget(), journalTarget(), ringTarget(), recoveryTarget()};
}

}  // namespace holdfast
