#include "iocore/capture/frame_clock.h"

#include <algorithm>

namespace holdfast {

namespace {

constexpr double kNsPerSecond = 1e9;
constexpr double kWindowSeconds = 1;
// From so many on the drift is fitted: fewer would take the wobble for a drift.
constexpr std::size_t kFewestWindows = 8;
// No two clocks differ by more, in seconds per second; a device that does is losing audio.
constexpr double kMostDrift = 0.002;

// A step lasts when so many observations, over so many seconds, all lie above it. The observations
// are for a driver that stood still and then catches up: it delivers nothing meanwhile.
constexpr std::uint32_t kLastingObservations = 4;
constexpr double kLastingSeconds = 1;
constexpr double kStepBuffers = 2;
// Drivers hand over at least each 10 ms, and the scheduler is late now and then: less than this is
// no step. What is smaller stays in the lag and counts when it has added up.
constexpr double kWobbleSeconds = 0.02;

}  // namespace

FrameClock::FrameClock(std::uint32_t sampleRate, std::uint64_t bufferFrames, Pace pace)
    : rate_(sampleRate),
      persistent_(
          std::max(kStepBuffers * static_cast<double>(bufferFrames), kWobbleSeconds * rate_)),
      suspected_(kWobbleSeconds * rate_) {
    if (pace == Pace::learned) pace_.emplace(sampleRate);
}

std::uint64_t FrameClock::observe(std::uint64_t nowNs, std::uint64_t frames, Suspicion suspicion) {
    if (!started_) startNs_ = nowNs;
    // A clock that is read late by another thread must not run backwards.
    const double seconds = static_cast<double>(nowNs - startNs_) / kNsPerSecond;
    const double lag = seconds * rate_ - static_cast<double>(frames) - reported_;
    if (!started_) {
        started_ = true;
        beginAt({seconds, lag});
        return 0;
    }
    if (pace_) {
        pace_->observe(seconds, lag + reported_);
        if (pace_->verdict() == SourcePace::Verdict::unpaced) {
            beginAt({seconds, lag});
            return 0;
        }
    }
    const bool mayReport = !pace_ || pace_->verdict() == SourcePace::Verdict::steady;
    const double excess = lag - expectedLag(seconds);
    if (mayReport && suspicion == Suspicion::noBuffer && excess > suspected_) return report(excess);
    if (excess > persistent_) {
        if (stepObservations_ == 0) {
            stepSince_ = seconds;
            stepExcess_ = excess;
        }
        ++stepObservations_;
        stepExcess_ = std::min(stepExcess_, excess);
        const bool lasts =
            stepObservations_ >= kLastingObservations && seconds - stepSince_ >= kLastingSeconds;
        return lasts && mayReport ? report(stepExcess_) : 0;
    }
    stepObservations_ = 0;
    // Far below the line: what it was drawn through was late, as the first deliveries may be.
    if (excess < -persistent_) {
        beginAt({seconds, lag});
    } else {
        learn({seconds, lag});
    }
    return 0;
}

void FrameClock::beginAt(const Point& point) {
    base_ = point.lag;
    slope_ = 0;
    windowCount_ = 0;
    window_ = point;
    windowEnd_ = point.seconds + kWindowSeconds;
    windowIsClean_ = true;
    stepObservations_ = 0;
}

double FrameClock::expectedLag(double seconds) const {
    return base_ + slope_ * seconds;
}

std::uint64_t FrameClock::report(double excess) {
    const auto frames = static_cast<std::uint64_t>(excess);
    reported_ += static_cast<double>(frames);
    stepObservations_ = 0;
    windowIsClean_ = false;
    return frames;
}

std::uint64_t FrameClock::unsettled() const {
    const bool isSteady = !pace_ || pace_->verdict() == SourcePace::Verdict::steady;
    if (stepObservations_ < 2 || !isSteady) return 0;
    return static_cast<std::uint64_t>(stepExcess_);
}

// Takes the lower edge of each second. A second in which something was missing teaches nothing:
// what was reported there is a little too much or too little, and the line would follow it.
void FrameClock::learn(const Point& point) {
    if (point.seconds >= windowEnd_) {
        if (windowIsClean_) {
            windows_[windowCount_++ % kWindows] = window_;
            fit();
        }
        window_ = point;
        windowEnd_ = point.seconds + kWindowSeconds;
        windowIsClean_ = true;
        return;
    }
    if (point.lag < window_.lag) window_ = point;
    if (windowCount_ < kFewestWindows && windowIsClean_) base_ = std::min(base_, point.lag);
}

// Least squares through the windows that are kept.
void FrameClock::fit() {
    if (windowCount_ < kFewestWindows) return;
    const std::size_t count = std::min(windowCount_, kWindows);
    double meanSeconds = 0;
    double meanLag = 0;
    for (std::size_t i = 0; i < count; ++i) {
        meanSeconds += windows_[i].seconds / static_cast<double>(count);
        meanLag += windows_[i].lag / static_cast<double>(count);
    }
    double product = 0;
    double square = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const double seconds = windows_[i].seconds - meanSeconds;
        product += seconds * (windows_[i].lag - meanLag);
        square += seconds * seconds;
    }
    slope_ = std::clamp(square > 0 ? product / square : 0, -kMostDrift * rate_, kMostDrift * rate_);
    base_ = meanLag - slope_ * meanSeconds;
}

}  // namespace holdfast
