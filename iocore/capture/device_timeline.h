// DeviceTimeline: how many frames a device should have delivered, by the clock.
//
// Nobody counts the frames of a device that is gone, nor those of a machine that sleeps: only a
// clock can say how many they are. A loss lasts from the last frame that came until the first one
// that comes again; so the clock is read at each delivery, and nothing else is done there.
#pragma once

#include <chrono>
#include <cstdint>

#include "iocore/base/clock_reading.h"

namespace holdfast {

class DeviceTimeline {
  public:
    // Shorter sleep is none: clocks that cannot be read at one instant differ by some of it.
    static constexpr std::chrono::milliseconds kLeastSleep{100};

    // Frames that are missing before those that arrive.
    struct Missing {
        std::uint64_t asleep = 0;
        std::uint64_t lost = 0;
    };

    // `countsSleep`: the device runs in real time. [control thread]
    DeviceTimeline(std::uint32_t sampleRate, bool countsSleep)
        : sampleRate_(sampleRate), countsSleep_(countsSleep) {}

    // From here on the device runs. [control thread]
    void begin(const ClockReading& now) { last_ = now; }
    // `frames` arrive, the last of them now. [capture thread] [real-time]
    Missing arrive(const ClockReading& now, std::uint64_t frames);

    // The device is gone, since its last delivery. [while no device runs]
    void lose();
    // Frames missing until now because of the loss; 0 without one. [while no device runs]
    [[nodiscard]] std::uint64_t lostUntil(const ClockReading& now) const;
    // So many frames are missing, as is said now: those of them that were not said before. The loss
    // goes on. [while no device runs]
    std::uint64_t tell(std::uint64_t lostFrames);
    // They were all: the next arrival has none to add. [while no device runs]
    void closeLoss() { allTold_ = true; }
    // Frames of the loss that ended last. [capture thread]
    [[nodiscard]] std::uint64_t lastLoss() const { return lastLoss_; }

  private:
    [[nodiscard]] std::uint64_t sleptUntil(const ClockReading& now) const;

    std::uint32_t sampleRate_;
    bool countsSleep_;
    ClockReading last_;  // the last frame that came
    bool isLost_ = false;
    bool allTold_ = false;
    std::uint64_t told_ = 0;
    std::uint64_t lastLoss_ = 0;
};

}  // namespace holdfast
