// FrameCounter: tells a test, from outside the path, how many frames a device has delivered.
//
// A test that kills the recorder needs a count that no part of the recorder keeps. The file that
// the environment variable HOLDFAST_SYNTH_COUNTER names (it exists and has at least 8 bytes) is
// mapped, and its first 8 bytes hold the count in the machine's byte order: stored after each
// delivery returned, so it never says more than what was delivered.
#pragma once

#include <atomic>
#include <cstdint>

#include "iocore/base/result.h"

namespace holdfast {

class FrameCounter {
  public:
    // Counts nowhere.
    FrameCounter() = default;
    // Counts where HOLDFAST_SYNTH_COUNTER says, or nowhere without it. Errors: Stage::usage, when
    // the file cannot be mapped. [control thread] [blocks]
    static Result<FrameCounter> fromEnvironment();

    FrameCounter(FrameCounter&& other) noexcept;
    FrameCounter& operator=(FrameCounter&& other) noexcept;
    ~FrameCounter();

    // [capture thread] [real-time]
    void store(std::uint64_t frames) {
        // Release pairs with the acquire of the process that reads the file.
        if (count_ != nullptr) count_->store(frames, std::memory_order_release);
    }

  private:
    explicit FrameCounter(std::atomic<std::uint64_t>* count) : count_(count) {}
    std::atomic<std::uint64_t>* count_ = nullptr;
};

}  // namespace holdfast
