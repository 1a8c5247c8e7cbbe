// SideWork: work for a disk that the recording must not wait for: one piece after the other, on a
// thread of its own that lives as long as there is some.
//
// A piece that hangs holds up the ones behind it and nobody else. So what a piece uses must be its
// own.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace holdfast {

class SideWork {
  public:
    SideWork();
    // [any thread]
    void post(std::function<void()> piece);
    // Waits until all is done; false when that takes longer. [any thread] [blocks]
    bool drain(std::chrono::milliseconds atMost);

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace holdfast
