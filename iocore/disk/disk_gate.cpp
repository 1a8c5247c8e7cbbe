#include "iocore/disk/disk_gate.h"

#include <cassert>
#include <limits>

namespace holdfast {
namespace {

constexpr std::uint64_t kTurnedAway = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kHeld = kTurnedAway - 1;

}  // namespace

std::uint64_t DiskGate::now() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

bool DiskGate::enter() {
    if (turnedAway()) return false;
    enteredAt_ = now();
    // Release, partner: hold(), whose thread may then read all that was written before.
    state_.store(enteredAt_, std::memory_order_release);
    return true;
}

bool DiskGate::leave() {
    std::uint64_t seen = enteredAt_;
    // Acquire, partners: letGo() and turnAway(), which have changed what this thread owns.
    while (!state_.compare_exchange_strong(seen, 0, std::memory_order_acq_rel)) {
        if (seen == kTurnedAway) return false;
        // Acquire, partners: the same.
        if (seen == kHeld) state_.wait(kHeld, std::memory_order_acquire);
        seen = enteredAt_;
    }
    return true;
}

void DiskGate::open() {
    assert(turnedAway());
    // Release, partner: none any more; the watching thread has left this gate for good.
    state_.store(0, std::memory_order_release);
}

bool DiskGate::turnedAway() const {
    // Acquire, partner: turnAway().
    return state_.load(std::memory_order_acquire) == kTurnedAway;
}

std::chrono::nanoseconds DiskGate::waiting() const {
    // Relaxed: a time to show, which nothing is read by; hold() looks again (its partner: enter()).
    std::uint64_t since = state_.load(std::memory_order_relaxed);
    if (since == kHeld) since = heldSince_.load(std::memory_order_relaxed);  // partner: hold()
    if (since == 0 || since == kTurnedAway) return {};
    const std::uint64_t present = now();
    return std::chrono::nanoseconds(present > since ? present - since : 0);
}

bool DiskGate::hold(std::chrono::nanoseconds atLeast) {
    // Relaxed: the exchange below decides; its partner is enter().
    std::uint64_t since = state_.load(std::memory_order_relaxed);
    if (since == 0 || since >= kHeld) return false;
    if (now() - since < static_cast<std::uint64_t>(atLeast.count())) return false;
    // Relaxed, partner: waiting(), which only shows it.
    heldSince_.store(since, std::memory_order_relaxed);
    // Acquire, partner: enter(). Fails when the operation has ended, or another has begun.
    return state_.compare_exchange_strong(since, kHeld, std::memory_order_acq_rel);
}

void DiskGate::letGo() {
    // Release, partner: leave().
    state_.store(heldSince_.load(std::memory_order_relaxed), std::memory_order_release);
    state_.notify_all();
}

void DiskGate::turnAway() {
    // Release, partners: leave(), turnedAway().
    state_.store(kTurnedAway, std::memory_order_release);
    state_.notify_all();
}

}  // namespace holdfast
