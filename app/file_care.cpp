#include "app/file_care.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <utility>

#include "app/hook_process.h"
#include "iocore/base/background_thread.h"
#include "iocore/recovery/finished_file.h"

namespace holdfast {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

// A file may be finished by another program: holdfast-recover.
constexpr seconds kLook{60};
constexpr seconds kFirstRetry{5};
constexpr seconds kLastRetry{600};
// For a hook that is to end.
constexpr seconds kLastPatience{5};

std::uint64_t wallClockNs() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::system_clock::now().time_since_epoch())
                                          .count());
}

}  // namespace

struct FileCare::Work {
    CareOptions options;
    FileLedger ledger;

    mutable std::mutex mutex;
    std::condition_variable changed;
    std::deque<LedgerEntry> begun;  // not in the ledger yet
    std::vector<CareNews> news;
    std::function<void()> wake;
    bool lookAsked = true;  // what an earlier recording has left
    bool finishing = false;
    bool left = false;
    bool done = false;
    std::size_t waiting = 0;
    std::map<std::string, LedgerEntry> own;  // this recording's files, by take id
    const std::uint64_t begunNs = wallClockNs();

    // Of the care thread alone.
    struct Retry {
        seconds interval = kFirstRetry;
        Clock::time_point tried;
        Clock::time_point due;
    };
    std::map<std::string, Retry> retries;  // by take id

    explicit Work(CareOptions wished) : options(std::move(wished)), ledger(options.ledger) {}

    [[nodiscard]] bool isLeft() const {
        const std::lock_guard lock(mutex);
        return left;
    }
    // Under the lock, so that onNews({}) is a promise that nothing is called any more.
    void tell(CareNews::What what, const std::string& path, int status, std::string text) {
        const std::lock_guard lock(mutex);
        news.push_back({what, path, status, std::move(text)});
        if (wake) wake();
    }
    void enter(const File& file);
    void run();
    void enterBegun(std::unique_lock<std::mutex>& lock);
    [[nodiscard]] Clock::time_point nextLook() const;
    void round(bool isLast);
    bool ship(LedgerEntry& entry);
    void expire(const std::vector<std::pair<LedgerEntry, KeptFile>>& files);
};

void FileCare::Work::enter(const File& file) {
    const std::lock_guard lock(mutex);
    auto [known, isNew] = own.try_emplace(
        file.takeId, LedgerEntry{file.takeId, file.path, begunNs, file.part,
                                 !options.command.empty(), options.retention.has_value()});
    LedgerEntry& entry = known->second;
    if (isNew || std::exchange(entry.path, file.path) != file.path) begun.push_back(entry);
    lookAsked = true;
    changed.notify_all();
}

void FileCare::Work::run() {
    giveWayToOtherThreads();
    std::unique_lock lock(mutex);
    while (!left) {
        changed.wait_until(lock, nextLook(), [this] { return lookAsked || finishing || left; });
        if (left) break;
        enterBegun(lock);
        lookAsked = false;
        const bool isLast = finishing;
        lock.unlock();
        round(isLast);
        lock.lock();
        if (isLast) break;
    }
    // What was not entered would be forgotten.
    enterBegun(lock);
    done = true;
    changed.notify_all();
}

void FileCare::Work::enterBegun(std::unique_lock<std::mutex>& lock) {
    while (!begun.empty()) {
        const LedgerEntry entry = std::move(begun.front());
        begun.pop_front();
        lock.unlock();
        if (const auto put = ledger.put(entry); !put) {
            tell(CareNews::What::problem, entry.path, 0, put.error().text);
        }
        lock.lock();
    }
}

Clock::time_point FileCare::Work::nextLook() const {
    Clock::time_point next = Clock::now() + kLook;
    for (const auto& [id, retry] : retries) next = std::min(next, retry.due);
    return next;
}

