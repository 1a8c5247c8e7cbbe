// Taking a repair in place back: the log is opened again, then the head first, so that the file is
// valid at every moment, then tail and length, last the log, cut to what it was.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "iocore/journal/journal.h"
#include "iocore/recovery/recovery_writer.h"
#include "iocore/recovery/take_evidence.h"

namespace holdfast {
namespace {

class Undoing {
  public:
    explicit Undoing(DiskFolder& folder) : folder_(folder) {}

    Result<UndoResult> run(std::string name);

  private:
    Result<> open();
    Result<> reopenLog();
    Result<> restoreFile();
    Result<> closeLog();
    [[nodiscard]] DiskFile& logFile() { return reopened_ ? reopened_->file() : *log_; }

    DiskFolder& folder_;
    TakeEvidence take_;
    std::unique_ptr<DiskFile> wav_;
    std::unique_ptr<DiskFile> log_;      // holds the lock, until it is reopened_'s
    std::unique_ptr<Journal> reopened_;  // to say what is going on
    UndoResult result_;
};

Result<UndoResult> Undoing::run(std::string name) {
    if (!folder_.exists(name) && folder_.exists(finalNameOf(name))) name = finalNameOf(name);
    ScanOptions options;
    options.locksAreOurs = true;  // they are taken below, for writing
    auto evidence = gatherEvidence(folder_, name, options);
    if (!evidence) return fail(evidence.error());
    take_ = std::move(*evidence);
    result_.wavName = take_.wavName;
    std::string& stale = take_.staleUndoLog;
    if (!take_.journal && stale.empty() && folder_.exists(undoNameOf(name))) {
        stale = undoNameOf(name);
    }
    if (!stale.empty()) {
        return fail(Stage::recovery,
                    fmt::format("{} does not fit {}: it was changed since it was repaired", stale,
                                take_.wavName));
    }
    if (!take_.journal) return result_;
    const bool named = take_.journal->name.ends_with(".undo");
    if (!take_.journal->undo && !named) return result_;
    if (take_.wav == nullptr) return fail(Stage::recovery, "the repaired file is gone");
    if (auto opened = open(); !opened) return fail(opened.error());
    if (take_.journal->undo) {
        if (auto reopened = reopenLog(); !reopened) return fail(reopened.error());
        if (auto restored = restoreFile(); !restored) return fail(restored.error());
    }
    if (auto closed = closeLog(); !closed) return fail(closed.error());
    result_.undone = true;
    return result_;
}

Result<> Undoing::open() {
    for (auto [name, file] :
         {std::pair(&take_.wavName, &wav_), std::pair(&take_.journal->name, &log_)}) {
        auto opened = folder_.open(*name, Access::readWrite);
        // Where sharing is by handle, a living writer lets nobody else open it for writing.
        const bool inUse = !opened && opened.error().code == EBUSY;
        if (!opened && !inUse) return fail(opened.error());
        if (opened) *file = std::move(*opened);
        const auto locked = inUse ? Result<bool>(false) : (*file)->tryLock();
        if (!locked) return fail(locked.error());
        if (!*locked) {
            return fail(Stage::recovery, EBUSY,
                        fmt::format("another program holds the lock of {}", *name));
        }
    }
    return {};
}

// A resolved log fits nothing but the repaired file. From the first write on the file is something
// else, and a second run must know it for its own work.
Result<> Undoing::reopenLog() {
    const JournalEvidence& journal = *take_.journal;
    if (!journal.resolved || journal.repaired.empty()) return {};
    auto log = Journal::resume(std::move(log_), journal.reading);
    if (!log) return fail(log.error());
    reopened_ = std::move(*log);
    reopened_->append(RecordType::repaired, journal.repaired.back());
    if (!reopened_->sync()) return fail(*reopened_->error());
    return {};
}

Result<> Undoing::restoreFile() {
    const UndoState& undo = *take_.journal->undo;
    if (auto put = wav_->writeAt(0, undo.head); !put) return put;
    if (auto synced = wav_->sync(); !synced) return synced;
    // What is not saved of the old tail was zeros: cutting and growing makes them.
    if (auto cut = wav_->resize(std::min(undo.rewrittenFrom, undo.fileBytes)); !cut) return cut;
    for (const StoredBytes& tail : undo.tails) {
        std::vector<std::byte> bytes(static_cast<std::size_t>(tail.bytes));
        const auto got = logFile().readAt(tail.offset, bytes);
        if (!got) return fail(got.error());
        if (*got < bytes.size()) return fail(Stage::journal, "an undo record is cut short");
        if (auto put = wav_->writeAt(tail.target, bytes); !put) return put;
    }
    if (auto grown = wav_->resize(undo.fileBytes); !grown) return grown;
    if (auto synced = wav_->sync(); !synced) return synced;
    (void)wav_->setModificationTime(undo.modificationTime);
    return {};
}

// The audio that only the ring had stays in the journal, in front of what is cut off.
Result<> Undoing::closeLog() {
    const JournalEvidence& journal = *take_.journal;
    // Made for the repair alone; a journal whose start record is damaged still has its checksums.
    const bool onlyUndo =
        journal.firstUndoOffset == kJournalHeaderBytes || journal.reading.records == 0;
    if (onlyUndo) {
        if (auto removed = folder_.remove(journal.name); !removed) return removed;
        return folder_.sync();
    }
    if (journal.firstUndoOffset != 0) {
        if (auto cut = logFile().resize(journal.firstUndoOffset); !cut) return cut;
        if (auto synced = logFile().sync(); !synced) return synced;
    }
    result_.journalName = journalNameOf(take_.wavName);
    if (journal.name == result_.journalName) return {};
    if (auto renamed = folder_.rename(journal.name, result_.journalName, Existing::refuse);
        !renamed) {
        return renamed;
    }
    return folder_.sync();
}

}  // namespace

Result<UndoResult> undoInPlace(DiskFolder& folder, const std::string& name) {
    return Undoing(folder).run(name);
}

}  // namespace holdfast
