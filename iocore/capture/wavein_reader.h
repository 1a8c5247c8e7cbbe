// WaveInReader: what the capture thread does: headers that are done go to the feed and back to the
// driver, and what the driver does not say is found out: audio that it threw away, a device that is
// gone. Takes no lock and allocates nothing, but for the words of the end.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "iocore/base/gap.h"
#include "iocore/capture/capture_feed.h"
#include "iocore/capture/frame_clock.h"
#include "iocore/capture/wavein_gate.h"
#include "iocore/capture/wavein_stream.h"

namespace holdfast {

class WaveInReader {
  public:
    // `device`: its name, for the words of the end. The stream outlives the reader; the feed is not
    // touched after the gate was shut. [control thread]
    WaveInReader(WaveInStream& stream, CaptureFeed& feed, std::string device);

    enum class End { stopped, deviceLost };
    // Delivers until stop() or until the device is gone, which the feed is told. [capture thread]
    End run();
    // After run() was stopped: takes what the driver has as well, which may hang.
    // [capture thread] [blocks]
    void stopAndDrain();

    // [any thread]
    void stop();
    [[nodiscard]] FeedGate& gate() { return gate_; }

  private:
    [[nodiscard]] std::uint64_t framesOf(std::uint32_t headers, bool& anyIsShort) const;
    bool tellGap(std::uint64_t nowNs, std::uint64_t frames);
    bool deliver(std::uint32_t place);
    bool isSilentForTooLong(std::uint64_t nowNs, bool anyDone);
    bool takeDone();
    bool takeReturned(std::uint64_t stoppedNs);
    void endLost(int code, const std::string& what);

    WaveInStream& stream_;
    CaptureFeed& feed_;
    std::string device_;
    FeedGate gate_;
    std::atomic<bool> stopping_{false};

    FrameClock clock_;
    FrameClock::Suspicion suspicion_ = FrameClock::Suspicion::none;
    std::uint64_t delivered_ = 0;  // frames
    std::uint64_t lastDoneNs_ = 0;
    std::uint64_t lastLookNs_ = 0;
    std::uint64_t silentNs_ = 0;     // looked at without a header that was done
    std::uint64_t lostAfterNs_ = 0;  // when that is so much, the device is gone
    std::chrono::milliseconds look_;
};

}  // namespace holdfast
