// file:PATH as a device: any format that libsndfile reads, delivered without changing a sample.
//
// Samples: floating point files and lossy codecs give F32, 32-bit files S32, all others S24, unless
// another type was wished; a wished type that cannot hold them sets grant.converted. Rate and
// channels are never changed: a wish that differs from the file is an error.
#pragma once

#include <memory>
#include <string_view>

#include "iocore/base/result.h"
#include "iocore/capture/capture_source.h"

namespace holdfast {

inline constexpr std::string_view kFilePrefix = "file:";

// The end of the file is CaptureEnd::endOfInput. Errors: Stage::usage for an empty path and a wish
// that the file cannot meet, Stage::device when it cannot be opened or is no audio.
// [control thread] [blocks]
Result<std::unique_ptr<CaptureSource>> openFileSource(const CaptureRequest& request);

}  // namespace holdfast
