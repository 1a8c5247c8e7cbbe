// The plan: which audio the result consists of, decided from the evidence alone.
//
// The rules, and why no safe frame can be lost by them, are in FORMAT.md, "What recovery does".
#pragma once

#include "iocore/base/result.h"
#include "iocore/recovery/recovery_report.h"
#include "iocore/recovery/scan_options.h"
#include "iocore/recovery/take_evidence.h"
#include "iocore/recovery/wav_scan.h"

namespace holdfast {

// Of a take of ours: fills in format, counts, plan, marks and verdict. `wav` is what a reader
// without our knowledge makes of the file.
// Errors: Stage::disk, ECANCELED. [any thread] [blocks]
Result<> planTake(const TakeEvidence& take, const WavScan& wav, const ScanOptions& options,
                  RecoveryReport& report);

// Of any other WAV: believes what scanWav() found. [any thread] [blocks]
Result<> planForeign(const TakeEvidence& take, const WavScan& wav, const ScanOptions& options,
                     RecoveryReport& report);

// Bytes of zeros directly before `end`, not looking before `begin`. Of the options: progress.
Result<std::uint64_t> zerosBefore(DiskFile& file, std::uint64_t begin, std::uint64_t end,
                                  const ScanOptions& options = {});

}  // namespace holdfast
