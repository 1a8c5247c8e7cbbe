// Repair by copy: a new file under a temporary name, proven, then renamed; the input is only read.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "iocore/recovery/empty_take.h"
#include "iocore/recovery/repair_steps.h"
#include "iocore/recovery/result_file.h"

namespace holdfast {
namespace {

// A name that nobody else gives: a recorder's part file or a user's file never stands there.
std::string temporaryNameOf(const std::string& output) {
    std::string stem = output.ends_with(".wav") ? output.substr(0, output.size() - 4) : output;
    if (!stem.ends_with(".recovered")) stem += ".recovered";
    return stem + ".part.wav";
}

class CopyRepair {
  public:
    CopyRepair(DiskFolder& folder, const RepairOptions& options, ScannedTake take)
        : folder_(folder),
          out_(options.outputFolder != nullptr ? *options.outputFolder : folder),
          options_(options),
          take_(std::move(take)),
          outputName_(options.outputName.empty() ? take_.report.outputName : options.outputName),
          temporary_(temporaryNameOf(outputName_)) {}

    Result<RepairResult> run();

  private:
    Result<RepairResult> conclude(RepairOutcome outcome, const std::string& name, bool damageLeft);
    Result<std::optional<EarlierResult>> earlier();
    bool earlierHoldsEverything();
    Result<> write();
    Result<> makeTemporary();
    Result<> inputIsUnchanged();
    Result<> removeOldTemporary();
    Result<bool> shareAudio(const ResultFile& result);
    Result<> writeAudio(std::uint64_t fromFrame, RepairProgress& progress);

