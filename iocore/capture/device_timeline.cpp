#include "iocore/capture/device_timeline.h"

#include <algorithm>

namespace holdfast {

DeviceTimeline::Missing DeviceTimeline::arrive(const ClockReading& now, std::uint64_t frames) {
    Missing missing;
    missing.asleep = sleptUntil(now);
    if (isLost_ && !allTold_) {
        const std::uint64_t elapsed = framesIn(now.awake - last_.awake, sampleRate_);
        // A loss is never nothing, however fast the next device was there.
        const std::uint64_t lost = std::max<std::uint64_t>(elapsed - std::min(elapsed, frames), 1);
        missing.lost = tell(lost);
    }
    if (isLost_) lastLoss_ = told_;
    last_ = now;
    isLost_ = allTold_ = false;
    told_ = 0;
    return missing;
}

void DeviceTimeline::lose() {
    isLost_ = true;
}

std::uint64_t DeviceTimeline::lostUntil(const ClockReading& now) const {
    if (!isLost_) return 0;
    return std::max<std::uint64_t>(framesIn(now.awake - last_.awake, sampleRate_), 1);
}

std::uint64_t DeviceTimeline::tell(std::uint64_t lostFrames) {
    const std::uint64_t more = lostFrames - std::min(lostFrames, told_);
    told_ += more;
    return more;
}

std::uint64_t DeviceTimeline::sleptUntil(const ClockReading& now) const {
    const auto slept = now.asleep - last_.asleep;
    return countsSleep_ && slept >= kLeastSleep ? framesIn(slept, sampleRate_) : 0;
}

}  // namespace holdfast
