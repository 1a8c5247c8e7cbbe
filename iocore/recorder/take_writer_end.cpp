// How a take's file ends: FORMAT.md section 3, "Finish".
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

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
    return riff_->rewindToCommit();
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
    if (auto back = riff_->rewindToCommit(); !back) report(back.error());
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
    // The header that the disk has may be one of the commit that failed.
    if (auto back = riff_->restateCommit(); !back) return fail(back.error());
    // What lies behind is in the next part: gone from here, it is nowhere twice.
    if (auto cut = wav_->resize(riff_->fileBytes()); !cut) return fail(cut.error());
    journal_->append(RecordType::dataEnd, DataEndRecord{riff_->committedDataBytes()});
    journal_->sync();
    if (fileFrame_ > 0 && !named_) {
        if (auto given = giveName(); !given) return fail(given.error());
    }
    failed_ = false;
    return seal();
}

Result<bool> TakeWriter::seal() {
    if (failed_) return false;
    if (fileFrame_ == 0) {
        discard();
        return true;
    }
    const auto sealed =
        (riff_->isFinished() ? Result<>{} : writeTrailers()).and_then([&] { return verify(); });
    if (!sealed) {
        failed_ = true;
        report(sealed.error());
        return false;
    }
    reportJournalOnce();
    if (auto removed = removeJournal(); !removed) return fail(removed.error());
    return true;
}

Result<> TakeWriter::removeJournal() {
    if (!folder_.exists(options_.names.journal)) return folder_.sync();
    return folder_.remove(options_.names.journal).and_then([&] { return folder_.sync(); });
}

Result<> TakeWriter::writeTrailers() {
    std::vector<CueMark> marks = markers_;
    for (const GapMark& gap : gapMarks_) marks.push_back(gap.mark);
    for (CueMark& mark : marks) mark.frame = std::min(mark.frame, fileFrame_);
    std::ranges::stable_sort(marks, {}, &CueMark::frame);
    const CueChunks chunks = encodeCueChunks(marks, kTrailerReserveBytes - 2);
    if (chunks.left > 0) {
        report({Stage::format, 0,
                fmt::format("{} of {} markers and gaps do not fit into the file's {} KiB for them",
                            chunks.left, marks.size(), kTrailerReserveBytes >> 10)});
    }
    for (const auto* chunk : {&chunks.cue, &chunks.labels}) {
        if (chunk->empty()) continue;
        if (auto appended = riff_->appendTrailer(*chunk); !appended) return appended;
    }
    return riff_->markFinished();
}

// By name, as a player will open it.
Result<> TakeWriter::verify() {
    auto file = folder_.open(options_.names.final, Access::read);
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
    if (renamed_) return;
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
    next.toldGaps = std::max(nextGapNumber_, options_.origin.toldGaps);
    next.previousPart = folder_.path() + "/" + presentName();
    return next;
}

}  // namespace holdfast
