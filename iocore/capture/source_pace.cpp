#include "iocore/capture/source_pace.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace holdfast {

namespace {

// Twenty-five times what two clocks differ by, and more than a delivery is late by.
constexpr double kSteadyPart = 0.05;
// Of the last kSeconds all but one: that one may hold a loss.
constexpr int kFewestSteady = 3;

}  // namespace

void SourcePace::observe(double seconds, double lag) {
    if (!started_) {
        started_ = true;
        windowEnd_ = seconds + 1;
        edge_ = lag;
        return;
    }
    if (seconds < windowEnd_) {
        edge_ = std::min(edge_, lag);
        return;
    }
    // A source in long blocks may have said nothing for some seconds: one step, not many.
    if (seconds_ > 0) {
        const bool isSteady = std::abs(edge_ - lastEdge_) <= kSteadyPart * rate_;
        steady_ = steady_ << 1 | (isSteady ? 1U : 0U);
    }
    ++seconds_;
    lastEdge_ = edge_;
    edge_ = lag;
    windowEnd_ = seconds + 1;
}

SourcePace::Verdict SourcePace::verdict() const {
    if (seconds_ <= kSeconds) return Verdict::unknown;
    constexpr std::uint32_t kKept = (1U << kSeconds) - 1;
    return std::popcount(steady_ & kKept) >= kFewestSteady ? Verdict::steady : Verdict::unpaced;
}

}  // namespace holdfast
