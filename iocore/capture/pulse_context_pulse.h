// PulseContext: one connection to the sound server, with its own thread.
//
// libpulse's asynchronous interface on a threaded main loop: its thread calls the stream callbacks
// and is the capture thread. Every wait ends at a deadline, so that a server that hangs cannot hang
// a recorder. Everything but connect() wants the loop's lock: hold a Lock.
#pragma once

#include <pulse/pulseaudio.h>

#include <functional>
#include <memory>
#include <string>

#include "iocore/base/result.h"

namespace holdfast {

// Whether an error of connect() means that there is no server: one that hangs, or lets nobody in,
// is there and has the devices. [any thread]
bool isServerMissing(const Error& error);

class PulseContext {
  public:
    // Holds the main loop: no callback runs meanwhile. Not in callbacks, which have it already.
    class Lock {
      public:
        explicit Lock(const PulseContext& context) : loop_(context.loop_) {
            pa_threaded_mainloop_lock(loop_);
        }
        ~Lock() { pa_threaded_mainloop_unlock(loop_); }
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;

      private:
        pa_threaded_mainloop* loop_;
    };

    // Connects to the user's server. Errors: Stage::device, saying what to do.
    // [control thread] [blocks]
    static Result<std::unique_ptr<PulseContext>> connect();
    ~PulseContext();
    PulseContext(const PulseContext&) = delete;
    PulseContext& operator=(const PulseContext&) = delete;

    [[nodiscard]] pa_context* get() const { return context_; }

    // Waits until `done()`, which is looked at after each signal(); false when the deadline came
    // first. REQUIRES a Lock. [control thread] [blocks]
    bool waitUntil(const std::function<bool()>& done);
    // Waits for `operation` and lets it go; false when it could not be sent, failed to end, or the
    // connection broke. REQUIRES a Lock. [control thread] [blocks]
    bool finish(pa_operation* operation);
    // Wakes waitUntil(). From callbacks. [capture thread] [real-time]
    void signal() { pa_threaded_mainloop_signal(loop_, 0); }

    // Stage::device with the server's last error and its words. REQUIRES a Lock.
    [[nodiscard]] Error lastError(const std::string& what) const;

  private:
    PulseContext() = default;
    [[nodiscard]] bool isAlive() const;

    pa_threaded_mainloop* loop_ = nullptr;
    pa_context* context_ = nullptr;
};

}  // namespace holdfast
