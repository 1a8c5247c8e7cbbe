// FrameClock: finds out from the monotonic clock that a device's frames are missing, where the
// driver throws audio away and says nothing.
//
// The *lag* is frames that must have been captured by the clock, minus those that were delivered.
// It wobbles, because deliveries are seen late, never early; but its lower edge stays, and moves
// only with the drift between the two clocks, which is fitted through the last minute. Where the
// lower edge steps up, audio is missing, and the step is how much. A delivery that is merely late
// brings the lag back down, so a step counts when it lasts; at once where the driver is known to
// have been without a buffer. [capture thread] [real-time]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "iocore/capture/source_pace.h"

namespace holdfast {

class FrameClock {
  public:
    // What the caller knows about the time since the observation before.
    enum class Suspicion {
        none,
        noBuffer,  // the driver had no buffer to fill for a while, or left one partly filled
    };

    // Whether the device is known to have a clock of its own. Where that has to be learned, nothing
    // is missing before it is, which takes some seconds; a loss in these is told then.
    enum class Pace { known, learned };

    // `bufferFrames`: length of one delivery, in frames.
    FrameClock(std::uint32_t sampleRate, std::uint64_t bufferFrames, Pace pace = Pace::known);

    // At `nowNs` of the monotonic clock the device has delivered `frames` in all. Returns how many
    // are missing and were not returned before; 0: none.
    std::uint64_t observe(std::uint64_t nowNs, std::uint64_t frames, Suspicion suspicion);

    // At the end of the recording: what seemed to be missing and has not lasted long enough yet to
    // be sure; 0: nothing.
    [[nodiscard]] std::uint64_t unsettled() const;

    // Frames per second that the device is ahead of the clock (negative: behind), as fitted.
    [[nodiscard]] double drift() const { return -slope_; }

  private:
    struct Point {
        double seconds = 0;
        double lag = 0;
    };
    static constexpr std::size_t kWindows = 64;  // a second each

    [[nodiscard]] double expectedLag(double seconds) const;
    void beginAt(const Point& point);
    void learn(const Point& point);
    void fit();
    std::uint64_t report(double excess);

    std::optional<SourcePace> pace_;  // where it has to be learned
    double rate_;
    double persistent_;  // frames of a step that counts when it lasts
    double suspected_;   // frames of a step that counts at once when there is a reason

    bool started_ = false;
    std::uint64_t startNs_ = 0;
    double reported_ = 0;  // frames

    // The line: the lag to expect. Before there are enough windows it is flat, at the smallest lag.
    double base_ = 0;
    double slope_ = 0;  // frames per second
    std::array<Point, kWindows> windows_{};
    std::size_t windowCount_ = 0;  // ever; the last kWindows are kept
    Point window_;                 // lower edge of the present second
    double windowEnd_ = 0;
    bool windowIsClean_ = true;  // nothing was missing in it

    // The step that may turn out to last.
    std::uint32_t stepObservations_ = 0;
    double stepSince_ = 0;
    double stepExcess_ = 0;
};

}  // namespace holdfast
