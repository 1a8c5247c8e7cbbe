#include "iocore/recorder/take_digests.h"

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "iocore/base/background_thread.h"
#include "iocore/base/path_text.h"
#include "iocore/disk/digest_file.h"

namespace holdfast {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRestsPerRead = 3;
// After cancel(), for a read that is just being done.
constexpr std::chrono::seconds kLastChance{1};

}  // namespace

struct TakeDigests::Work {
    DigestOptions options;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::string> waiting;
    bool hurry = false;
    bool cancelled = false;
    bool reading = false;
    bool reporting = false;
    bool done = false;
    bool left = false;  // by finish(): nobody hears any more
    DigestsEnd end;
    Clock::time_point readingSince;  // digest thread only

    void run();
    void make(const std::string& path);
    Result<std::string> read(const std::string& path, std::unique_ptr<DiskFolder>& folder);
    bool mayGoOn();
    void report(const Error& error);
};

TakeDigests::TakeDigests(DigestOptions options) : work_(std::make_shared<Work>()) {
    work_->options = std::move(options);
    thread_ = std::thread([work = work_] { work->run(); });
}

TakeDigests::~TakeDigests() {
    cancel();
    (void)finish();
}

void TakeDigests::add(std::string path) {
    const std::lock_guard lock(work_->mutex);
    work_->end.path = path;
    work_->end.sha256.clear();
    work_->waiting.push_back(std::move(path));
    work_->changed.notify_all();
}

void TakeDigests::cancel() {
    const std::lock_guard lock(work_->mutex);
    work_->cancelled = true;
    work_->changed.notify_all();
}

void TakeDigests::hurry() {
    const std::lock_guard lock(work_->mutex);
    work_->hurry = true;
    work_->changed.notify_all();
}

DigestsEnd TakeDigests::finish() {
    hurry();
    std::unique_lock lock(work_->mutex);
    if (!thread_.joinable()) return work_->end;
    work_->changed.wait(lock, [&] { return work_->done || work_->cancelled; });
    // What is done in time is counted, and its thread ends with it.
    work_->changed.wait_for(lock, kLastChance, [&] { return work_->done; });
    work_->changed.wait(lock, [&] { return work_->done || !work_->reporting; });
    work_->left = !work_->done;
    DigestsEnd end = work_->end;
    if (work_->left) end.left += work_->waiting.size() + (work_->reading ? 1 : 0);
    lock.unlock();
    work_->left ? thread_.detach() : thread_.join();
    return end;
}

void TakeDigests::Work::run() {
    giveWayToOtherThreads();
    std::unique_lock lock(mutex);
    while (true) {
        changed.wait(lock, [&] { return !waiting.empty() || hurry; });
        if (waiting.empty()) break;
        const std::string path = std::move(waiting.front());
        waiting.pop_front();
        if (cancelled) {
            ++end.left;
            continue;
        }
        reading = true;
        lock.unlock();
        make(path);
        lock.lock();
        reading = false;
    }
    done = true;
    changed.notify_all();
}

Result<std::string> TakeDigests::Work::read(const std::string& path,
                                            std::unique_ptr<DiskFolder>& folder) {
    readingSince = Clock::now();
    auto opened = options.openFolder(folderOfPath(path));
    if (!opened) return fail(opened.error());
    folder = std::move(*opened);
    return digestOfFile(*folder, std::string(nameOfPath(path)), [this] { return mayGoOn(); });
}

void TakeDigests::Work::make(const std::string& path) {
    std::unique_ptr<DiskFolder> folder;
    const auto sha256 = read(path, folder);
    {
        const std::lock_guard lock(mutex);
        if (sha256 && end.path == path) end.sha256 = *sha256;
        const bool leftOut = !sha256 && sha256.error().code == ECANCELED;
        if (leftOut) ++end.left;
        if (!sha256 && !leftOut) end.unreadable = true;
        if (left || leftOut) return;
    }
    if (!sha256) {
        Error error = sha256.error();
        error.text = "the finished file cannot be read back: " + error.text;
        return report(error);
    }
    const std::string name(nameOfPath(path));
    if (auto written = writeDigestFile(*folder, name, *sha256, options.existing); !written) {
        report(written.error());
    }
}

// Rests after a piece, unless somebody waits.
bool TakeDigests::Work::mayGoOn() {
    const auto took = Clock::now() - readingSince;
    std::unique_lock lock(mutex);
    changed.wait_for(lock, kRestsPerRead * took, [&] { return hurry || cancelled; });
    readingSince = Clock::now();
    return !cancelled;
}

// Not under the mutex: who hears of it may ask and lock in turn.
void TakeDigests::Work::report(const Error& error) {
    {
        const std::lock_guard lock(mutex);
        if (left || !options.error) return;
        reporting = true;
    }
    options.error(error);
    const std::lock_guard lock(mutex);
    reporting = false;
    changed.notify_all();
}

}  // namespace holdfast
