// Target "recovery": a valid take, damaged as the input says (damaged_take.h), then looked at,
// copied, repaired in place and put back.
//
// Whatever the damage: looking changes nothing; a copy leaves its input alone and holds what the
// report says; no result has less audio than a plain reader saw; a second run changes nothing;
// --undo puts back every byte.
#include <fmt/format.h>

#include <algorithm>

#include "iocore/recovery/plan_reader.h"
#include "tests/fuzz/damaged_take.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

bool sameFiles(const FileMap& one, const FileMap& other) {
    return std::ranges::equal(one, other, [](const auto& a, const auto& b) {
        return a.first == b.first && *a.second == *b.second;
    });
}

class Judge {
  public:
    explicit Judge(const DamagedTake& take)
        : take_(take), wav_(*take.files.at(take.wavName)), seen_(wavcheck::checkWav(wav_)) {}

    std::string defect() {
        for (auto step : {&Judge::look, &Judge::copy, &Judge::inPlace}) {
            if (auto found = (this->*step)(); !found.empty()) return found;
        }
        return "";
    }

  private:
    std::string look();
    std::string copy();
    std::string inPlace();
    std::string defectOfRemoval(const FaultDisk& disk, const RepairResult& result) const;
    std::string takeBack(FaultDisk& disk, bool& ringGone, const std::string& name);
    std::string defectOfResult(const FaultDisk& disk, const RepairResult& result) const;

    const DamagedTake& take_;
    const Bytes wav_;
    const wavcheck::Verdict seen_;  // by a plain reader, before
    RecoveryReport report_;         // of the look
    bool looked_ = false;
    Bytes audio_;  // of its plan
};

std::string Judge::look() {
    FaultDisk disk = take_.disk();
    bool ringGone = false;
    const RepairOptions options = take_.options(ringGone);
    auto scanned = scanWithSources(disk, take_.wavName, options.scan);
    looked_ = scanned.has_value();
    if (looked_) {
        report_ = scanned->report;
        const bool readable = report_.verdict != Verdict::unusable &&
                              report_.recoverableFrames < (1 << 20) && !report_.plan.empty();
        const auto read =
            readable ? readPlan(*scanned, 0,
                                [&](std::uint64_t, std::span<const std::byte> bytes) {
                                    audio_.insert(audio_.end(), bytes.begin(), bytes.end());
                                    return Result<>{};
                                })
                     : Result<>{};
        if (!read) return "the plan cannot be read: " + read.error().message();
        if (report_.verifiedFrames + report_.readableFrames != report_.recoverableFrames) {
            return "verified and readable frames are not the recoverable ones";
        }
        const auto again = RecoveryScan(disk, options.scan).check(take_.wavName);
        if (!again || again->plan != report_.plan || again->verdict != report_.verdict) {
            return "a second look says something else";
        }
    }
    return disk.logSize() == 0 ? "" : "looking has changed something";
}

std::string Judge::defectOfResult(const FaultDisk& disk, const RepairResult& result) const {
    const Bytes file = fileOf(disk, result.resultName);
    const wavcheck::Verdict now = wavcheck::checkWav(file);
    if (report_.ours && !now.ok) return "the result is no sound WAV: " + now.defect;
    if (report_.ours && std::ranges::count(now.chunks, "bext", &wavcheck::Chunk::id) > 1) {
        return "the result has its bext chunk twice";
    }
    if (result.report.recoverableFrames != report_.recoverableFrames) {
        return fmt::format("the check promised {} frames, the repair has {}",
                           report_.recoverableFrames, result.report.recoverableFrames);
    }
    if (now.ok && now.frames != report_.recoverableFrames) {
        return fmt::format("the result has {} frames instead of {}", now.frames,
                           report_.recoverableFrames);
    }
    if (seen_.ok && now.ok && now.dataBytes < seen_.dataBytes) {
        return fmt::format("a plain reader saw {} bytes, the result has {}", seen_.dataBytes,
                           now.dataBytes);
    }
    if (now.ok &&
        !std::ranges::equal(audio_, std::span(file).subspan(now.dataOffset).first(now.dataBytes))) {
        return "the result's audio is not the plan's";
    }
    return "";
}

// What is removed holds no frame, whoever looks for one.
std::string Judge::defectOfRemoval(const FaultDisk& disk, const RepairResult& result) const {
    if (!looked_ || !report_.empty) return "removed, but the check did not call it empty";
    if (report_.recoverableFrames != 0 || !audio_.empty()) return "a take with frames was removed";
    if (wav_.size() > kHeaderBlockBytes) return "bytes behind a header block were removed";
    if (seen_.ok && seen_.dataBytes != 0) return "what a plain reader saw was removed";
    if (!result.report.empty) return "removed, and not called empty";
    return disk.files().contains(take_.wavName) ? "called removed, and is there" : "";
}

