#include "ui/meter_ballistics.h"

#include <algorithm>
#include <cmath>

namespace holdfast {

double decibelsOf(float linear) {
    if (!(linear > 0)) return -std::numeric_limits<double>::infinity();
    return 20 * std::log10(static_cast<double>(linear));
}

void MeterBallistics::advance(float peak, double seconds) {
    const double heard = decibelsOf(peak);
    const double fallen = level_ - kFallDbPerSecond * std::max(0.0, seconds);
    // Below the scale a bar is nowhere; else it would take minutes to come back from there.
    level_ = std::max(heard, fallen < kFloorDb ? kSilence : fallen);
    maximum_ = std::max(maximum_, heard);
    holdAge_ += std::max(0.0, seconds);
    if (heard >= hold_ || holdAge_ >= kHoldSeconds) {
        hold_ = std::max(heard, level_);
        holdAge_ = 0;
    }
}

void MeterBallistics::reset() {
    hold_ = maximum_ = kSilence;
    holdAge_ = 0;
}

}  // namespace holdfast
