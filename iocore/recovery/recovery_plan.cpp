#include "iocore/recovery/recovery_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "iocore/recovery/ring_plan.h"
#include "iocore/recovery/segment_check.h"
#include "iocore/riff/riff_format.h"

namespace holdfast {
namespace {

// Shorter runs of zeros at the end are audio; storage loses whole sectors.
constexpr std::uint64_t kZeroTailBytes = 512;
constexpr std::uint64_t kSectorBytes = 512;
constexpr std::size_t kMaxDamagedRanges = 1'000;

class TakePlanner {
  public:
    TakePlanner(const TakeEvidence& take, const WavScan& wav, const ScanOptions& options,
                RecoveryReport& report)
        : take_(take),
          wav_(wav),
          options_(options),
          report_(report),
          frameBytes_(report.format.bytesPerFrame()),
          sealed_(take.header.state == SealState::sound) {}

    Result<> run();

  private:
    std::uint64_t framesOf(std::uint64_t bytes) const { return bytes / frameBytes_; }
    std::uint64_t offsetOf(std::uint64_t frame) const {
        return kHeaderBlockBytes + frame * frameBytes_;
    }
    const HeaderSeal& seal() const { return take_.header.block.seal; }

    Result<> checkChecksums();
    void chooseBase();
    void takeBase(const KnownSegment& segment);
    bool fallBackForRing();
    Result<> layPieces();
    Result<std::uint64_t> endOfFileAudio();
    void limitTo(std::uint64_t frames);
    void count();
    void collectDamage();
    void collectMarkers();
    void judge();

