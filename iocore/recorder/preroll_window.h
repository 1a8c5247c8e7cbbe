// PrerollWindow: the last stretch of a ring while nothing is recorded yet.
//
// The consumer alone lets go of what is too old, so the capture thread is the same as ever, and at
// the start the recording simply begins where the window does: no frame between the two can be
// lost or come twice.
#pragma once

#include <cstdint>
#include <utility>

#include "iocore/ring/spsc_ring.h"

namespace holdfast {

class PrerollWindow {
  public:
    // Keeps `frames` of the device's time: captured ones and, between them, those of gaps.
    PrerollWindow(SpscRing::Consumer consumer, std::uint64_t frames);

    // Lets go of all that is older than the window up to the newest frame.
    // [writer thread] [real-time]
    void slide();
    // The same up to `ringFrame`: what comes before it is the window, what follows is kept too.
    // A gap across the window's beginning is left out, and the window is shorter then. Returns its
    // length. [writer thread] [real-time]
    std::uint64_t slideTo(std::uint64_t ringFrame);
    // For a look at what is in the window and behind it.
    [[nodiscard]] SpscRing::Consumer& consumer() { return consumer_; }
    // Frames of the gaps that were let go.
    [[nodiscard]] std::uint64_t pastGapFrames() const { return pastGapFrames_; }
    // Number of the window's first frame.
    [[nodiscard]] std::uint64_t firstFrame() const { return consumer_.writtenFrame(); }
    // The ring's end, which stands at the window's beginning. Not to be used afterwards.
    SpscRing::Consumer release() { return std::move(consumer_); }

  private:
    // Captured and lost frames from here to `ringFrame`.
    [[nodiscard]] std::uint64_t lengthTo(std::uint64_t ringFrame);

    SpscRing::Consumer consumer_;
    std::uint64_t frames_;
    std::uint64_t pastGapFrames_ = 0;
};

}  // namespace holdfast
