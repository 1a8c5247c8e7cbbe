// WaveInSession: an open device with its capture thread, from opening to the end, which may never
// come.
//
// Stop, Reset, Unprepare and Close were seen to hang for ever with a device that was pulled out. So
// they run on the capture thread, behind everything that the take needs: first the last audio, then
// the rest, each waited for until a deadline. After it the thread is left behind with the session,
// which it owns a share of, and finds the gate to the feed shut when it comes back.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "iocore/base/result.h"
#include "iocore/capture/capture_feed.h"
#include "iocore/capture/wavein_reader.h"
#include "iocore/capture/wavein_stream.h"

namespace holdfast {

// How long the control thread waits for a driver.
struct WaveInPatience {
    std::chrono::milliseconds drain{3'000};  // for the last audio
    std::chrono::milliseconds close{3'000};  // for the device to be closed
};

class WaveInSession : public std::enable_shared_from_this<WaveInSession> {
  public:
    // `stream` was opened. [control thread]
    WaveInSession(std::unique_ptr<WaveInStream> stream, WaveInPatience patience);

    // Starts the device and the capture thread. `device`: its name, for errors. Errors:
    // Stage::device. [control thread] [blocks]
    Result<> start(CaptureFeed& feed, const std::string& device);
    // No audio comes after it. Idempotent. [control thread] [blocks]
    void stop();
    // Closes the device, or leaves it and its thread behind. The last call. [control thread]
    // [blocks]
    void finish();

  private:
    // A step of the thread that others wait for.
    class Milestone {
      public:
        void reach();
        bool waitFor(std::chrono::milliseconds atMost);

      private:
        std::mutex mutex_;
        std::condition_variable changed_;
        bool reached_ = false;
    };
    // What the capture thread runs, with a share of the session in its hand.
    void capture();

    std::unique_ptr<WaveInStream> stream_;
    std::optional<WaveInReader> reader_;
    WaveInPatience patience_;
    Milestone drained_;
    Milestone closed_;
    std::thread thread_;
};

}  // namespace holdfast
