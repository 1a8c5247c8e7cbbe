#include "iocore/recorder/side_work.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace holdfast {

struct SideWork::State {
    std::mutex mutex;
    std::condition_variable done;
    std::deque<std::function<void()>> pieces;
    bool runs = false;

    void run() {
        std::unique_lock lock(mutex);
        while (!pieces.empty()) {
            auto piece = std::move(pieces.front());
            pieces.pop_front();
            lock.unlock();
            try {
                piece();
            } catch (const std::exception&) {
                // A comfort ends; the recording does not.
            }
            piece = nullptr;  // what it owns goes without the lock
            lock.lock();
        }
        runs = false;
        done.notify_all();
    }
};

SideWork::SideWork() : state_(std::make_shared<State>()) {}

void SideWork::post(std::function<void()> piece) {
    const std::lock_guard lock(state_->mutex);
    state_->pieces.push_back(std::move(piece));
    if (std::exchange(state_->runs, true)) return;
    std::thread([state = state_] { state->run(); }).detach();
}

bool SideWork::drain(std::chrono::milliseconds atMost) {
    std::unique_lock lock(state_->mutex);
    return state_->done.wait_for(lock, atMost, [this] { return !state_->runs; });
}

}  // namespace holdfast
