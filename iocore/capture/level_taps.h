// LevelTaps: peak and clip count of everything a device delivers, taken on the capture thread.
//
// One thread writes, any thread reads, and a reader takes a peak away by exchanging it for zero: so
// a short peak is seen by the next reader however rarely it looks. Paused audio is metered too.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "iocore/base/pcm_format.h"

namespace holdfast {

class LevelTaps {
  public:
    // Takes in whole interleaved frames, in any alignment. [capture thread] [real-time]
    void add(const PcmFormat& format, std::span<const std::byte> interleaved);
    // Peak of a channel since the last call, linear: full scale is 1, floats may exceed it; not a
    // number counts as silence. 0 for a channel the device has not. [any thread] [real-time]
    float takePeak(std::uint32_t channel);
    // Samples at full scale of either sign (floats: 1 and beyond), of all channels, since the
    // start. [any thread] [real-time]
    [[nodiscard]] std::uint64_t clippedSamples() const;

  private:
    void raisePeak(std::uint32_t channel, float peak);

    std::array<std::atomic<float>, kMaxChannels> peaks_{};
    std::atomic<std::uint64_t> clipped_{0};
};

}  // namespace holdfast
