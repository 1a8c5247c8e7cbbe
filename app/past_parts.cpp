#include "app/past_parts.h"

#include <fmt/format.h>

#include <cmath>

#include "iocore/base/path_text.h"
#include "iocore/recorder/take_files.h"
#include "iocore/recovery/finished_file.h"
#include "iocore/recovery/recovery_writer.h"

namespace holdfast {
namespace {

constexpr double kNsPerSecond = 1e9;
// How far the device's clock and the one on the wall may be apart before the file's time is not
// believed: it may have been copied or touched.
constexpr double kMostOffset = 2;
constexpr double kMostDrift = 0.001;

// The name under which there is something of the part; empty: nothing.
std::string presentName(DiskFolder& folder, const TakeNames& names) {
    for (const std::string* name : {&names.final, &names.part, &names.journal}) {
        if (folder.exists(*name)) return *name;
    }
    return {};
}

std::optional<std::uint64_t> modifiedAt(DiskFolder& folder, const std::string& name) {
    auto file = folder.open(name, Access::read);
    if (!file) return std::nullopt;
    const auto time = (*file)->modificationTime();
    if (!time) return std::nullopt;
    return static_cast<std::uint64_t>(*time);
}

// The part's length by the device's clock, from its start; or from the last write to the file, plus
// what only the ring had by then. The first one drifts, the second may be somebody else's.
std::optional<std::uint64_t> endOf(const RecoveryReport& report,
                                   std::optional<std::uint64_t> modified) {
    if (report.startedAtNs == 0 || report.format.sampleRate == 0) return std::nullopt;
    const double rate = report.format.sampleRate;
    double deviceFrames = static_cast<double>(report.recoverableFrames);
    for (const TakeGap& gap : report.gaps) {
        deviceFrames += static_cast<double>(gap.frames - gap.filledFrames);
    }
    const double length = deviceFrames / rate;
    const auto byLength = report.startedAtNs + static_cast<std::uint64_t>(length * kNsPerSecond);
    if (!modified) return byLength;
    const double behind =
        static_cast<double>(report.recoverableFrames - report.headerFrames) / rate;
    const auto byFile = *modified + static_cast<std::uint64_t>(behind * kNsPerSecond);
    const double apart =
        (static_cast<double>(byFile) - static_cast<double>(byLength)) / kNsPerSecond;
    return std::abs(apart) <= kMostOffset + kMostDrift * length ? byFile : byLength;
}

// What becomes of one part. False: there is none.
class Mender {
  public:
    Mender(const ScanOptions& scan, MendedParts& result) : result_(result) { repair_.scan = scan; }

    Result<bool> mend(DiskFolder& folder, const TakeNames& names) {
        const std::string name = presentName(folder, names);
        if (name.empty()) return false;
        const auto modified = modifiedAt(folder, name);
        const auto repaired = repairInPlace(folder, name, repair_);
        if (!repaired) {
            tell(folder, name, repaired.error().text);
            return count(folder, names, name, std::nullopt);
        }
        const RecoveryReport& report = repaired->report;
        switch (repaired->outcome) {
            case RepairOutcome::removed:
                return false;
            case RepairOutcome::recovered:
                tell(folder, repaired->resultName,
                     fmt::format("recovered, {} frames", report.recoverableFrames));
                return count(folder, names, repaired->resultName, endOf(report, modified));
            case RepairOutcome::alreadyRecovered:
            case RepairOutcome::nothingToDo:
                return count(folder, names, name, modified);
            case RepairOutcome::leftAlone:
                break;
        }
        if (report.verdict == Verdict::live) {
            return fail(Stage::usage,
                        joinPath(folder.path(), name) + " is being recorded by another process");
        }
        tell(folder, name, "left as it is: " + report.reason);
        return count(folder, names, name, std::nullopt);
    }

  private:
    void tell(const DiskFolder& folder, const std::string& name, const std::string& what) {
        result_.told.push_back(joinPath(folder.path(), name) + ": " + what);
    }
    bool count(DiskFolder& folder, const TakeNames& names, const std::string& name,
               std::optional<std::uint64_t> endedNs) {
        ++result_.parts;
        result_.lastPath = joinPath(folder.path(), folder.exists(names.final) ? names.final : name);
        result_.frames += judgeFile(result_.lastPath).frames;
        result_.endedNs = endedNs;
        return true;
    }

    MendedParts& result_;
    RepairOptions repair_;
};

}  // namespace

Result<MendedParts> mendParts(const std::vector<DiskFolder*>& folders, const std::string& wavName,
                              const ScanOptions& scan) {
    MendedParts result;
    Mender mender(scan, result);
    while (true) {
        const TakeNames names = TakeNames::ofPart(wavName, result.parts + 1);
        bool found = false;
        for (auto folder = folders.begin(); folder != folders.end() && !found; ++folder) {
            const auto there = mender.mend(**folder, names);
            if (!there) return fail(there.error());
            found = *there;
        }
        if (!found) return result;
    }
}

}  // namespace holdfast
