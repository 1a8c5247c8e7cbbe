// RecoveryScan: looks at one take and says what can be brought back. It writes nothing.
//
// Rules and proof: FORMAT.md, "What recovery does". A scan of the same files gives the same report,
// also half-way through a repair in place.
#pragma once

#include <string>

#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"
#include "iocore/recovery/recovery_report.h"
#include "iocore/recovery/scan_options.h"
#include "iocore/recovery/take_evidence.h"

namespace holdfast {

class RecoveryScan {
  public:
    // `folder` outlives the scan.
    explicit RecoveryScan(DiskFolder& folder, ScanOptions options = {})
        : folder_(folder), options_(std::move(options)) {}

    // `name`: a WAV or a journal of the folder. A file that cannot be helped is a report (its
    // verdict says so), not an error. Errors: Stage::disk and Stage::journal when the named file
    // cannot be read at all; isCancelled(). [any thread] [blocks]
    Result<RecoveryReport> check(const std::string& name);

  private:
    DiskFolder& folder_;
    ScanOptions options_;
};

// The report and the open files that its plan speaks of: what a repair works from.
struct ScannedTake {
    RecoveryReport report;
    TakeEvidence evidence;
};
Result<ScannedTake> scanWithSources(DiskFolder& folder, const std::string& name,
                                    const ScanOptions& options);

// What an earlier recovery of the take left, if the file is that.
struct EarlierResult {
    std::uint64_t frames = 0;
    bool damageLeft = false;
};
std::optional<EarlierResult> earlierResult(const DecodedHeader& header, const TakeId& takeId);
std::optional<EarlierResult> earlierResult(DiskFolder& folder, const std::string& name,
                                           const TakeId& takeId);

}  // namespace holdfast
