// FeedGate: lets a capture thread at its feed, until the control thread shuts it for good.
//
// A capture thread that hangs in a driver is left behind, and may come back at any time; the feed
// is gone by then. The capture thread never waits here; who shuts waits for one call of the feed.
#pragma once

#include <atomic>
#include <thread>

namespace holdfast {

class FeedGate {
  public:
    // False once it is shut. Follow with leave(). [capture thread] [real-time]
    [[nodiscard]] bool enter() {
        State open = State::open;
        // Acquire pairs with the release of shut(); there is nothing to see but the state.
        return state_.compare_exchange_strong(open, State::inside, std::memory_order_acquire,
                                              std::memory_order_relaxed);
    }
    // [capture thread] [real-time]
    void leave() {
        // Release pairs with the acquire in shut(): what was fed is seen by who shuts.
        state_.store(State::open, std::memory_order_release);
    }
    // When it returns, nobody is inside or will be. [control thread] [blocks]
    void shut() {
        State open = State::open;
        // Acquire pairs with the release in leave().
        while (!state_.compare_exchange_weak(open, State::shut, std::memory_order_acq_rel,
                                             std::memory_order_acquire)) {
            if (open == State::shut) return;
            open = State::open;
            std::this_thread::yield();
        }
    }

  private:
    enum class State { open, inside, shut };
    std::atomic<State> state_{State::open};
};

}  // namespace holdfast
