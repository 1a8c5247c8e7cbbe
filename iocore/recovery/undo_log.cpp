#include "iocore/recovery/undo_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "iocore/recovery/original_view.h"
#include "iocore/recovery/plan_reader.h"
#include "iocore/recovery/recovery_plan.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kRecordBytes = 4 << 20;
// More than this is not written twice; a copy is the better way then.
constexpr std::uint64_t kMaxSavedBytes = 1ULL << 30;

bool hasRing(const RecoveryReport& report) {
    return std::ranges::any_of(report.plan, [](const AudioPiece& piece) {
        return piece.source == AudioPiece::Source::ring;
    });
}

// A killed repair's unfinished log: known by its header, which is durable before anything follows,
// or too short to have one. Anything else is not ours to remove.
Result<> isLeftByUs(DiskFolder& folder, const std::string& name, const TakeId& takeId) {
    auto file = folder.open(name, Access::read);
    if (!file) return fail(file.error());
    const auto size = (*file)->size();
    if (!size) return fail(size.error());
    std::vector<std::byte> head(kJournalHeaderBytes);
    const auto got = (*file)->readAt(0, head);
    if (!got) return fail(got.error());
    const auto header = decodeJournalHeader(std::span(head).first(*got));
    if (*size <= head.size() || (header && header->takeId == takeId)) return {};
    return fail(Stage::recovery, EEXIST,
                fmt::format("{} is there already and is no undo log of this take: it is not "
                            "touched",
                            name));
}

}  // namespace

Result<UndoLog> UndoLog::open(DiskFolder& folder, const ScannedTake& take,
                              std::unique_ptr<DiskFile> locked) {
    UndoLog log(folder, undoNameOf(take.report.finalName));
    const auto& evidence = take.evidence.journal;
    // A log of an earlier state, still open, might take what this repair makes for its own.
    if (const std::string& stale = take.evidence.staleUndoLog; !stale.empty()) {
        return fail(Stage::recovery, EEXIST,
                    fmt::format("{} is the log of an earlier repair, and the file was changed "
                                "since: repair it as a copy",
                                stale));
    }
    if (folder.exists(log.undoName_) && (!evidence || evidence->name != log.undoName_)) {
        return fail(Stage::recovery, EEXIST,
                    fmt::format("{} is there already, of another repair: it is not touched",
                                log.undoName_));
    }
    JournalReading reading;
    if (evidence) {
        log.name_ = evidence->name;
        reading = evidence->reading;
        // A repair was killed before its log counted. What it saved must not be taken for bytes
        // that this one saves: the file may have been changed between the two.
        if (evidence->firstUndoOffset != 0 && !evidence->undo) {
            reading.endOfRecords = evidence->firstUndoOffset;
            if (auto cut = locked->resize(reading.endOfRecords); !cut) return fail(cut.error());
        }
    } else {
        // Under another name until it is whole: a torn one must never pass for an undo file.
        log.name_ = log.undoName_ + ".part";
        if (folder.exists(log.name_)) {
            if (auto ours = isLeftByUs(folder, log.name_, take.report.takeId); !ours) {
                return fail(ours.error());
            }
            if (auto removed = folder.remove(log.name_); !removed) return fail(removed.error());
        }
        auto file = folder.create(log.name_, true);
        if (!file) return fail(file.error());
        reading.header = {take.report.takeId, take.report.takeId, take.report.salt,
                          currentProcess(), take.report.partIndex};
        const auto head = encodeJournalHeader(reading.header);
        if (auto put = (*file)->writeAt(0, head); !put) return fail(put.error());
        if (auto synced = (*file)->sync(); !synced) return fail(synced.error());
        reading.endOfRecords = head.size();
        locked = std::move(*file);
    }
    auto journal = Journal::resume(std::move(locked), reading);
    if (!journal) return fail(journal.error());
    log.journal_ = std::move(*journal);
    return log;
}

