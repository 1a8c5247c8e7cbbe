// Which sample type is recorded from a device of which type: the rule that all sources share.
#pragma once

#include "iocore/base/pcm_format.h"

namespace holdfast {

// S24, or the nearest that loses nothing: floats stay F32, 32-bit integers S32.
constexpr SampleType losslessFileType(SampleType device) {
    return device == SampleType::S16 ? SampleType::S24 : device;
}

// True when every sample of a device of type `device` has its exact counterpart in `file`.
constexpr bool holdsExactly(SampleType file, SampleType device) {
    if (file == device || device == SampleType::S16) return true;
    return device == SampleType::S24 && (file == SampleType::S32 || file == SampleType::F32);
}

}  // namespace holdfast
