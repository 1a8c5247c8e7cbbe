// probeCommits: makes commits in a folder as a recording does, and measures them.
//
// Through the same interface and in the same order as a take's (audio, sync, header block, sync;
// FORMAT.md, "The commit"), spread over the time so that a disk's occasional slow moment is met.
// Between them the same bytes are written without a sync: what a write costs that reaches nothing.
// Constant memory and a bounded file, removed on every way out.
#pragma once

#include <cstdint>
#include <functional>

#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"
#include "iocore/selftest/latency.h"

namespace holdfast {

// A commit of 250 ms of 48 kHz, stereo, 24 bit: what a take of the usual format writes.
inline constexpr std::uint32_t kProbeCommitMs = 250;
inline constexpr std::uint64_t kProbeCommitBytes = 72'000;
// The file wraps here.
inline constexpr std::uint64_t kProbeFileBytes = 32 << 20;

struct ProbeClock {
    std::function<std::int64_t()> nowNs;  // monotonic
    std::function<void(std::int64_t untilNs)> sleepUntil;
};
ProbeClock systemProbeClock();

struct ProbeOptions {
    std::uint32_t seconds = 20;
    ProbeClock clock = systemProbeClock();
    std::function<bool()> cancelled = [] { return false; };
};

struct CommitProbe {
    Latency commit;      // all four steps
    Latency audioSync;   // the sync behind the audio, alone
    Latency headerSync;  // the sync behind the header block, alone
    Latency write;       // the same audio, written and not synced
    bool refusesTakenName = false;
};

// Errors: Stage::disk, with the system's code; Stage::recovery and ECANCELED when cancelled.
// [control thread] [blocks]
Result<CommitProbe> probeCommits(DiskFolder& folder, const ProbeOptions& options);

}  // namespace holdfast
