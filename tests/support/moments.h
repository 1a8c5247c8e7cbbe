// Moments: every state in which a kill or a power cut can find a SeriesRig, and what has to be
// recovered from each.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/support/series_rig.h"

namespace holdfast {

// The disk and the ring before an operation: what a kill there leaves.
struct Moment {
    FileMap files;
    Bytes ring;
    std::size_t captured = 0;  // bytes
    std::string label;
};

// From now on each operation of the rig's disk is one.
void recordMoments(SeriesRig& rig, std::vector<Moment>& moments);
// Recovery has exactly what was captured, in each.
void expectEveryMomentToHaveAll(const SeriesRig& rig, const std::vector<Moment>& moments);
// The same for power cuts, which keep what was safe. Returns the number of different images.
std::size_t expectPowerCutsToKeepWhatWasSafe(const SeriesRig& rig);

}  // namespace holdfast
