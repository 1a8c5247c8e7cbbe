#include "ui/recovery_list.h"

#include <fmt/format.h>

#include <deque>
#include <mutex>
#include <utility>

#include "iocore/base/duration.h"
#include "iocore/base/path_text.h"
#include "iocore/disk/disk_file.h"
#include "iocore/recovery/recovery_scan.h"
#include "iocore/recovery/recovery_writer.h"
#include "iocore/ring/ring_memory.h"

namespace holdfast {
namespace {

constexpr int kTickMs = 50;

ScanOptions scanOptions() {
    ScanOptions scan;
    scan.verifyAll = false;
    scan.ringFolders = RingMemory::places();
    return scan;
}

QString textOf(const std::string& text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

}  // namespace

std::vector<UnfinishedTake> listUnfinished(SessionIndex sessions) {
    std::vector<UnfinishedTake> takes;
    const auto hints = sessions.list();
    if (!hints) return takes;
    for (const SessionHint& hint : *hints) {
        if (!hint.reachable) continue;
        UnfinishedTake take;
        const SplitPath journal = splitPath(hint.journalPath);
        take.folder = journal.folder;
        auto folder = openFolder(take.folder);
        if (!folder) continue;
        auto report = RecoveryScan(**folder, scanOptions()).check(journal.name);
        if (!report || report->verdict == Verdict::live || report->verdict == Verdict::sound) {
            continue;
        }
        take.name = report->wavName.empty() ? journal.name : report->wavName;
        take.report = std::move(*report);
        takes.push_back(std::move(take));
    }
    return takes;
}

struct RecoveryRun::Shared {
    std::atomic<bool> cancelled{false};
    std::mutex mutex;
    struct News {
        int index = 0;
        double part = 0;
        bool ended = false;
        bool good = false;
        QString text;
    };
    std::deque<News> news;

    void add(News one) {
        const std::lock_guard lock(mutex);
        news.push_back(std::move(one));
    }
    void repair(int index, const UnfinishedTake& take);
};

void RecoveryRun::Shared::repair(int index, const UnfinishedTake& take) {
    auto folder = openFolder(take.folder);
    if (!folder) return add({index, 0, true, false, textOf(folder.error().text)});
    RepairOptions options;
    options.scan = scanOptions();
    options.scan.progress = [this, index](std::uint64_t done, std::uint64_t total) {
        add({index,
             total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0,
             false,
             false,
             {}});
        // Relaxed: the flag alone is asked for, nothing else hangs on its order.
        return !cancelled.load(std::memory_order_relaxed);
    };
    const auto result = repairInPlace(**folder, take.name, options);
    if (!result) return add({index, 1, true, false, textOf(result.error().text)});
    const RecoveryReport& report = result->report;
    switch (result->outcome) {
        case RepairOutcome::recovered:
        case RepairOutcome::alreadyRecovered:
        case RepairOutcome::nothingToDo:
            return add({index, 1, true, !result->damageLeft,
                        tr("%1 recovered")
                            .arg(textOf(clockText(report.recoverableFrames,
                                                  std::max(1U, report.format.sampleRate))))});
        case RepairOutcome::removed:
            return add({index, 1, true, true, tr("empty, removed")});
        case RepairOutcome::leftAlone:
            break;
    }
    add({index, 1, true, false, textOf(report.reason)});
}

RecoveryRun::RecoveryRun(QObject* parent) : QObject(parent), shared_(std::make_shared<Shared>()) {
    connect(&timer_, &QTimer::timeout, this, &RecoveryRun::tick);
}

RecoveryRun::~RecoveryRun() {
    cancel();
}

void RecoveryRun::start(std::vector<UnfinishedTake> takes) {
    work_ = std::async(std::launch::async, [shared = shared_, takes = std::move(takes)] {
        for (std::size_t i = 0; i < takes.size(); ++i) {
            // Relaxed, as in the progress.
            if (shared->cancelled.load(std::memory_order_relaxed)) return;
            shared->repair(static_cast<int>(i), takes[i]);
        }
    });
    timer_.start(kTickMs);
}

void RecoveryRun::cancel() {
    // Relaxed, as in the progress.
    shared_->cancelled.store(true, std::memory_order_relaxed);
}

void RecoveryRun::tick() {
    const bool isOver = work_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    std::deque<Shared::News> news;
    {
        const std::lock_guard lock(shared_->mutex);
        news = std::exchange(shared_->news, {});
    }
    for (const Shared::News& one : news) {
        if (one.ended) {
            Q_EMIT repaired(one.index, one.good, one.text);
        } else {
            Q_EMIT progressed(one.index, one.part);
        }
    }
    if (!isOver) return;
    timer_.stop();
    Q_EMIT finished();
}

}  // namespace holdfast
