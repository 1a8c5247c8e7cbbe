// Repair in place: undo log, announcement, audio, trailing chunks, one header write, proof, end of
// the log.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "iocore/base/little_endian.h"
#include "iocore/recovery/empty_take.h"
#include "iocore/recovery/foreign_sizes.h"
#include "iocore/recovery/mended_view.h"
#include "iocore/recovery/repair_steps.h"
#include "iocore/recovery/result_file.h"
#include "iocore/recovery/undo_log.h"
#include "iocore/recovery/wav_scan.h"

namespace holdfast {
namespace {

tl::unexpected<Error> needsCopy(std::string why) {
    return fail(Stage::recovery, fmt::format("it cannot be repaired in place: {}; repair it as a "
                                             "copy",
                                             why));
}

// Up to here the file itself is what shows through the log of an earlier run. What lies behind may
// be that run's, and is written even where this run's plan leaves it in its place: the log may be
// damaged since, and then the two plans differ.
std::uint64_t bytesUnderLog(const UndoState& undo) {
    if (undo.head.size() > kHeaderBlockBytes) return 0;
    std::uint64_t bytes = undo.rewrittenFrom;
    for (const StoredBytes& tail : undo.tails) bytes = std::min(bytes, tail.target);
    return bytes;
}

// By our own reading and by libsndfile's.
Result<> proveForeign(DiskFile& file, const WavScan& before) {
    const auto after = scanWav(file);
    if (!after) return fail(after.error());
    if (after->state != WavState::sound || after->dataBytes != before.dataBytes) {
        return fail(Stage::recovery, fmt::format("it reads back as {}", after->reason));
    }
    // libsndfile 1.2 knows RF64, not its twin.
    if (before.container == WavContainer::bw64) return {};
    const auto frames = countFramesBySndfile(file);
    if (!frames) return fail(frames.error());
    const std::uint64_t expected = before.dataBytes / before.format->bytesPerFrame();
    if (*frames == expected) return {};
    return fail(Stage::recovery,
                fmt::format("libsndfile finds {} frames instead of {}", *frames, expected));
}

class InPlaceRepair {
  public:
    InPlaceRepair(DiskFolder& folder, const RepairOptions& options)
        : folder_(folder), options_(options) {}

    Result<RepairResult> run(std::string name);

  private:
    Result<bool> lock(const RecoveryReport& report);
    Result<RepairResult> conclude(RepairOutcome outcome);
    void tellOfBetterCopy();
    Result<> finishEarlierRun();
    Result<> repairOurs();
    Result<> repairForeign();
    Result<UndoScope> scopeOfOurs() const;
    Result<> rewrite(ResultFile& result, const UndoScope& scope, RepairProgress& progress);
    Result<> keepTime();
    Result<> giveFinalName();

