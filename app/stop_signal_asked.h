// What was asked of the program from outside, between those who notice it and the control thread.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>

#include "app/stop_signal.h"

namespace holdfast {

class StopSignal::Asked {
  public:
    enum class Kind { stop, interrupt, marker, split };

    // Wakes the control thread. When a second interrupt wants it, the process ends here: at the
    // latest when the control thread has had its time to say how to recover. [any thread] [blocks]
    void notice(Kind kind);

    Seen look();
    void onSignal(std::function<void()> wake);
    void disarm();

  private:
    using Clock = std::chrono::steady_clock;

    void note(Kind kind);
    void wakeControl();
    bool leavingIsDue();

    std::mutex mutex_;
    Seen seen_;
    bool armed_ = true;
    std::function<void()> wake_;
    std::optional<Clock::time_point> lastInterrupt_;
};

}  // namespace holdfast
