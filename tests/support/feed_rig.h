// FeedRig: a feed with its ring, and a consumer that takes out everything it finds.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "iocore/base/gap.h"
#include "iocore/base/pcm_format.h"
#include "iocore/capture/capture_feed.h"
#include "iocore/ring/spsc_ring.h"

namespace holdfast::test {

// Catches a hang; no test passes or fails by it otherwise.
inline constexpr std::chrono::seconds kHangDeadline{60};

class FeedRig {
  public:
    FeedRig(const PcmFormat& format, std::uint64_t capacityFrames);

    CaptureFeed& feed() { return *feed_; }
    LevelTaps& levels() { return levels_; }
    SpscRing& ring() { return *ring_; }
    [[nodiscard]] std::uint64_t wakeUps() const { return wakeUps_; }

    // Takes out what is there and frees its space.
    void drain();
    // Drains until `done()`; false when kHangDeadline passed first. Drains once more after it.
    bool drainUntil(const std::function<bool()>& done);
    bool drainUntilEnd();

    [[nodiscard]] std::uint64_t frames() const { return audio.size() / format_.bytesPerFrame(); }
    // Sample of `channel` in `frame`, sign-extended (S16, S24, S32 formats).
    [[nodiscard]] std::int64_t sampleAt(std::uint64_t frame, std::uint32_t channel) const;

    std::vector<std::byte> audio;  // all audio taken out
    std::vector<Gap> gaps;         // all gaps taken out; atFrame counts frames of `audio`

  private:
    PcmFormat format_;
    std::unique_ptr<SpscRing> ring_;
    LevelTaps levels_;
    std::uint64_t wakeUps_ = 0;
    std::unique_ptr<CaptureFeed> feed_;
    std::unique_ptr<SpscRing::Consumer> consumer_;
};

}  // namespace holdfast::test
