// runSelfTest: whether the promises of a recording hold in this folder, measured on it.
//
// The guarantee rests on what the disk below really does (FORMAT.md, "Assumptions about the
// medium"); nobody's laboratory can say that for the user's own disk. What only a power cut can
// show is not claimed: syncs "seem" to reach the disk, or seem not to.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"
#include "iocore/selftest/commit_probe.h"
#include "iocore/selftest/file_system.h"

namespace holdfast {

// A promise that cannot be held here.
enum class Problem {
    memoryFolder,      // the folder lies in memory
    syncsTooFast,      // no disk is as fast as the syncs were
    ringNotKillProof,  // audio not yet on the disk dies with the process
    takenNameIsLost,   // a rename replaces what it must not
};
std::string_view problemName(Problem problem);  // stable, for JSON

struct RingPlace {
    bool persistent = false;
    std::string path;    // folder of the ring
    std::string whyNot;  // not persistent: in words
};

struct SelfTestReport {
    std::string path;
    std::uint64_t freeBytes = 0;
    FileSystemFacts fileSystem;
    CommitProbe probe;
    RingPlace ring;
    std::vector<Problem> problems;  // empty: the promises hold, as far as can be seen

    // Audio that a power cut costs: commit interval and the commit in flight, nanoseconds.
    [[nodiscard]] std::int64_t usualLossNs() const;  // 99 of 100 commits
    [[nodiscard]] std::int64_t worstLossNs() const;  // the slowest one seen
    // Nobody can tell from here: another machine or program answers for the syncs.
    [[nodiscard]] bool syncsAreOthers() const;
};

struct SelfTestOptions {
    ProbeOptions probe;
    // Default: the system's.
    std::function<Result<FileSystemFacts>(const std::string& folder)> fileSystem = fileSystemFacts;
    std::function<Result<RingPlace>()> ring;
};

// Errors: as probeCommits(), fileSystemFacts(). Leaves nothing behind. [control thread] [blocks]
Result<SelfTestReport> runSelfTest(DiskFolder& folder, const SelfTestOptions& options = {});

}  // namespace holdfast
