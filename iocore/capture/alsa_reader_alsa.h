// AlsaReader: what the capture thread does with an ALSA device: reads, finds out how much was lost
// where the driver says that something was, and notices a device that delivers nothing any more.
// Takes no lock and allocates nothing, but for the words of the end.
//
// Lengths come from the driver's own clock: after each reading it says how many frames it had
// captured by then, and when that was. When it runs again after a loss, the frames that the time
// between is long, and that were not delivered, are missing.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "iocore/base/gap.h"
#include "iocore/capture/alsa_format_alsa.h"
#include "iocore/capture/alsa_open_alsa.h"
#include "iocore/capture/capture_feed.h"
#include "iocore/capture/frame_clock.h"
#include "iocore/capture/wavein_gate.h"

namespace holdfast {

class AlsaReader {
  public:
    // `opened` and `feed` outlive the reader; the feed is not touched after the gate was shut.
    // [control thread]
    AlsaReader(AlsaOpened& opened, CaptureFeed& feed);

    enum class End { stopped, deviceLost };
    // The device was started. Delivers until stop() or until the device is gone, which the feed is
    // told. [capture thread]
    End run();
    // After run() was stopped: takes what the device still has, and stops it. [capture thread]
    // [blocks]
    void drain();

    // [any thread]
    void stop();
    [[nodiscard]] FeedGate& gate() { return gate_; }

  private:
    enum class Fate { goesOn, ends };

    bool waitForMore();
    Fate takeWaiting();
    bool deliver(std::uint64_t frames);
    bool tellGap(std::uint64_t frames, GapCause cause);
    Fate recover(int code);
    Fate restart(GapCause cause);
    Fate wakeUp();
    bool enterMissing(const AlsaStanding& now, GapCause cause);
    bool watchClock();
    bool isSilentForTooLong(bool anyCame);
    Fate endLost(int code, const std::string& what);
    [[nodiscard]] bool isStopping() const;

    AlsaPcm& pcm_;
    CaptureFeed& feed_;
    std::string device_;
    FeedGate gate_;
    std::atomic<bool> stopping_{false};

    AlsaUnpacker unpacker_;
    std::uint64_t periodFrames_;
    std::uint64_t bufferFrames_;
    std::uint32_t sampleRate_;
    bool paced_;
    std::vector<std::byte> raw_;       // a period of the device's samples
    std::vector<std::byte> unpacked_;  // of the file's; empty where they are the same

    FrameClock clock_;
    std::uint64_t position_ = 0;  // frames of the device's time: delivered or missing
    // The last that the driver said: so many frames of its time at that moment.
    std::uint64_t knownFrames_ = 0;
    std::uint64_t knownNs_ = 0;
    bool cameSinceRestart_ = true;

    std::chrono::milliseconds look_;
    std::uint64_t lastLookNs_ = 0;
    std::uint64_t silentNs_ = 0;     // looked at without a frame
    std::uint64_t lostAfterNs_ = 0;  // when that is so much, the device is gone
};

}  // namespace holdfast
