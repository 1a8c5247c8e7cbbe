// Parts that a recording goes on without: ended by another thread, because their disk failed or
// does not answer.
#include <utility>

#include "iocore/base/path_text.h"
#include "iocore/recorder/take_series.h"

namespace holdfast {
namespace {

// At the end of a recording, for a disk that may answer just now.
constexpr std::chrono::milliseconds kLastChance{2000};

}  // namespace

void SeriesObserver::tellEnded(const TakeWriter& part, const TakeId& id, bool complete) const {
    if (ended) ended(id, complete);
    const bool isThere = complete && part.committedFrames() > 0;
    if (isThere && finished) finished({id, part.presentPath(), part.endFrame(), part.partIndex()});
}

// As goOnIn(), but the old disk is not waited for.
void TakeSeries::spillTo(Part next, PartReason reason) {
    const auto endIt = [](TakeWriter& old) { return old.endAtCommit(); };
    if (!options_.elsewhere) return goOnIn(std::move(next), reason, endIt);
    const TakeId oldId = presentId();
    Closed closed;
    closed.path = presentPath();
    closed.safeFrames = before_.safeFrames;
    goTo(std::move(next));
    struct Work {
        Part part;
        std::promise<bool> complete;
    };
    auto work = std::make_shared<Work>();
    work->part = *std::exchange(closing_, std::nullopt);
    work->part.take->silence();
    closed.complete = work->complete.get_future();
    closed_.push_back(std::move(closed));
    options_.elsewhere([work, oldId, observer = observer_] {
        const bool complete = work->part.take->endAtCommit().value_or(false);
        observer.tellEnded(*work->part.take, oldId, complete);
        work->complete.set_value(complete);
        return complete;
    });
    if (observer_.wentOn) observer_.wentOn(reason, before_.frames);
}

void TakeSeries::lookAfterClosed(std::chrono::milliseconds atMost) {
    std::erase_if(closed_, [&](Closed& closed) {
        if (closed.complete.wait_for(atMost) != std::future_status::ready) return false;
        if (closed.complete.get()) {
            before_.safeFrames = closed.safeFrames;
        } else {
            tellUnfinished(closed.path);
        }
        return true;
    });
}

void TakeSeries::waitForClosed() {
    lookAfterClosed(kLastChance);
    for (const Closed& closed : closed_) tellUnfinished(closed.path);
    closed_.clear();
}

TakeSeries::TakeSeries(const TakeSeries& left, std::shared_ptr<DiskFolder> folder,
                       SeriesObserver observer)
    : folder_(std::move(folder)),
      ring_(left.ring_),
      consumer_(left.consumer_.successor()),
      options_(left.options_),
      observer_(std::move(observer)),
      spilled_(true),
      parts_(left.partsBegun_),  // a part that was being begun has used up its number
      partsBegun_(parts_),
      ringLimit_(left.ringLimit_),
      before_(left.before_),
      lastPath_(left.lastPath_) {
    options_.spillFolder.reset();
    options_.elsewhere = {};
    const TakeWriter& part = *left.take_;
    if (part.committedFrames() > 0) {
        lastPath_ = left.presentPath();
        if (!part.named() && !before_.safeFrames) before_.safeFrames = left.safeFrames();
    }
    addToBefore(part);
}

// The order is that of goOnIn(): the next part's journal is durable, then the ring changes hands,
// and the old part is closed by its own thread, when its disk lets it.
Result<std::unique_ptr<TakeSeries>> TakeSeries::goOnWithout(std::shared_ptr<DiskFolder> folder,
                                                            SeriesObserver observer) {
    std::unique_ptr<TakeSeries> other(new TakeSeries(*this, folder, std::move(observer)));
    auto next = other->beginNext(std::move(folder), take_->nextOrigin());
    if (!next) return fail(next.error());
    giveRingTo(other->partsBegun_);
    other->take_ = std::move(next->take);
    other->parts_ = other->partsBegun_;
    // Of this series' thread nothing else may change: it goes on where it stands.
    isLeft_ = spilled_ = true;
    std::vector<CueMark> late = take_->takeLateMarkers();
    for (CueMark& marker : late) marker.frame -= take_->committedFrames();
    consumer_.detach();
    other->consumer_.rewindToDurable();
    if (other->observer_.begun) other->observer_.begun(other->presentId(), other->journalPath());
    other->take_->adoptMarkers(late);
    return other;
}

bool TakeSeries::hasAll(bool captureEnded) const {
    const StopReason wish = take_->committedWish();
    if (wish == StopReason::gap) return true;
    if (wish != StopReason::none && isLastPart(wish)) return true;
    SpscRing::Consumer rest = consumer_.successor();
    return captureEnded && rest.readableFrames() == 0 && !rest.gapHere();
}

std::string TakeSeries::pathLeft() const {
    const Part* closing = closing_ ? &*closing_ : nullptr;
    return closing == nullptr ? presentPath()
                              : joinPath(closing->folder->path(), closing->take->presentName());
}

std::uint32_t TakeSeries::partsLeft() const {
    return (closing_ ? 1 : 0) + (take_->committedFrames() > 0 || !closing_ ? 1 : 0);
}

std::uint32_t TakeSeries::endAtHandOver() {
    std::uint32_t open = 0;
    if (closing_ && !endLeft(*closing_->take, options_.first.sessionId.forPart(parts_ - 1))) ++open;
    if (!endLeft(*take_, presentId())) ++open;
    return open;
}

bool TakeSeries::endLeft(TakeWriter& part, const TakeId& id) {
    part.abandon();
    const auto ended = part.endAtCommit();
    const bool complete = ended.value_or(false);
    observer_.tellEnded(part, id, complete);
    return complete;
}

}  // namespace holdfast