    DiskFolder& folder_;
    const RepairOptions& options_;
    ScannedTake take_;
    std::unique_ptr<DiskFile> wav_;      // for writing, locked
    std::unique_ptr<DiskFile> journal_;  // the same
    RepairResult result_;
};

Result<RepairResult> InPlaceRepair::run(std::string name) {
    // An earlier run may have given it its final name before it was killed.
    if (!folder_.exists(name) && folder_.exists(finalNameOf(name))) name = finalNameOf(name);
    // Audio that stays where it is is neither read nor written: see FORMAT.md.
    ScanOptions quick = options_.scan;
    quick.verifyAll = false;
    auto looked = scanWithSources(folder_, name, quick);
    if (!looked) return fail(looked.error());
    take_ = std::move(*looked);
    if (take_.report.empty) return removeEmpty(folder_, options_, std::move(take_));
    if (const auto outcome = outcomeWithoutWork(take_.report);
        outcome == RepairOutcome::leftAlone) {
        return conclude(*outcome);
    }
    if (take_.evidence.wav == nullptr) return needsCopy("its audio file is gone");
    const auto locked = lock(take_.report);
    if (!locked) return fail(locked.error());
    if (!*locked) {
        take_.report.verdict = Verdict::live;
        take_.report.reason = "another program holds its lock";
        return conclude(RepairOutcome::leftAlone);
    }
    // Again, now that nobody else can change it. What was known of it goes first: one journal of
    // many hours in memory is enough.
    take_ = {};
    quick.locksAreOurs = true;
    auto scanned = scanWithSources(folder_, name, quick);
    if (!scanned) return fail(scanned.error());
    take_ = std::move(*scanned);
    if (const auto outcome = outcomeWithoutWork(take_.report)) {
        if (auto finished = finishEarlierRun(); !finished) return fail(finished.error());
        return conclude(*outcome);
    }
    auto repaired = take_.report.ours ? repairOurs() : repairForeign();
    if (!repaired) return fail(repaired.error());
    return conclude(RepairOutcome::recovered);
}

Result<bool> InPlaceRepair::lock(const RecoveryReport& report) {
    const auto take = [&](const std::string& name, std::unique_ptr<DiskFile>& to) -> Result<bool> {
        auto file = folder_.open(name, Access::readWrite);
        // Where sharing is by handle, a living writer lets nobody else open it for writing.
        if (!file && file.error().code == EBUSY) return false;
        if (!file) return fail(file.error());
        to = std::move(*file);
        return to->tryLock();
    };
    auto locked = take(report.wavName, wav_);
    if (!locked || !*locked || report.journalName.empty()) return locked;
    return take(report.journalName, journal_);
}

Result<RepairResult> InPlaceRepair::conclude(RepairOutcome outcome) {
    result_.outcome = outcome;
    result_.resultName = take_.report.wavName;
    result_.damageLeft = take_.report.damageLeft;
    tellOfBetterCopy();
    if (outcome == RepairOutcome::nothingToDo) {
        journal_.reset();
        removeWitnesses(folder_, take_, options_, result_);
    }
    result_.report = std::move(take_.report);
    return std::move(result_);
}

// Made before the ring went: what it has more of can be had from it alone.
void InPlaceRepair::tellOfBetterCopy() {
    const RecoveryReport& report = take_.report;
    if (!report.alreadyRecovered || report.recoveredName == report.wavName) return;
    if (report.recoveredFrames <= report.recoverableFrames) return;
    result_.notes.push_back(fmt::format("{}, an earlier recovery, holds {} frames more: keep it",
                                        report.recoveredName,
                                        report.recoveredFrames - report.recoverableFrames));
}

// Killed between the log's last record and its new name.
Result<> InPlaceRepair::finishEarlierRun() {
    const auto& journal = take_.evidence.journal;
    if (!journal || !journal->undo || !journal->resolved) return {};
    const std::string undoName = undoNameOf(take_.report.finalName);
    if (journal->name == undoName) return folder_.sync();
    removeRing(take_, options_, result_);
    if (auto renamed = folder_.rename(journal->name, undoName, Existing::refuse); !renamed) {
        return renamed;
    }
    return folder_.sync();
}

// What stays where it is needs no writing: the file's own audio up to the first other piece.
Result<UndoScope> InPlaceRepair::scopeOfOurs() const {
    const std::uint64_t frameBytes = take_.report.format.bytesPerFrame();
    std::uint64_t frame = 0;
    for (const AudioPiece& piece : take_.report.plan) {
        const bool isWav = piece.source == AudioPiece::Source::wav;
        if (isWav && piece.offset != kHeaderBlockBytes + frame * frameBytes) {
            return needsCopy("its audio has to be moved");
        }
        frame += piece.frames;
    }
    UndoScope scope;
    scope.headBytes = kHeaderBlockBytes;
    scope.firstFrame = framesInPlace(take_.report);
    if (take_.evidence.original) {
        const std::uint64_t same = bytesUnderLog(*take_.evidence.journal->undo);
        const std::uint64_t audio = same - std::min<std::uint64_t>(same, kHeaderBlockBytes);
        scope.firstFrame = std::min(scope.firstFrame, audio / frameBytes);
    }
    scope.rewrittenFrom = kHeaderBlockBytes + scope.firstFrame * frameBytes;
    return scope;
}

Result<> InPlaceRepair::repairOurs() {
    const auto scope = scopeOfOurs();
    if (!scope) return fail(scope.error());
    auto result = ResultFile::plan(take_);
    if (!result) return fail(result.error());
    const std::uint64_t rewritten =
        result->fileBytes() - std::min(result->fileBytes(), scope->rewrittenFrom);
    const std::uint64_t old = take_.evidence.fileBytes;
    // The log holds the ring's audio and the old tail; the file may grow.
    const std::uint64_t needed =
        2 * rewritten + (old > scope->rewrittenFrom ? old - scope->rewrittenFrom : 0) + 64 * 1024;
    if (!take_.evidence.original) {
        if (auto enough = requireSpace(folder_, needed); !enough) return enough;
    }
    RepairProgress progress(options_.scan,
                            2 * (take_.report.recoverableFrames - scope->firstFrame) *
                                take_.report.format.bytesPerFrame());

    auto log = UndoLog::open(folder_, take_, std::move(journal_));
    if (!log) return fail(log.error());
    if (auto begun = log->begin(take_, *scope); !begun) return begun;
    if (auto sealed = result->sealLastAudio(); !sealed) return sealed;
    const HeaderImage header = result->header();
    if (auto told = log->announce({result->fileBytes(), {header.begin(), header.end()}}); !told) {
        return told;
    }
    if (auto written = rewrite(*result, *scope, progress); !written) return written;
    if (auto same = result->verify(*wav_, scope->firstFrame, progress); !same) return same;
    if (auto kept = keepTime(); !kept) return kept;
    if (auto named = giveFinalName(); !named) return named;
    // Its audio is in the file and in the log. Before the log's end, so that no kill leaves a ring
    // that nobody knows of.
    removeRing(take_, options_, result_);
    return log->end();
}

Result<> InPlaceRepair::rewrite(ResultFile& result, const UndoScope& scope,
                                RepairProgress& progress) {
    const std::uint64_t frameBytes = take_.report.format.bytesPerFrame();
    auto written = readPlan(
        take_, scope.firstFrame, [&](std::uint64_t frame, std::span<const std::byte> audio) {
            if (auto put = wav_->writeAt(kHeaderBlockBytes + frame * frameBytes, audio); !put) {
                return put;
            }
            return progress.advance(audio.size());
        });
    if (!written) return written;
    if (auto put = result.writeTrailer(*wav_); !put) return put;
    const auto size = wav_->size();
    if (!size) return fail(size.error());
    if (*size != result.fileBytes()) {
        if (auto cut = wav_->resize(result.fileBytes()); !cut) return cut;
    }
    if (auto synced = wav_->sync(); !synced) return synced;
    if (auto put = wav_->writeAt(0, result.header()); !put) return put;
    return wav_->sync();
}

Result<> InPlaceRepair::keepTime() {
    // A time that cannot be kept is no reason to give up a recovery.
    (void)wav_->setModificationTime(take_.evidence.journal->undo->modificationTime);
    return {};
}

Result<> InPlaceRepair::giveFinalName() {
    RecoveryReport& report = take_.report;
    if (report.wavName == report.finalName) return {};
    if (folder_.exists(report.finalName)) {
        result_.notes.push_back(
            fmt::format("{} keeps its name: {} is taken", report.wavName, report.finalName));
        return {};
    }
    if (auto renamed = folder_.rename(report.wavName, report.finalName, Existing::refuse);
        !renamed) {
        return renamed;
    }
    report.wavName = report.finalName;
    return folder_.sync();
}

Result<> InPlaceRepair::repairForeign() {
    auto wav = scanWav(take_.evidence.audio(), options_.scan.assumed);
    if (!wav) return fail(wav.error());
    if (auto problem = inPlaceProblem(*wav); !problem.empty()) return needsCopy(problem);
    const std::uint64_t old = wav->fileBytes;
    const std::uint64_t end = trueEnd(*wav);
    std::vector<std::byte> head(static_cast<std::size_t>(wav->dataOffset));
    if (auto got = take_.evidence.audio().readAt(0, head); !got) return fail(got.error());
    auto mended = headWithSizes(*wav, std::move(head));
    if (!mended) return needsCopy(mended.error().text);

    // What is no whole frame goes; where other chunks stand behind the audio nothing is cut.
    const std::uint64_t length = wav->chunksBehind ? std::max(end, old) : end;
    MendedView view(take_.evidence.audio(), *mended, length);
    if (auto proven = proveForeign(view, *wav); !proven) return needsCopy(proven.error().text);

    auto log = UndoLog::open(folder_, take_, std::move(journal_));
    if (!log) return fail(log.error());
    const UndoScope scope{wav->dataOffset, std::min(length, old), take_.report.recoverableFrames};
    if (auto begun = log->begin(take_, scope); !begun) return begun;
    if (auto told = log->announce({length, *mended}); !told) return told;
    if (length != old) {
        if (auto resized = wav_->resize(length); !resized) return resized;
        if (auto synced = wav_->sync(); !synced) return synced;
    }
    if (auto put = wav_->writeAt(0, *mended); !put) return put;
    if (auto synced = wav_->sync(); !synced) return synced;
    if (auto proven = proveForeign(*wav_, *wav); !proven) return proven;
    if (auto kept = keepTime(); !kept) return kept;
    return log->end();
}

}  // namespace

Result<RepairResult> repairInPlace(DiskFolder& folder, const std::string& name,
                                   const RepairOptions& options) {
    return InPlaceRepair(folder, options).run(name);
}

}  // namespace holdfast
