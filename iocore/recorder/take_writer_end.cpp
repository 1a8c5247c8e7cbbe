// How a take's file ends: FORMAT.md section 3, "Finish".
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "iocore/base/path_text.h"
#include "iocore/recorder/take_writer.h"

namespace holdfast {

Result<bool> TakeWriter::finish() {
    (void)endData();
    return seal();
}

bool TakeWriter::endData() {
    if (ended_) return !failed_;
    // A device that nobody has stopped may go on filling the ring: the part ends here.
    lastRingFrame_ = consumer_.writtenFrame() + consumer_.readableFrames();
    if (tryToEnd()) return true;
    if (!full_) return false;
    // The room kept for the end takes what is left in the ring; where it does not, recovery will.
    journal_->releaseReserve();
    failed_ = !commitWhatFits();
    return tryToEnd();
}

bool TakeWriter::tryToEnd() {
    while (!failed_ && wantsToStop_ == StopReason::none && moreThanOneCommitWaits()) {
        if (!commit()) return false;
    }
    if (failed_) return false;
    auto ended = commitOnce(Ending::yes, kMaxCommitBytes);
    if (!ended) ended = tryAgain(ended.error(), Ending::yes);
    ended_ = ended.has_value();
    return ended_;
}

Result<> TakeWriter::reopenData(std::optional<std::uint64_t> maxFrames,
                                std::uint64_t maxDataBytes) {
    // The last word on where the audio ends counts.
    journal_->append(RecordType::dataEnd, DataEndRecord{std::numeric_limits<std::uint64_t>::max()});
    journal_->sync();
    ended_ = failed_ = false;
    lastRingFrame_.reset();
    wantsToStop_ = committedWantsToStop_ = StopReason::none;
    options_.maxFrames = maxFrames;
    options_.maxDataBytes = maxDataBytes;
    options_.continues = false;
    return orOutOfMemory([this] { return riff_->rewindToCommit(); });
}

void TakeWriter::abandon() {
    failed_ = true;
    consumer_.rewindToDurable();
    fileFrame_ = committedFileFrame_;
    pastGapFrames_ = committedPastGapFrames_;
    std::erase_if(gapMarks_,
                  [this](const GapMark& gap) { return gap.number >= consumer_.gapsTaken(); });
}

void TakeWriter::carryOnAlone(bool wasWell) {
    options_.isRelieved = false;
    if (!wasWell) {
        full_ = outOfSpace_;
        return;
    }
    failed_ = false;
    wantsToStop_ = committedWantsToStop_;
    const auto back = orOutOfMemory([this] { return riff_->rewindToCommit(); });
    if (!back) report(back.error());
}

Result<bool> TakeWriter::endAtCommit() {
    if (!journal_) {  // without audio, and taken away already
        discard();
        return true;
    }
    journal_->retryCancelled();
    journal_->releaseReserve();
    if (riff_->isFinished()) {
        failed_ = false;
        return seal();
    }
    const auto cutNow = [this] { return orOutOfMemory([this] { return cutAtCommit(); }); };
    if (auto cut = cutNow(); !cut) {
        report(cut.error());
        if (auto again = cutNow(); !again) return fail(again.error());
    }
    failed_ = false;
    return seal();
}

Result<> TakeWriter::cutAtCommit() {
    // The header that the disk has may be one of the commit that failed.
    if (auto back = riff_->restateCommit(); !back) return back;
    // What lies behind is in the next part: gone from here, it is nowhere twice.
    if (auto cut = wav_->resize(riff_->fileBytes()); !cut) return cut;
    journal_->append(RecordType::dataEnd, DataEndRecord{riff_->committedDataBytes()});
    journal_->sync();
    return fileFrame_ > 0 && !named_ ? giveName() : Result<>{};
}

Result<bool> TakeWriter::seal() {
    if (failed_) return false;
    if (fileFrame_ == 0) {
        discard();
        return true;
    }
    if (!sealOnce()) {
        failed_ = true;
        return false;
    }
    reportJournalOnce();
    auto removed = removeJournal();
    if (!removed) {
        report(removed.error());
        removed = removeJournal();
    }
    if (!removed) return fail(removed.error());
    // A journal that a power cut brings back lies beside a finished file, where it says nothing.
    if (auto durable = folder_.sync(); !durable && observer_.error) {
        observer_.error(durable.error());
    }
    return true;
}

Result<> TakeWriter::removeJournal() {
    return folder_.exists(options_.names.journal) ? folder_.remove(options_.names.journal)
                                                  : Result<>{};
}

// A step that fails is taken once more, from the end of the data.
bool TakeWriter::sealOnce() {
    const auto sealed = sealNow();
    if (sealed) return true;
    report(sealed.error());
    const auto back =
        orOutOfMemory([this] { return riff_->isFinished() ? Result<>{} : riff_->restateCommit(); });
    const auto again = back.and_then([this] { return sealNow(); });
    if (again) return true;
    if (again.error().text != sealed.error().text) report(again.error());
    return false;
}

Result<> TakeWriter::sealNow() {
    return orOutOfMemory([this] {
        return (riff_->isFinished() ? Result<>{} : writeTrailers()).and_then([this] {
            return verify();
        });
    });
}

Result<> TakeWriter::writeTrailers() {
    std::vector<CueMark> marks = markers_;
    for (const GapMark& gap : gapMarks_) marks.push_back(gap.mark);
    for (CueMark& mark : marks) mark.frame = std::min(mark.frame, fileFrame_);
    std::ranges::stable_sort(marks, {}, &CueMark::frame);
    std::uint64_t room = kTrailerReserveBytes - 2;
    for (const ChunkRecord& record : chunks_) {
        const std::vector<std::byte> chunk = encodeChunk(record.id, record.payload);
        if (auto appended = riff_->appendTrailer(chunk); !appended) return appended;
        room -= chunk.size();
    }
    const CueChunks chunks = encodeCueChunks(marks, room);
    if (chunks.left > 0) {
        report({Stage::format, 0,
                fmt::format("{} of {} markers and gaps do not fit into the file's {} KiB for them",
                            chunks.left, marks.size(), room >> 10)});
    }
    for (const auto* chunk : {&chunks.cue, &chunks.labels}) {
        if (chunk->empty()) continue;
        if (auto appended = riff_->appendTrailer(*chunk); !appended) return appended;
    }
    return riff_->markFinished();
}

// Whoever removes the file takes it from the user at once, and not at the end of the recording.
void TakeWriter::reportMissingOnce() {
    if (missingReported_ || folder_.exists(options_.names.final)) return;
    missingReported_ = true;
    (void)orOutOfMemory([&]() -> Result<> {
        report({Stage::disk, ENOENT, missingText()});
        return {};
    });
}

std::string TakeWriter::missingText() const {
    return fmt::format(
        "{} was renamed or removed by another program. Renamed, it goes on growing under its "
        "new name; removed, it is lost when the recording ends: stop now and record anew",
        joinPath(folder_.path(), options_.names.final));
}

// By name, as a player will open it.
Result<> TakeWriter::verify() {
    auto file = folder_.open(options_.names.final, Access::read);
    if (!file && file.error().code == ENOENT) {
        return fail(Stage::disk, ENOENT,
                    fmt::format("{}/{} is gone: another program renamed or removed it while it was "
                                "recorded. Renamed, it is whole under its new name",
                                folder_.path(), options_.names.final));
    }
    if (!file) return fail(file.error());
    HeaderImage image{};
    const auto got = (*file)->readAt(0, image);
    if (!got) return fail(got.error());
    const auto size = (*file)->size();
    if (!size) return fail(size.error());
    if (*got == image.size() && image == riff_->headerImage() && *size == riff_->fileBytes()) {
        return {};
    }
    return fail(Stage::disk, options_.names.final +
                                 ": what the disk gives back is not what was "
                                 "written; the journal is kept");
}

void TakeWriter::discard() {
    if (renamed_ || !begun_) return;
    riff_.reset();
    ioProc_.reset();
    wav_.reset();
    journal_.reset();
    // Best effort: what cannot be removed is named by `scan`.
    if (!options_.names.part.empty() && folder_.exists(options_.names.part)) {
        (void)folder_.remove(options_.names.part);
    }
    if (!options_.names.journal.empty() && folder_.exists(options_.names.journal)) {
        (void)folder_.remove(options_.names.journal);
    }
    (void)folder_.sync();
}

std::vector<CueMark> TakeWriter::takeLateMarkers() {
    // A part without audio will not be there.
    if (committedFileFrame_ == 0) return std::exchange(markers_, {});
    // Without ranges: clang 14, which the fuzzers need, cannot compile what this one returns.
    const auto late = std::stable_partition(
        markers_.begin(), markers_.end(),
        [this](const CueMark& marker) { return marker.frame <= committedFileFrame_; });
    std::vector<CueMark> taken(late, markers_.end());
    markers_.erase(late, markers_.end());
    return taken;
}

// All of them are here before the first call to the disk: it may be the one that hangs.
void TakeWriter::adoptMarkers(const std::vector<CueMark>& markers) {
    if (markers.empty()) return;
    markers_.insert(markers_.end(), markers.begin(), markers.end());
    for (const CueMark& marker : markers) {
        journal_->append(RecordType::marker, MarkerRecord{marker.frame, marker.label});
    }
    journal_->sync();
}

TakeOrigin TakeWriter::nextOrigin() const {
    TakeOrigin next;
    next.fileFrame = options_.origin.fileFrame + committedFileFrame_;
    next.pastGapFrames = committedPastGapFrames_;
    next.skippedFrames = options_.origin.skippedFrames;
    next.toldGaps = std::max(nextGapNumber_, options_.origin.toldGaps);
    next.previousPart = presentPath();
    return next;
}

}  // namespace holdfast