    DiskFolder& folder_;
    DiskFolder& out_;
    const RepairOptions& options_;
    ScannedTake take_;
    std::string outputName_;
    std::string temporary_;
    std::unique_ptr<DiskFile> file_;
    bool keepWitnesses_ = false;
};

Result<RepairResult> CopyRepair::conclude(RepairOutcome outcome, const std::string& name,
                                          bool damageLeft) {
    RepairResult result;
    result.outcome = outcome;
    result.resultName = name;
    result.damageLeft = damageLeft;
    file_.reset();
    if (keepWitnesses_ && (take_.evidence.journal || take_.evidence.ring)) {
        result.notes.push_back(fmt::format(
            "{} does not hold all that can be recovered now: the journal is kept; rename {} and "
            "repair again",
            name, name));
    } else if (outcome != RepairOutcome::leftAlone && !damageLeft) {
        removeWitnesses(folder_, take_, options_, result);
    }
    result.report = std::move(take_.report);
    return result;
}

Result<RepairResult> CopyRepair::run() {
    const RecoveryReport& report = take_.report;
    if (const auto outcome = outcomeWithoutWork(report)) {
        return conclude(*outcome, report.wavName, report.damageLeft);
    }
    const auto locked = lockInput(take_);
    if (!locked) return fail(locked.error());
    if (!*locked) {
        take_.report.verdict = Verdict::live;
        take_.report.reason = "another program holds its lock";
        return conclude(RepairOutcome::leftAlone, "", false);
    }
    const auto before = earlier();
    if (!before) return fail(before.error());
    if (*before) {
        // Its name may not have been durable when the run that made it was killed.
        if (auto synced = out_.sync(); !synced) return fail(synced.error());
        // Journal and ring go only when the file that is there has all that they have.
        keepWitnesses_ = !earlierHoldsEverything();
        return conclude(RepairOutcome::alreadyRecovered, outputName_, (*before)->damageLeft);
    }
    if (auto removed = removeOldTemporary(); !removed) return fail(removed.error());
    if (auto written = write(); !written) {
        if (std::exchange(file_, nullptr) && out_.exists(temporary_)) (void)out_.remove(temporary_);
        return fail(written.error());
    }
    return conclude(RepairOutcome::recovered, outputName_, report.damageLeft);
}

bool CopyRepair::earlierHoldsEverything() {
    const auto result = ResultFile::plan(take_);
    auto file = out_.open(outputName_, Access::read);
    if (!result || !file) return false;
    RepairProgress progress(options_.scan, result->dataBytes());
    return result->verifyContents(**file, 0, progress).has_value();
}

Result<std::optional<EarlierResult>> CopyRepair::earlier() {
    if (!out_.exists(outputName_)) return std::nullopt;
    const auto found = earlierResult(out_, outputName_, take_.report.takeId);
    const bool enough = found && found->frames >= take_.report.verifiedFrames;
    if (!enough && options_.replaceOutput && !out_.exists(journalNameOf(outputName_))) {
        return std::nullopt;
    }
    if (!found) {
        return fail(Stage::recovery, EEXIST,
                    fmt::format("{} is there already and is no recovery of this take: it is not "
                                "touched",
                                outputName_));
    }
    if (!enough) {
        return fail(Stage::recovery, EEXIST,
                    fmt::format("{} is an earlier recovery with only {} of {} frames: rename it, "
                                "or give another name",
                                outputName_, found->frames, take_.report.verifiedFrames));
    }
    return found;
}

// Left by a run that was killed: known by the take id in its header block, or too young to have
// one. Anything else is not ours to remove.
Result<> CopyRepair::removeOldTemporary() {
    if (!out_.exists(temporary_)) return {};
    auto old = out_.open(temporary_, Access::readWrite);
    // Where sharing is by handle, a living writer lets nobody else open it for writing.
    const bool inUse = !old && old.error().code == EBUSY;
    if (!old && !inUse) return fail(old.error());
    const auto locked = inUse ? Result<bool>(false) : (*old)->tryLock();
    if (!locked) return fail(locked.error());
    if (!*locked) {
        return fail(Stage::recovery, EBUSY,
                    fmt::format("another repair is writing {}", temporary_));
    }
    HeaderImage image{};
    const auto got = (*old)->readAt(0, image);
    if (!got) return fail(got.error());
    const auto size = (*old)->size();
    if (!size) return fail(size.error());
    const bool ours = bearsTakeId(image, take_.report.takeId) || *size <= kHeaderBlockBytes;
    if (!ours && !options_.replaceOutput) {
        return fail(Stage::recovery, EEXIST,
                    fmt::format("{} is there already and is not of this take: it is not touched",
                                temporary_));
    }
    old->reset();
    return out_.remove(temporary_);
}

Result<> CopyRepair::makeTemporary() {
    auto file = out_.create(temporary_, false);
    if (!file) return fail(file.error());
    file_ = std::move(*file);
    const auto locked = file_->tryLock();
    if (!locked) return fail(locked.error());
    return {};
}

// Another program's recorder takes no lock: a file that it still writes to shows by its length.
Result<> CopyRepair::inputIsUnchanged() {
    if (!take_.evidence.wav) return {};
    const auto size = take_.evidence.audio().size();
    if (!size) return fail(size.error());
    if (*size == take_.evidence.fileBytes) return {};
    return fail(Stage::recovery,
                fmt::format("{} was changed while it was read; is it being recorded?",
                            take_.report.wavName));
}

// Audio that keeps its place in the file needs no room of its own where the file system can give
// two files the same blocks. The first of them hold the header, which differs, and are written.
Result<bool> CopyRepair::shareAudio(const ResultFile& result) {
    const std::uint64_t kept =
        kHeaderBlockBytes + framesInPlace(take_.report) * take_.report.format.bytesPerFrame();
    if (take_.evidence.wav == nullptr || kept <= kShareAlign) return false;
    DiskFile& from = take_.evidence.audio();
    const auto shared = file_->shareFrom(from, kShareAlign);
    if (!shared || !*shared) return shared;
    auto copied = copyBytes(from, kHeaderBlockBytes, kShareAlign - kHeaderBlockBytes,
                            [&](std::uint64_t done, std::span<const std::byte> bytes) {
                                return file_->writeAt(kHeaderBlockBytes + done, bytes);
                            });
    if (!copied) return fail(copied.error());
    // What the input has behind its audio came along.
    if (auto cut = file_->resize(std::min(kept, result.fileBytes())); !cut) {
        return fail(cut.error());
    }
    return true;
}

Result<> CopyRepair::writeAudio(std::uint64_t fromFrame, RepairProgress& progress) {
    const std::uint64_t frameBytes = take_.report.format.bytesPerFrame();
    return readPlan(take_, fromFrame, [&](std::uint64_t frame, std::span<const std::byte> audio) {
        if (auto put = file_->writeAt(kHeaderBlockBytes + frame * frameBytes, audio); !put) {
            return put;
        }
        return progress.advance(audio.size());
    });
}

Result<> CopyRepair::write() {
    auto result = ResultFile::plan(take_);
    if (!result) return fail(result.error());
    const auto enough = requireSpace(out_, result->fileBytes());
    // Shared audio needs none; whether it can be shared is known when it was tried.
    if (!enough && framesInPlace(take_.report) == 0) return enough;

    if (auto made = makeTemporary(); !made) return made;
    // First of all what the file is known by, so that a killed run's file can be told.
    if (auto put = file_->writeAt(0, result->emptyHeader()); !put) return put;
    if (auto synced = file_->sync(); !synced) return synced;
    const auto shared = shareAudio(*result);
    if (!shared) return fail(shared.error());
    if (!*shared && !enough) return enough;
    const std::uint64_t fromFrame = *shared ? framesInPlace(take_.report) : 0;
    const std::uint64_t written =
        result->dataBytes() - fromFrame * take_.report.format.bytesPerFrame();
    RepairProgress progress(options_.scan, written + result->dataBytes());
    if (auto put = writeAudio(fromFrame, progress); !put) return put;
    if (auto put = result->writeTrailer(*file_); !put) return put;
    if (auto sealed = result->sealLastAudio(); !sealed) return sealed;
    // Under its temporary name nobody reads it, so header and audio share one barrier.
    if (auto put = file_->writeAt(0, result->header()); !put) return put;
    if (auto synced = file_->sync(); !synced) return synced;
    if (auto same = result->verify(*file_, 0, progress); !same) return same;
    if (take_.evidence.wav) {
        // A time that cannot be kept is no reason to give up a recovery.
        if (const auto time = take_.evidence.audio().modificationTime()) {
            (void)file_->setModificationTime(*time);
        }
    }
    if (auto same = inputIsUnchanged(); !same) return same;
    const auto existing = options_.replaceOutput ? Existing::replace : Existing::refuse;
    if (auto renamed = out_.rename(temporary_, outputName_, existing); !renamed) return renamed;
    return out_.sync();
}

}  // namespace

Result<RepairResult> repairCopy(DiskFolder& folder, const std::string& name,
                                const RepairOptions& options) {
    auto take = scanWithSources(folder, name, options.scan);
    if (!take) return fail(take.error());
    if (take->report.empty) return removeEmpty(folder, options, std::move(*take));
    return CopyRepair(folder, options, std::move(*take)).run();
}

Result<RecoveryReport> extractAudio(DiskFolder& folder, const std::string& name,
                                    const ScanOptions& options, const AudioVisitor& visit) {
    auto take = scanWithSources(folder, name, options);
    if (!take) return fail(take.error());
    if (auto read = readPlan(*take, 0, visit); !read) return fail(read.error());
    return std::move(take->report);
}

}  // namespace holdfast
