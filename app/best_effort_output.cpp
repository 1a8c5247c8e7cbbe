#include "app/best_effort_output.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include "app/output_descriptor.h"

namespace holdfast {

struct BestEffortOutput::Shared {
    int descriptor = -1;
    std::size_t maxWaitingBytes = 0;

    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::string> waiting;
    std::size_t waitingBytes = 0;  // the text that is being written included
    std::uint64_t writes = 0;
    std::uint64_t dropped = 0;
    bool broken = false;
    bool closing = false;

    bool accept(std::string text, std::size_t limit);
    bool writeAll(const std::string& text);
    void run();
};

bool BestEffortOutput::Shared::accept(std::string text, std::size_t limit) {
    const std::lock_guard lock(mutex);
    if (broken || waitingBytes > limit || text.size() > maxWaitingBytes - waitingBytes) {
        ++dropped;
        return false;
    }
    waitingBytes += text.size();
    waiting.push_back(std::move(text));
    changed.notify_all();
    return true;
}

// Without the lock: this may hang for ever.
bool BestEffortOutput::Shared::writeAll(const std::string& text) {
    for (std::string_view left = text; !left.empty();) {
        const auto put = writeSome(descriptor, left);
        if (!put) return false;
        left.remove_prefix(*put);
        const std::lock_guard lock(mutex);
        ++writes;
    }
    return true;
}

void BestEffortOutput::Shared::run() {
    std::unique_lock lock(mutex);
    while (true) {
        changed.wait(lock, [&] { return closing || !waiting.empty(); });
        if (waiting.empty()) return;
        const std::string text = std::move(waiting.front());
        waiting.pop_front();
        lock.unlock();
        const bool written = writeAll(text);
        lock.lock();
        waitingBytes -= text.size();
        if (!written) {
            broken = true;
            dropped += 1 + waiting.size();
            waiting.clear();
            waitingBytes = 0;
        }
        changed.notify_all();
    }
}

BestEffortOutput::BestEffortOutput(int descriptor, std::size_t maxWaitingBytes)
    : shared_(std::make_shared<Shared>()) {
    shared_->descriptor = descriptor;
    shared_->maxWaitingBytes = maxWaitingBytes;
    std::thread([shared = shared_] { shared->run(); }).detach();
}

BestEffortOutput::~BestEffortOutput() {
    const std::lock_guard lock(shared_->mutex);
    shared_->closing = true;
    shared_->changed.notify_all();
}

bool BestEffortOutput::send(std::string text) {
    return shared_->accept(std::move(text), shared_->maxWaitingBytes);
}

bool BestEffortOutput::sendIfIdle(std::string text) {
    return shared_->accept(std::move(text), 0);
}

std::uint64_t BestEffortOutput::dropped() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->dropped;
}

void BestEffortOutput::drain(std::chrono::milliseconds patience) {
    std::unique_lock lock(shared_->mutex);
    while (shared_->waitingBytes > 0) {
        const std::uint64_t before = shared_->writes;
        shared_->changed.wait_for(lock, patience, [&] { return shared_->waitingBytes == 0; });
        if (shared_->writes == before) return;
    }
}

}  // namespace holdfast
