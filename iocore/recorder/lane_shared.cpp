#include "iocore/recorder/lane_shared.h"

namespace holdfast {

void LaneShared::addHint(const TakeId& id, const std::string& journal) {
    hints.post([index = sessions(), id, journal]() mutable { (void)index.add(id, journal); });
}

void LaneShared::removeHint(const TakeId& id) {
    hints.post([index = sessions(), id]() mutable { (void)index.remove(id); });
}

void LaneShared::partIsEnded(bool complete) {
    if (!complete) return;
    {
        const std::lock_guard lock(mutex);
        --partsLeft;
    }
    (void)removeSpentRing();
}

Result<> LaneShared::removeSpentRing() {
    const std::lock_guard lock(mutex);
    return isFinished && partsLeft == 0 ? ring->memory().removeFile() : Result<>{};
}

}  // namespace holdfast
