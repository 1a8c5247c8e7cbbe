#include <unistd.h>
#include <csignal>

#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "app/exit_status.h"
#include "app/keys.h"
#include "app/stop_signal.h"

namespace holdfast {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kSecondInterrupt{3};
// The control thread's time to say how to recover; it may hang.
constexpr std::chrono::seconds kLeaveDeadline{1};

bool isIgnored(int signal) {
    struct sigaction action {};
    return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

struct StopSignal::Shared {
    sigset_t signals{};
    std::mutex mutex;
    Seen seen;
    bool armed = true;
    std::function<void()> wake;

    void run();
    void note(int signal);
    void wakeControl();
    bool leavingIsDue();
    std::optional<Clock::time_point> lastInterrupt;
};

void StopSignal::Shared::run() {
    while (true) {
        int signal = 0;
        if (::sigwait(&signals, &signal) != 0) continue;
        note(signal);
        wakeControl();
        if (!leavingIsDue()) continue;
        std::this_thread::sleep_for(kLeaveDeadline);
        if (leavingIsDue()) leave();
    }
}

void StopSignal::Shared::note(int signal) {
    const std::lock_guard lock(mutex);
    switch (signal) {
        case SIGUSR1:
            ++seen.splits;
            return;
        case SIGUSR2:
            ++seen.markers;
            return;
        case SIGINT: {
            const auto now = Clock::now();
            if (armed && lastInterrupt && now - *lastInterrupt < kSecondInterrupt) {
                seen.leaveNow = true;
            }
            lastInterrupt = now;
            break;
        }
        default:
            break;
    }
    seen.stop = true;
}

// Under the lock, so that onSignal({}) is a promise that nothing is called any more.
void StopSignal::Shared::wakeControl() {
    const std::lock_guard lock(mutex);
    if (wake) wake();
}

bool StopSignal::Shared::leavingIsDue() {
    const std::lock_guard lock(mutex);
    return armed && seen.leaveNow;
}

std::unique_ptr<StopSignal> StopSignal::install() {
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);
    auto shared = std::make_shared<Shared>();
    ::sigemptyset(&shared->signals);
    // Blocked signals reach sigwait() even when they are ignored, so those are left out.
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}) {
        if (!isIgnored(signal)) ::sigaddset(&shared->signals, signal);
    }
    sigset_t blocked = shared->signals;
    // A recorder in the background may write to its terminal, and is not stopped for reading.
    ::sigaddset(&blocked, SIGTTOU);
    ::sigaddset(&blocked, SIGTTIN);
    ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    std::thread([shared] { shared->run(); }).detach();
    return std::unique_ptr<StopSignal>(new StopSignal(std::move(shared)));
}

StopSignal::StopSignal(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

StopSignal::~StopSignal() {
    disarm();
}

// leaveNow stays set: the signal thread looks at it again.
StopSignal::Seen StopSignal::look() {
    const std::lock_guard lock(shared_->mutex);
    const Seen now = shared_->seen;
    shared_->seen = Seen{.leaveNow = now.leaveNow};
    return now;
}

void StopSignal::onSignal(std::function<void()> wake) {
    const std::lock_guard lock(shared_->mutex);
    shared_->wake = std::move(wake);
}

void StopSignal::disarm() {
    const std::lock_guard lock(shared_->mutex);
    shared_->armed = false;
}

void StopSignal::leave() {
    restoreTerminal();
    ::_exit(kExitInterrupted);
}

}  // namespace holdfast
