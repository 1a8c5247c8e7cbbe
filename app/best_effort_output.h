// BestEffortOutput: lines for a pipe, a console or a file that may stand still for ever.
//
// Nothing that reads our output may delay a commit or a stop. A thread of its own writes, and may
// hang in it; whoever sends never waits, and at the end the thread is left behind. Dropped: setting
// O_NONBLOCK, which would change the descriptor for every program that shares it; poll() before
// each write, which still blocks when another writer fills the pipe in between, and on a file of a
// dead network disk.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace holdfast {

class BestEffortOutput {
  public:
    static constexpr std::size_t kMaxWaitingBytes = 256u << 10;

    // `descriptor` stays the caller's and open until the process ends.
    explicit BestEffortOutput(int descriptor, std::size_t maxWaitingBytes = kMaxWaitingBytes);
    // Leaves the thread behind when it hangs in a write.
    ~BestEffortOutput();
    BestEffortOutput(const BestEffortOutput&) = delete;
    BestEffortOutput& operator=(const BestEffortOutput&) = delete;

    // Whole or not at all. False: dropped and counted, as too much waits or nobody can read any
    // more (EPIPE). [any thread]
    bool send(std::string text);
    // For what is stale a moment later: dropped when anything waits before it. [any thread]
    bool sendIfIdle(std::string text);
    [[nodiscard]] std::uint64_t dropped() const;  // texts [any thread]
    // Until all is written, or nothing moved for `patience`. [control thread] [blocks]
    void drain(std::chrono::milliseconds patience);

  private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace holdfast
