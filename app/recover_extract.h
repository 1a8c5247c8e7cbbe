// extractRaw: the recoverable audio of a take as bytes without a header.
//
// For programs that know the format better than any header: what sox, ffmpeg and Audacity call raw.
#pragma once

#include <string>

#include "app/recover_target.h"
#include "iocore/recovery/scan_options.h"

namespace holdfast {

struct RawOutput {
    DiskFolder* folder = nullptr;  // null: standard output
    std::string name;
    bool replace = false;
};

// Nothing is left behind when it fails; the input is only read. A take that is recorded now, or
// has no audio, is a report and no file. Errors: as extractAudio(); EEXIST of Stage::recovery when
// the name is taken; Stage::disk. [control thread] [blocks]
Result<RecoveryReport> extractRaw(RecoverTarget& target, const ScanOptions& options,
                                  const RawOutput& output);
// Whether a report of extractRaw() speaks of audio that was written.
bool wasExtracted(const RecoveryReport& report);

}  // namespace holdfast
