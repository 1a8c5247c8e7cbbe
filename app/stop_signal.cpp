#include "app/stop_signal.h"

#include <thread>
#include <utility>

#include "app/stop_signal_asked.h"

namespace holdfast {
namespace {

constexpr std::chrono::seconds kSecondInterrupt{3};
// The control thread's time to say how to recover; it may hang.
constexpr std::chrono::seconds kLeaveDeadline{1};

}  // namespace

void StopSignal::Asked::notice(Kind kind) {
    note(kind);
    wakeControl();
    if (!leavingIsDue()) return;
    std::this_thread::sleep_for(kLeaveDeadline);
    if (leavingIsDue()) leave();
}

void StopSignal::Asked::note(Kind kind) {
    const std::lock_guard lock(mutex_);
    switch (kind) {
        case Kind::split:
            ++seen_.splits;
            return;
        case Kind::marker:
            ++seen_.markers;
            return;
        case Kind::interrupt: {
            const auto now = Clock::now();
            if (armed_ && lastInterrupt_ && now - *lastInterrupt_ < kSecondInterrupt) {
                seen_.leaveNow = true;
            }
            lastInterrupt_ = now;
            break;
        }
        case Kind::stop:
            break;
    }
    seen_.stop = true;
}

// Under the lock, so that onSignal({}) is a promise that nothing is called any more.
void StopSignal::Asked::wakeControl() {
    const std::lock_guard lock(mutex_);
    if (wake_) wake_();
}

bool StopSignal::Asked::leavingIsDue() {
    const std::lock_guard lock(mutex_);
    return armed_ && seen_.leaveNow;
}

// leaveNow stays set: the thread that noticed it looks at it again.
StopSignal::Seen StopSignal::Asked::look() {
    const std::lock_guard lock(mutex_);
    const Seen now = seen_;
    seen_ = Seen{.leaveNow = now.leaveNow};
    return now;
}

void StopSignal::Asked::onSignal(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
}

void StopSignal::Asked::disarm() {
    const std::lock_guard lock(mutex_);
    armed_ = false;
}

StopSignal::StopSignal(std::shared_ptr<Asked> asked) : asked_(std::move(asked)) {}

StopSignal::~StopSignal() {
    disarm();
}

StopSignal::Seen StopSignal::look() {
    return asked_->look();
}

void StopSignal::onSignal(std::function<void()> wake) {
    asked_->onSignal(std::move(wake));
}

void StopSignal::disarm() {
    asked_->disarm();
}

}  // namespace holdfast