Result<> UndoLog::begin(ScannedTake& take, const UndoScope& scope) {
    if (take.evidence.original) return {};
    if (auto put = appendRing(take, scope); !put) return put;
    if (auto put = appendUndo(take, scope); !put) return put;
    if (auto durable = makeDurable(); !durable) return durable;
    if (name_ != undoName_ && name_.ends_with(".part")) {
        if (auto renamed = folder_.rename(name_, undoName_, Existing::refuse); !renamed) {
            return renamed;
        }
        name_ = undoName_;
        if (auto synced = folder_.sync(); !synced) return synced;
    }
    // From here on the file is seen as it was, whatever is done to it.
    auto file = folder_.open(name_, Access::read);
    if (!file) return fail(file.error());
    if (take.evidence.journal) take.evidence.journal->segments.clear();  // not twice in memory
    auto evidence = readJournalEvidence(std::move(*file), name_);
    if (!evidence) return fail(evidence.error());
    if (!evidence->undo) return fail(Stage::journal, "the undo record does not read back");
    take.evidence.journal = std::move(*evidence);
    take.evidence.original = std::make_unique<OriginalView>(
        *take.evidence.wav, *take.evidence.journal->file, *take.evidence.journal->undo);
    return {};
}

// The ring does not outlive a reboot; the result may be taken back after one.
Result<> UndoLog::appendRing(const ScannedTake& take, const UndoScope& scope) {
    if (!hasRing(take.report)) return {};
    for (const TakeGap& gap : take.report.gaps) {
        journal_->append(
            RecordType::gap,
            GapRecord{
                {gap.ringFrame, gap.frames, gap.cause}, gap.number, gap.frame, gap.filledFrames});
    }
    auto saved = readPlan(take, scope.firstFrame,
                          [&](std::uint64_t frame, std::span<const std::byte> audio) -> Result<> {
                              journal_->append(RecordType::ringTail,
                                               RingTailRecord{frame, {audio.begin(), audio.end()}});
                              if (journal_->error()) return fail(*journal_->error());
                              return {};
                          });
    if (!saved) return saved;
    // Without the ring nothing else says that what the file has behind it is no audio.
    journal_->append(RecordType::dataEnd, DataEndRecord{take.report.recoverableFrames *
                                                        take.report.format.bytesPerFrame()});
    return {};
}

Result<> UndoLog::appendUndo(const ScannedTake& take, const UndoScope& scope) {
    DiskFile& wav = *take.evidence.wav;
    UndoRecord undo;
    undo.fileBytes = take.evidence.fileBytes;
    undo.tailOffset = scope.rewrittenFrom;
    const auto time = wav.modificationTime();
    if (!time) return fail(time.error());
    undo.modificationTime = *time;
    undo.head.resize(static_cast<std::size_t>(scope.headBytes));
    if (auto got = wav.readAt(0, undo.head); !got) return fail(got.error());

    std::uint64_t end = std::max(undo.fileBytes, scope.rewrittenFrom);
    const auto zeros = zerosBefore(wav, scope.rewrittenFrom, end);
    if (!zeros) return fail(zeros.error());
    end -= *zeros;
    if (end - scope.rewrittenFrom > kMaxSavedBytes) {
        return fail(Stage::recovery,
                    fmt::format("{} bytes would be overwritten: repair it as a copy",
                                end - scope.rewrittenFrom));
    }
    for (std::uint64_t at = scope.rewrittenFrom; at < end;) {
        UndoRecord more;
        more.tailOffset = at;
        more.tail.resize(static_cast<std::size_t>(std::min(end - at, kRecordBytes)));
        const auto got = wav.readAt(at, more.tail);
        if (!got) return fail(got.error());
        at += more.tail.size();
        journal_->append(RecordType::undo, more);
    }
    // The record that makes the log count must not be there before what it counts on.
    if (auto durable = makeDurable(); !durable) return durable;
    journal_->append(RecordType::undo, undo);
    return {};
}

Result<> UndoLog::makeDurable() {
    if (!journal_->sync()) return fail(*journal_->error());
    return {};
}

Result<> UndoLog::announce(const RepairedRecord& repaired) {
    journal_->append(RecordType::repaired, repaired);
    return makeDurable();
}

Result<> UndoLog::end() {
    journal_->append(RecordType::resolved);
    if (auto durable = makeDurable(); !durable) return durable;
    if (name_ == undoName_) return {};
    if (auto renamed = folder_.rename(name_, undoName_, Existing::refuse); !renamed) return renamed;
    name_ = undoName_;
    return folder_.sync();
}

}  // namespace holdfast
