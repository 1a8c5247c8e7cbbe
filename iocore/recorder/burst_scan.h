// BurstScan: where in a ring sound begins and where it is over, exact to the frame.
//
// It looks at the samples themselves, on the writer thread and ahead of what is written: so a burst
// is the same however late the thread looks, and the same in each of two rings. Nothing is asked of
// the capture thread.
#pragma once

#include <cstdint>
#include <optional>

#include "iocore/base/pcm_format.h"
#include "iocore/ring/spsc_ring.h"

namespace holdfast {

struct SoundTrigger {
    double level = 1;              // linear: a sample of any channel, of either sign
    std::uint64_t holdFrames = 0;  // a burst ends so long after its last such frame
};

class BurstScan {
  public:
    BurstScan(const PcmFormat& format, const SoundTrigger& trigger);

    // The first loud frame of what is captured and was not looked at. [writer thread] [real-time]
    std::optional<std::uint64_t> findStart(SpscRing::Consumer& consumer);
    // A burst begins at this frame of the ring, loud or not. [writer thread]
    void beginAt(std::uint64_t ringFrame);
    // Looks at all that is captured, as far as it belongs to the burst. [writer thread] [real-time]
    void follow(SpscRing::Consumer& consumer);
    // Behind the last frame that is known to belong to the burst. It never grows once isOver().
    [[nodiscard]] std::uint64_t limit() const { return lastLoud_ + 1 + trigger_.holdFrames; }
    [[nodiscard]] bool isOver() const { return looked_ >= limit(); }

  private:
    [[nodiscard]] bool isLoud(const std::byte* frame) const;

    PcmFormat format_;
    SoundTrigger trigger_;
    double threshold_ = 0;      // of a sample as it is stored
    std::uint64_t looked_ = 0;  // frames of the ring
    std::uint64_t lastLoud_ = 0;
};

}  // namespace holdfast
