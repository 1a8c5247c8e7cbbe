// A sound-activated recording between two sounds: no part is written, and the next one begins where
// the next sound does.
#include <utility>

#include "iocore/recorder/take_series.h"

namespace holdfast {

void TakeSeries::limitTo(std::uint64_t ringFrame) {
    ringLimit_ = ringFrame;
    take_->limitTo(ringFrame);
}

// The ring's audio is nobody's from here on, which a kill must not mistake for the part's.
bool TakeSeries::rest() {
    const TakeId id = presentId();
    if (!endPresent(Ending::sound).value_or(false)) return false;
    ring_.setUse(RingUse::monitoring);
    isResting_ = true;
    restsFrom_ = consumer_.writtenFrame();
    observer_.tellEnded(*take_, id, true);
    return true;
}

Result<> TakeSeries::goOn(SpscRing::Consumer consumer, const Resumption& resumption) {
    consumer_ = std::move(consumer);
    TakeOrigin origin = take_->nextOrigin();
    origin.pastGapFrames += resumption.pastGapFrames;
    origin.skippedFrames += consumer_.writtenFrame() - restsFrom_ + resumption.pastGapFrames;
    startedEarlierNs_ = resumption.startedEarlierNs;
    PartReason reason = PartReason::sound;
    auto next = beginNext(folder_, origin);
    if (!next && canSpill()) {
        report(next.error());
        reason = PartReason::diskFailure;
        spilled_ = true;
        next = beginNext(options_.spillFolder, origin);
    }
    startedEarlierNs_ = 0;
    if (!next) return fail(next.error());
    giveRingTo(partsBegun_);
    addToBefore(*take_);
    folder_ = std::move(next->folder);
    take_ = std::move(next->take);
    parts_ = partsBegun_;
    splitAsked_ = false;
    isResting_ = false;
    if (observer_.begun) observer_.begun(presentId(), journalPath());
    if (observer_.wentOn) observer_.wentOn(reason, before_.frames);
    return {};
}

}  // namespace holdfast