std::string Judge::copy() {
    FaultDisk disk = take_.disk();
    bool ringGone = false;
    const RepairOptions options = take_.options(ringGone);
    const auto result = repairCopy(disk, take_.wavName, options);
    if (result && result->outcome == RepairOutcome::removed) return defectOfRemoval(disk, *result);
    if (fileOf(disk, take_.wavName) != wav_) return "a copy has changed its input";
    if (!result) return disk.exists("take.recovered.wav") ? "an error left its copy" : "";
    if (result->outcome != RepairOutcome::recovered) return "";
    if (auto defect = defectOfResult(disk, *result); !defect.empty()) return "copy: " + defect;
    const FileMap after = disk.files();
    const auto again = repairCopy(disk, take_.wavName, options);
    if (!again) return "a second copy fails: " + again.error().message();
    if (again->outcome == RepairOutcome::recovered) return "a second run made another copy";
    return sameFiles(disk.files(), after) ? "" : "a second run of the copy has changed something";
}

std::string Judge::inPlace() {
    FaultDisk disk = take_.disk();
    bool ringGone = false;
    const RepairOptions options = take_.options(ringGone);
    const auto result = repairInPlace(disk, take_.wavName, options);
    if (result && result->outcome == RepairOutcome::removed) return defectOfRemoval(disk, *result);
    if (!result || result->outcome != RepairOutcome::recovered) {
        // A log in force covers what an earlier run began; the input may have forged it.
        if (report_.undoInForce || fileOf(disk, take_.wavName) == wav_) return "";
        return fmt::format("in place: refused ({}), but the file has changed",
                           result ? result->report.reason : result.error().message());
    }
    const bool wasOpen = report_.undoInForce;
    if (auto defect = defectOfResult(disk, *result); !defect.empty()) return "in place: " + defect;
    const FileMap after = disk.files();
    const auto again = repairInPlace(disk, result->resultName, options);
    if (!again) return "a second repair in place fails: " + again.error().message();
    if (!sameFiles(disk.files(), after)) return "a second repair in place has changed something";
    // What a repair that was killed before has overwritten goes back further than this input.
    return wasOpen ? "" : takeBack(disk, ringGone, result->resultName);
}

std::string Judge::takeBack(FaultDisk& disk, bool& ringGone, const std::string& name) {
    const auto undone = undoInPlace(disk, name);
    if (!undone) return "undo fails: " + undone.error().message();
    if (!undone->undone) return "undo finds nothing to take back";
    if (fileOf(disk, undone->wavName) != wav_) return "undo does not put back every byte";
    const auto once = repairInPlace(disk, undone->wavName, take_.options(ringGone));
    if (!once) return "no repair after an undo: " + once.error().message();
    if (once->outcome != RepairOutcome::recovered) {
        return fmt::format("nothing to repair after an undo: it was {} ({}), now it is {} ({})",
                           verdictName(report_.verdict), report_.reason,
                           verdictName(once->report.verdict), once->report.reason);
    }
    if (once->report.recoverableFrames < report_.recoverableFrames) {
        return fmt::format("after an undo {} of {} frames", once->report.recoverableFrames,
                           report_.recoverableFrames);
    }
    return "";
}

std::string defectOfRecovery(std::span<const std::byte> input) {
    const DamagedTake take = damagedTake(input);
    return Judge(take).defect();
}

std::vector<FuzzSeed> recoverySeeds() {
    std::vector<FuzzSeed> seeds;
    const auto add = [&](const std::string& name, std::initializer_list<int> bytes) {
        FuzzSeed seed{name, {}};
        for (const int byte : bytes) seed.bytes.push_back(static_cast<std::byte>(byte));
        seeds.push_back(std::move(seed));
    };
    for (int kind = 0; kind < static_cast<int>(TakeKind::count); ++kind) {
        add(fmt::format("kind_{}", kind), {kind, 0, 0});
        add(fmt::format("kind_{}_flips", kind), {kind, 0, 7, 3, 88, 2, 1, 4, 140, 0, 1});
        add(fmt::format("kind_{}_cut", kind), {kind, 0, 0, 6, 0, 4, 0});
    }
    for (int operations = 0; operations < 32; operations += 3) {
        add(fmt::format("killed_after_{}", operations),
            {static_cast<int>(TakeKind::killedInPlace), operations, 0});
    }
    add("header_size_overwritten", {0, 0, 1, 0, 252, 1, 4, 1, 2, 0, 0});
    add("journal_zeros", {2, 0, 2, 10, 128, 0, 4});
    return seeds;
}

}  // namespace

FuzzTarget recoveryTarget() {
    return {"recovery", defectOfRecovery, nullptr, recoverySeeds};
}

}  // namespace holdfast