// `isLast`: what failed is tried now, but for what has just failed.
void FileCare::Work::round(bool isLast) {
    auto entries = ledger.list(options.folders);
    if (!entries) return tell(CareNews::What::problem, options.ledger, 0, entries.error().text);
    std::vector<std::pair<LedgerEntry, KeptFile>> expiring;
    std::size_t toShip = 0;
    for (LedgerEntry& entry : *entries) {
        if (isLeft()) break;
        const FinishedFile found = judgeFile(entry.path, entry.takeId);
        if (found.standing == FileStanding::gone) {
            (void)ledger.remove(entry);
            retries.erase(entry.takeId);
            continue;
        }
        if (found.standing != FileStanding::finished) continue;
        if (entry.toShip && !options.command.empty()) {
            const auto retry = retries.find(entry.takeId);
            const auto now = Clock::now();
            const bool isDue = retry == retries.end() || retry->second.due <= now ||
                               (isLast && now - retry->second.tried >= kFirstRetry);
            if (!isDue || !ship(entry)) ++toShip;
        }
        const bool mayGo = !entry.toShip && entry.mayExpire && found.isVerified;
        if (mayGo) expiring.emplace_back(entry, KeptFile{found.modifiedNs, found.bytes});
    }
    {
        const std::lock_guard lock(mutex);
        waiting = toShip;
    }
    if (options.retention) expire(expiring);
}

bool FileCare::Work::ship(LedgerEntry& entry) {
    const auto status = runHook({options.command, entry.path}, [this] { return isLeft(); });
    if (!status && status.error().code == ECANCELED) return false;
    if (!status || *status != 0) {
        Retry& retry = retries[entry.takeId];
        retry.tried = Clock::now();
        retry.due = retry.tried + retry.interval;
        retry.interval = std::min(retry.interval * 2, kLastRetry);
        tell(CareNews::What::hookFailed, entry.path, status.value_or(127),
             status ? "" : status.error().text);
        return false;
    }
    retries.erase(entry.takeId);
    entry.toShip = false;
    tell(CareNews::What::shipped, entry.path, 0, "");
    const auto noted = entry.mayExpire ? ledger.put(entry) : ledger.remove(entry);
    if (!noted) tell(CareNews::What::problem, entry.path, 0, noted.error().text);
    return true;
}

void FileCare::Work::expire(const std::vector<std::pair<LedgerEntry, KeptFile>>& files) {
    std::vector<KeptFile> ages;
    for (const auto& [entry, file] : files) ages.push_back(file);
    const std::size_t count = filesToRemove(*options.retention, ages, wallClockNs());
    for (std::size_t i = 0; i < count && !isLeft(); ++i) {
        const LedgerEntry& entry = files[i].first;
        if (const auto removed = removeFinishedFile(entry.path); !removed) {
            tell(CareNews::What::problem, entry.path, 0, removed.error().text);
            continue;
        }
        (void)ledger.remove(entry);
        tell(CareNews::What::removed, entry.path, 0, "");
    }
}

FileCare::FileCare(CareOptions options) : work_(std::make_shared<Work>(std::move(options))) {
    thread_ = std::thread([work = work_] {
        try {
            work->run();
        } catch (const std::exception& problem) {
            work->tell(CareNews::What::problem, "", 0, problem.what());
            const std::lock_guard lock(work->mutex);
            work->done = true;
        }
    });
}

FileCare::~FileCare() {
    leave();
    onNews({});
    waitUntilDone(kLastPatience) ? thread_.join() : thread_.detach();
}

void FileCare::enter(const File& file) {
    work_->enter(file);
}

void FileCare::onNews(std::function<void()> wake) {
    const std::lock_guard lock(work_->mutex);
    work_->wake = std::move(wake);
}

std::vector<CareNews> FileCare::takeNews() {
    const std::lock_guard lock(work_->mutex);
    return std::exchange(work_->news, {});
}

void FileCare::finish() {
    const std::lock_guard lock(work_->mutex);
    work_->finishing = true;
    work_->changed.notify_all();
}

void FileCare::leave() {
    const std::lock_guard lock(work_->mutex);
    work_->left = true;
    work_->changed.notify_all();
}

bool FileCare::waitUntilDone(std::chrono::milliseconds atMost) {
    std::unique_lock lock(work_->mutex);
    return work_->changed.wait_for(lock, atMost, [this] { return work_->done; });
}

std::size_t FileCare::waiting() const {
    const std::lock_guard lock(work_->mutex);
    return work_->waiting;
}

}  // namespace holdfast
