// DiskGate: what to do when a disk does not answer.
//
// A call into the system cannot be taken back, so its thread may stand in it for ever. Every
// operation of a watched folder passes the gate on its way in and out. While one is inside, another
// thread may hold it: its end then waits, and all that its thread owns may be read without a race.
// It is then let go on, as if nothing had been, or turned away: this and every later operation
// fails with ECANCELED, until the thread opens the gate again for what is left to it.
//
// The alternative, a time limit on each operation, would give up on disks that only are slow.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace holdfast {

class DiskGate {
  public:
    // False when the thread was turned away: then nothing may be done. [writer thread]
    [[nodiscard]] bool enter();
    // Waits while held. False when the thread was turned away meanwhile. [writer thread] [blocks]
    [[nodiscard]] bool leave();
    // After it was turned away: what it does from here on is its own. [writer thread]
    void open();
    [[nodiscard]] bool turnedAway() const;  // [any thread]

    // For how long the present operation has been inside; 0 when there is none. [any thread]
    [[nodiscard]] std::chrono::nanoseconds waiting() const;
    // Holds the operation that has been inside for at least so long; false when there is none.
    // Follow with letGo() or turnAway(). [another thread]
    [[nodiscard]] bool hold(std::chrono::nanoseconds atLeast);
    void letGo();
    void turnAway();

  private:
    static std::uint64_t now();

    // 0: nobody inside; kHeld, kTurnedAway; else when the operation came in, ns of the steady
    // clock.
    std::atomic<std::uint64_t> state_{0};
    std::uint64_t enteredAt_ = 0;  // of the writer thread
    std::atomic<std::uint64_t> heldSince_{0};
};

}  // namespace holdfast
