#include "iocore/recovery/ring_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "iocore/riff/riff_format.h"

namespace holdfast {
namespace {

using Source = AudioPiece::Source;

// By number, the first word on each counts: a repair that was killed may have said it again.
std::map<std::uint64_t, TakeGap> journalGaps(const JournalEvidence& journal) {
    std::map<std::uint64_t, TakeGap> gaps;
    for (const GapRecord& record : journal.gaps) {
        gaps.try_emplace(record.number,
                         TakeGap{record.fileFrame, record.gap.atFrame, record.gap.frames,
                                 record.filledFrames, record.gap.cause, record.number});
    }
    return gaps;
}

void setGaps(const std::map<std::uint64_t, TakeGap>& gaps, PiecePlan& plan) {
    for (const auto& [number, gap] : gaps) plan.gaps.push_back(gap);
}

class RingLayer {
  public:
    RingLayer(const TakeEvidence& take, const PlanBase& base, std::uint64_t available,
              PiecePlan& plan)
        : take_(take),
          ring_(take.ring->snapshot),
          base_(base),
          available_(available),
          plan_(plan),
          frameBytes_(ring_.format.bytesPerFrame()) {}

    void lay();

  private:
    void layUpTo(std::uint64_t ringFrame);
    void layBridge(std::uint64_t frames);
    std::uint64_t filledFrames(const Gap& gap) const;

    const TakeEvidence& take_;
    const RingSnapshot& ring_;
    const PlanBase& base_;
    std::uint64_t available_;
    PiecePlan& plan_;
    std::uint64_t frameBytes_;
    std::uint64_t next_ = 0;  // first ring frame not laid yet
};

std::uint64_t RingLayer::filledFrames(const Gap& gap) const {
    const bool fills = take_.journal && take_.journal->start && take_.journal->start->fillGaps != 0;
    if (!fills || gap.cause == GapCause::paused) return 0;
    return std::min(gap.frames, take_.journal->start->fillLimitFrames);
}

// Frames that the ring has dropped are in the file (it was still being written in this boot);
// where the file has been cut they are gone, and silence keeps the rest in place.
void RingLayer::layBridge(std::uint64_t frames) {
    const std::uint64_t at = plan_.frames();
    const std::uint64_t there = available_ > at ? std::min(frames, available_ - at) : 0;
    if (there > 0) plan_.addWav(kHeaderBlockBytes + at * frameBytes_, there);
    if (there == frames) return;
    plan_.damaged.push_back({plan_.frames(), frames - there, std::string(kMissingAudio)});
    plan_.add({Source::silence, 0, frames - there});
}

void RingLayer::layUpTo(std::uint64_t ringFrame) {
    if (next_ < ring_.oldestFrame() && next_ < ringFrame) {
        const std::uint64_t lost = std::min(ring_.oldestFrame(), ringFrame) - next_;
        layBridge(lost);
        next_ += lost;
    }
    while (next_ < ringFrame) {
        const std::uint64_t toWrap = ring_.capacityFrames - next_ % ring_.capacityFrames;
        const std::uint64_t frames = std::min(ringFrame - next_, toWrap);
        plan_.add({Source::ring, ring_.audioOffset(next_), frames});
        plan_.takenFromRing += frames;
        next_ += frames;
    }
}

void RingLayer::lay() {
    std::map<std::uint64_t, TakeGap> gaps;
    if (take_.journal) gaps = journalGaps(*take_.journal);
    gaps.erase(gaps.lower_bound(base_.gapCount), gaps.end());
    // Those before the first of this part are told of in the parts before it.
    const bool told = take_.journal && take_.journal->start;
    const std::uint64_t before = gaps.size() + (told ? take_.journal->start->firstGap : 0);
    if (before < base_.gapCount && take_.journal) {
        plan_.notes.push_back(
            fmt::format("{} gaps before the last commit have no record", base_.gapCount - before));
    }
    next_ = base_.ringFrame;
    if (ring_.firstGap > base_.gapCount) {
        plan_.notes.push_back(fmt::format("{} gaps are no longer in the ring's table",
                                          ring_.firstGap - base_.gapCount));
    }
    for (std::size_t i = 0; i < ring_.gaps.size(); ++i) {
        const std::uint64_t number = ring_.firstGap + i;
        const Gap& gap = ring_.gaps[i];
        if (number < base_.gapCount || gap.atFrame < base_.ringFrame) continue;
        layUpTo(gap.atFrame);
        const std::uint64_t filled = filledFrames(gap);
        gaps[number] = {plan_.frames(), gap.atFrame, gap.frames, filled, gap.cause, number};
        if (filled > 0) plan_.add({Source::silence, 0, filled});
    }
    layUpTo(ring_.published);
    if (ring_.pending.frames > 0) {
        // Nothing stands behind it, so there is nothing to hold in place by silence.
        gaps[ring_.gapsPublished] = {plan_.frames(),       ring_.published,
                                     ring_.pending.frames, 0,
                                     ring_.pending.cause,  ring_.gapsPublished};
    }
    setGaps(gaps, plan_);
}

}  // namespace

void PiecePlan::add(AudioPiece piece) {
    if (piece.frames == 0) return;
    frames_ += piece.frames;
    if (!pieces.empty() && pieces.back().source == piece.source) {
        AudioPiece& last = pieces.back();
        if (piece.source == Source::silence ||
            last.offset + last.frames * frameBytes_ == piece.offset) {
            last.frames += piece.frames;
            return;
        }
    }
    pieces.push_back(piece);
}

void PiecePlan::cutTo(std::uint64_t frames) {
    while (frames_ > frames) {
        AudioPiece& last = pieces.back();
        const std::uint64_t cut = std::min(last.frames, frames_ - frames);
        last.frames -= cut;
        frames_ -= cut;
        if (last.source == Source::journal) takenFromRing -= cut;
        if (last.frames == 0) pieces.pop_back();
    }
}

void layRing(const TakeEvidence& take, const PlanBase& base, std::uint64_t availableFrames,
             PiecePlan& plan) {
    RingLayer(take, base, availableFrames, plan).lay();
}

void layRingTails(const JournalEvidence& journal, std::uint64_t availableFrames, PiecePlan& plan) {
    const std::uint64_t frameBytes = plan.frameBytes();
    for (const StoredBytes& tail : journal.ringTails) {
        if (tail.bytes % frameBytes != 0) continue;
        const std::uint64_t at = plan.frames();
        if (tail.target > at && tail.target <= availableFrames) {
            plan.addWav(kHeaderBlockBytes + at * frameBytes, tail.target - at);
        }
        const std::uint64_t frames = tail.bytes / frameBytes;
        if (tail.target > plan.frames() || frames < plan.frames() - tail.target) continue;
        plan.cutTo(tail.target);
        plan.add({Source::journal, tail.offset, frames});
        plan.takenFromRing += frames;
    }
    setGaps(journalGaps(journal), plan);
}

}  // namespace holdfast
