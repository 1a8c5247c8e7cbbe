#include "iocore/selftest/self_test.h"

#include <algorithm>

#include "iocore/base/path_text.h"
#include "iocore/ring/ring_format.h"
#include "iocore/ring/ring_memory.h"

namespace holdfast {
namespace {

// A sync that has something to write waits for one answer of the disk at least; the fastest need
// some 10 us for it.
constexpr std::int64_t kFastestSyncNs = 5'000;
constexpr std::uint64_t kRingFrames = 30 * 48'000;
constexpr std::uint32_t kRingFrameBytes = 6;

// As a recording of the usual format makes its ring, and away with it.
Result<RingPlace> tryRing() {
    auto memory = RingMemory::create(RingMemory::places(), TakeId::random(),
                                     ringImageBytes(kRingFrameBytes, kRingFrames));
    if (!memory) return fail(memory.error());
    const RingPlace place{memory->persistent(), folderOfPath(memory->path()), memory->whyNot()};
    if (auto removed = memory->removeFile(); !removed) return fail(removed.error());
    return place;
}

bool syncsAreTooFast(const CommitProbe& probe) {
    return std::min(probe.audioSync.p50, probe.headerSync.p50) < kFastestSyncNs;
}

std::vector<Problem> problemsOf(const SelfTestReport& report) {
    std::vector<Problem> problems;
    if (report.fileSystem.kind == StorageKind::memory) {
        problems.push_back(Problem::memoryFolder);
    } else if (syncsAreTooFast(report.probe)) {
        problems.push_back(Problem::syncsTooFast);
    }
    if (!report.ring.persistent) problems.push_back(Problem::ringNotKillProof);
    if (!report.probe.refusesTakenName) problems.push_back(Problem::takenNameIsLost);
    return problems;
}

constexpr std::int64_t kIntervalNs = kProbeCommitMs * 1'000'000LL;

}  // namespace

std::string_view problemName(Problem problem) {
    switch (problem) {
        case Problem::memoryFolder:
            return "folder_in_memory";
        case Problem::syncsTooFast:
            return "syncs_seem_not_to_reach_the_disk";
        case Problem::ringNotKillProof:
            return "ring_not_kill_proof";
        case Problem::takenNameIsLost:
            return "taken_name_is_replaced";
    }
    return "unknown";
}

std::int64_t SelfTestReport::usualLossNs() const {
    return kIntervalNs + probe.commit.p99;
}

std::int64_t SelfTestReport::worstLossNs() const {
    return kIntervalNs + probe.commit.worst;
}

bool SelfTestReport::syncsAreOthers() const {
    return fileSystem.kind != StorageKind::disk && fileSystem.kind != StorageKind::memory;
}

Result<SelfTestReport> runSelfTest(DiskFolder& folder, const SelfTestOptions& options) {
    SelfTestReport report;
    report.path = folder.path();
    auto facts = options.fileSystem(report.path);
    if (!facts) return fail(facts.error());
    report.fileSystem = std::move(*facts);
    const auto free = folder.freeBytes();
    if (!free) return fail(free.error());
    report.freeBytes = *free;
    auto ring = options.ring ? options.ring() : tryRing();
    if (!ring) return fail(ring.error());
    report.ring = std::move(*ring);
    auto probe = probeCommits(folder, options.probe);
    if (!probe) return fail(probe.error());
    report.probe = std::move(*probe);
    report.problems = problemsOf(report);
    return report;
}

}  // namespace holdfast