    const TakeEvidence& take_;
    const WavScan& wav_;
    const ScanOptions& options_;
    RecoveryReport& report_;
    const std::uint64_t frameBytes_;
    const bool sealed_;
    std::unique_ptr<SegmentCheck> check_;
    CheckedSegments checked_;
    bool sealHolds_ = true;
    PlanBase base_;
    std::uint64_t availableFrames_ = 0;  // in the file, whole
    std::uint64_t headerFrames_ = 0;     // claimed by the sealed header
    std::uint64_t shownFrames_ = 0;      // by a header without a sound seal, where they are there
};

Result<> TakePlanner::run() {
    if (take_.fileBytes > kHeaderBlockBytes) {
        availableFrames_ = framesOf(take_.fileBytes - kHeaderBlockBytes);
    }
    if (sealed_) {
        headerFrames_ = framesOf(take_.header.block.dataBytes);
    } else if (wav_.format && wav_.dataOffset == kHeaderBlockBytes &&
               framesOf(wav_.claimedDataBytes) <= availableFrames_) {
        shownFrames_ = framesOf(wav_.claimedDataBytes);
    }
    if (take_.wav) {
        if (auto checked = checkChecksums(); !checked) return checked;
    }
    chooseBase();
    if (auto laid = layPieces(); !laid) return laid;
    collectMarkers();
    collectDamage();
    count();
    judge();
    return {};
}

// Behind the last commit always; before it when asked for. Without a header to trust, the chain of
// records says where the audio ends, and only where it cannot all are read.
Result<> TakePlanner::checkChecksums() {
    static const KnownSegments none;
    const KnownSegments& segments = take_.journal ? take_.journal->segments : none;
    check_ = std::make_unique<SegmentCheck>(take_.audio(), take_.fileBytes, report_.salt, segments,
                                            options_.progress);
    if (!options_.verifyAll && !sealed_) {
        auto quick = check_->checkEnd();
        if (!quick) return fail(quick.error());
        if (*quick) {
            checked_ = std::move(**quick);
            return {};
        }
    }
    const bool whole = options_.verifyAll || !sealed_;
    auto checked = check_->check(whole ? kHeaderBlockBytes : offsetOf(headerFrames_));
    if (!checked) return fail(checked.error());
    checked_ = std::move(*checked);
    if (!sealed_ || headerFrames_ == 0 || headerFrames_ > availableFrames_) return {};
    const std::uint64_t end = offsetOf(headerFrames_);
    if (seal().segmentStart < kHeaderBlockBytes || seal().segmentStart >= end) return {};
    const auto held =
        check_->holds(seal().segmentStart, end - seal().segmentStart, seal().segmentChecksum);
    if (!held) return fail(held.error());
    sealHolds_ = *held;
    auto& ranges = sealHolds_ ? checked_.proven : checked_.failed;
    ranges.push_back({seal().segmentStart, end});
    std::ranges::sort(ranges, {}, &ByteRange::begin);
    std::vector<ByteRange> merged;
    for (const ByteRange& range : ranges) addRange(merged, range);
    ranges = std::move(merged);
    return {};
}

void TakePlanner::takeBase(const KnownSegment& segment) {
    base_.frames = framesOf(segment.end() - kHeaderBlockBytes);
    base_.ringFrame = segment.ringFrameEnd;
    base_.gapCount = segment.gapCount;
}

// The last commit fails its checksum, but the ring may still hold all of it.
bool TakePlanner::fallBackForRing() {
    if (!take_.ring) return false;
    const KnownSegment* before = check_->endingAt(seal().segmentStart);
    if (before == nullptr || before->ringFrameEnd < take_.ring->snapshot.oldestFrame()) {
        return false;
    }
    takeBase(*before);
    return true;
}

void TakePlanner::chooseBase() {
    if (!take_.wav) {
        if (take_.ring) base_.ringFrame = take_.ring->snapshot.oldestFrame();
        return;
    }
    if (sealed_ && headerFrames_ <= availableFrames_) {
        if (!sealHolds_ && fallBackForRing()) return;
        base_ = {headerFrames_, seal().ringFrame, seal().gapCount};
        return;
    }
    if (sealed_) {
        // The file was cut: what is there of it was committed, but where the ring goes on only a
        // segment's end can tell.
        const KnownSegment* last = check_->lastUpTo(offsetOf(availableFrames_));
        if (last != nullptr && take_.ring) return takeBase(*last);
        base_.frames = availableFrames_;
        base_.ringKnown = false;
        return;
    }
    if (checked_.last) return takeBase(*checked_.last);
    // Not one commit is there: the audio begins where the part does.
    const bool told = take_.journal && take_.journal->start;
    if (told) base_.ringFrame = take_.journal->start->firstRingFrame;
    if (told) base_.gapCount = take_.journal->start->firstGap;
    base_.ringKnown = told || report_.partIndex == 1;
}

// Where the file's own audio ends when nothing else goes on: what is proven, or what is there.
Result<std::uint64_t> TakePlanner::endOfFileAudio() {
    // What a plain reader is shown is never dropped, whatever became of it.
    std::uint64_t least = std::max(base_.frames, shownFrames_);
    // What follows is in the next part, whatever lies here.
    if (take_.handedOn) return least;
    if (!checked_.proven.empty()) {
        least = std::max(least, framesOf(checked_.proven.back().end - kHeaderBlockBytes));
    }
    std::uint64_t end = availableFrames_;
    const bool ended = take_.journal && take_.journal->dataEndBytes;
    // Trailing chunks that the header covers stand where no audio can be.
    if (!ended && sealed_ && take_.header.block.trailerBytes > 0) return least;
    if (!ended && !wav_.after.extents.empty() && framesOf(wav_.dataBytes) >= least) {
        end = std::min(end, framesOf(wav_.dataBytes));
    }
    if (ended) end = std::min(end, framesOf(*take_.journal->dataEndBytes));
    if (end <= least) return least;
    const auto zeros = zerosBefore(take_.audio(), offsetOf(least), offsetOf(end), options_);
    if (!zeros) return fail(zeros.error());
    // The file may end inside a frame that is not looked at, and be zeros until there.
    if (*zeros + frameBytes_ > kZeroTailBytes) {
        // What was lost begins with a sector. A frame that ends before that sector is whole, even
        // if its last bytes are zeros; one that goes on into it has lost a part.
        const std::uint64_t sector =
            (offsetOf(end) - *zeros + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
        const std::uint64_t whole = framesOf(sector - kHeaderBlockBytes);
        const std::uint64_t frames = end - std::min(end - framesOf(*zeros), whole);
        report_.dropped.push_back(
            {frames * frameBytes_, "zeros behind the last commit: space that was never written"});
        end -= frames;
    }
    return end;
}

Result<> TakePlanner::layPieces() {
    PiecePlan plan(frameBytes_);
    if (base_.frames > 0) plan.addWav(kHeaderBlockBytes, base_.frames);
    // A ring that is behind the header's commit cannot be this take's last word.
    const bool ringCounts = take_.ring && base_.ringKnown && !report_.finished &&
                            take_.ring->snapshot.published >= base_.ringFrame;
    if (ringCounts) {
        layRing(take_, base_, availableFrames_, plan);
        report_.ringPath = take_.ring->path;
        report_.ringSpent = true;
    } else if (take_.journal) {
        layRingTails(*take_.journal, availableFrames_, plan);
    }
    report_.ringFrames = plan.takenFromRing;
    if (report_.finished && take_.ring) {
        report_.ringPath = take_.ring->path;
        report_.ringSpent = take_.ring->snapshot.published <= base_.ringFrame;
    }
    if (take_.wav) {
        auto end = base_.frames;
        if (!ringCounts && !report_.finished) {
            const auto found = endOfFileAudio();
            if (!found) return fail(found.error());
            end = *found;
        }
        if (!checked_.proven.empty() && !take_.handedOn) {
            end = std::max(end, framesOf(checked_.proven.back().end - kHeaderBlockBytes));
        }
        if (end > plan.frames()) plan.addWav(offsetOf(plan.frames()), end - plan.frames());
    }
    report_.plan = std::move(plan.pieces);
    report_.gaps = std::move(plan.gaps);
    report_.notes.insert(report_.notes.end(), plan.notes.begin(), plan.notes.end());
    for (DamagedRange& range : plan.damaged) report_.damaged.push_back(std::move(range));
    report_.recoverableFrames = plan.frames();
    // A ring that is this part's holds what was captured between its end and the next part's begin;
    // behind trailing chunks it was not to be in the file.
    const bool ringGoesOn = ringCounts && !(sealed_ && take_.header.block.trailerBytes > 0);
    if (take_.journal && take_.journal->dataEndBytes && !ringGoesOn) {
        limitTo(std::max({base_.frames, shownFrames_, framesOf(*take_.journal->dataEndBytes)}));
    }
    // Gaps behind the end say nothing about what is there.
    std::erase_if(report_.gaps,
                  [&](const TakeGap& gap) { return gap.frame > report_.recoverableFrames; });
    return {};
}

// The recording's wished end: what the device gave afterwards is in the same ring.
void TakePlanner::limitTo(std::uint64_t frames) {
    if (report_.recoverableFrames > frames) report_.ringSpent = false;
    while (report_.recoverableFrames > frames) {
        AudioPiece& last = report_.plan.back();
        const std::uint64_t cut = std::min(last.frames, report_.recoverableFrames - frames);
        last.frames -= cut;
        report_.recoverableFrames -= cut;
        if (last.source == AudioPiece::Source::ring) report_.ringFrames -= cut;
        if (last.frames == 0) report_.plan.pop_back();
    }
}

void TakePlanner::count() {
    std::uint64_t frame = 0;
    std::uint64_t usedEnd = kHeaderBlockBytes;
    for (const AudioPiece& piece : report_.plan) {
        if (piece.source == AudioPiece::Source::wav) {
            const std::uint64_t end = piece.offset + piece.frames * frameBytes_;
            report_.verifiedFrames += framesOf(coveredBytes(checked_.proven, piece.offset, end));
            usedEnd = std::max(usedEnd, end);
        } else {
            report_.verifiedFrames += piece.frames;
        }
        frame += piece.frames;
    }
    for (const DamagedRange& range : report_.damaged) {
        if (range.reason == kMissingAudio) report_.verifiedFrames -= range.frames;
    }
    report_.readableFrames = report_.recoverableFrames - report_.verifiedFrames;
    report_.vouchedFrom = base_.frames;
    if (!checked_.proven.empty() && checked_.proven.back().end >= offsetOf(base_.frames)) {
        report_.vouchedFrom = framesOf(checked_.proven.back().begin - kHeaderBlockBytes);
    }
    if (!options_.verifyAll && take_.journal && !take_.journal->segments.empty()) {
        const std::uint64_t seen =
            coveredBytes(checked_.proven, kHeaderBlockBytes, offsetOf(base_.frames));
        report_.uncheckedFrames = std::min(report_.readableFrames, base_.frames - framesOf(seen));
    }
    report_.lastSafeFrame = sealed_ ? headerFrames_ : base_.frames;
    report_.headerFrames = wav_.format && wav_.dataOffset == kHeaderBlockBytes
                               ? std::min(wav_.claimedDataBytes / frameBytes_, availableFrames_)
                               : std::min(headerFrames_, availableFrames_);
    // What the header covers and the file lacks is told of as damage.
    const std::uint64_t told = std::max(take_.fileBytes, offsetOf(headerFrames_));
    if (checked_.beyondFile > told && report_.ringFrames == 0 && take_.wav) {
        report_.dropped.push_back(
            {checked_.beyondFile - told,
             "known to the journal, but never reached the file (not yet safe)"});
    }
    const std::uint64_t partial = take_.fileBytes > offsetOf(availableFrames_)
                                      ? take_.fileBytes - offsetOf(availableFrames_)
                                      : 0;
    if (partial != 0 && !report_.finished && take_.wav && usedEnd == offsetOf(availableFrames_)) {
        report_.dropped.push_back({partial, "the file ends inside a frame"});
    }
}

// Disproved audio counts as damage where it was safe, or where sound audio stands behind it.
void TakePlanner::collectDamage() {
    std::uint64_t limit = offsetOf(sealed_ ? headerFrames_ : shownFrames_);
    if (!checked_.proven.empty()) limit = std::max(limit, checked_.proven.back().end);
    std::uint64_t frame = 0;
    for (const AudioPiece& piece : report_.plan) {
        const std::uint64_t end = piece.offset + piece.frames * frameBytes_;
        if (piece.source == AudioPiece::Source::wav) {
            for (const ByteRange& range : checked_.failed) {
                const std::uint64_t from = std::max(range.begin, piece.offset);
                const std::uint64_t to = std::min({range.end, end, limit});
                if (from >= to || coveredBytes(checked_.proven, from, to) == to - from) continue;
                if (report_.damaged.size() >= kMaxDamagedRanges) break;
                report_.damaged.push_back({frame + framesOf(from - piece.offset),
                                           framesOf(to - from), "its checksum does not hold"});
            }
        }
        frame += piece.frames;
    }
    if (headerFrames_ > report_.recoverableFrames) {
        report_.dropped.push_back({(headerFrames_ - report_.recoverableFrames) * frameBytes_,
                                   "safe once, but the file was cut short since"});
        report_.damageLeft = true;
    }
    if (!report_.damaged.empty()) report_.damageLeft = true;
}

void TakePlanner::collectMarkers() {
    if (!take_.journal) return;
    std::uint64_t behind = 0;
    for (const MarkerRecord& marker : take_.journal->markers) {
        if (marker.fileFrame > report_.recoverableFrames) {
            ++behind;
            continue;
        }
        report_.markers.push_back({marker.fileFrame, marker.text});
    }
    if (behind != 0) {
        report_.notes.push_back(
            fmt::format("{} markers stand behind the end and are left out", behind));
    }
}

void TakePlanner::judge() {
    if (report_.recoverableFrames == 0 && !report_.finished) {
        report_.verdict = Verdict::leftover;
        report_.reason = take_.wav ? "it holds no audio yet" : "its audio file is gone";
        return;
    }
    if (!take_.wav) {
        report_.damageLeft = true;
        report_.dropped.push_back({0, "the audio file is gone: only what the ring held is left"});
    }
    if (report_.damageLeft) {
        report_.verdict = Verdict::damaged;
        report_.reason = "some of its audio is missing or fails its checksum";
        return;
    }
    report_.verdict = report_.finished ? Verdict::sound : Verdict::unfinished;
    if (!report_.finished) report_.reason = "it was never finished";
}

}  // namespace

Result<> planTake(const TakeEvidence& take, const WavScan& wav, const ScanOptions& options,
                  RecoveryReport& report) {
    return TakePlanner(take, wav, options, report).run();
}

Result<std::uint64_t> zerosBefore(DiskFile& file, std::uint64_t begin, std::uint64_t end,
                                  const ScanOptions& options) {
    std::vector<std::byte> buffer(256 << 10);
    std::uint64_t at = end;
    while (at > begin) {
        const auto part = std::span(buffer).first(
            static_cast<std::size_t>(std::min<std::uint64_t>(at - begin, buffer.size())));
        const auto got = file.readAt(at - part.size(), part);
        if (!got) return fail(got.error());
        std::size_t last = *got;
        while (last > 0 && part[last - 1] == std::byte{0}) --last;
        const std::uint64_t zeros = end - (at - part.size() + last);
        at = last > 0 ? begin : at - part.size();
        if (options.progress && !options.progress(end - at, end - begin)) {
            return fail(Stage::recovery, ECANCELED, "cancelled");
        }
        if (last > 0) return zeros;
    }
    return end - begin;
}

}  // namespace holdfast
