// RecoveryList: the recordings that a crash has left, looked at and repaired on a thread of its
// own. All calls: [UI thread].
#pragma once

#include <QObject>
#include <QTimer>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "iocore/recovery/recovery_report.h"
#include "iocore/recovery/session_index.h"

namespace holdfast {

struct UnfinishedTake {
    std::string folder;
    std::string name;  // of the file, or of the journal where there is none
    RecoveryReport report;
};

// Of this user, and not being recorded now. [any thread] [blocks]
std::vector<UnfinishedTake> listUnfinished(SessionIndex sessions = SessionIndex());

class RecoveryRun : public QObject {
    Q_OBJECT

  public:
    explicit RecoveryRun(QObject* parent = nullptr);
    // Waits for the take that is being repaired; the others stay as they are.
    ~RecoveryRun() override;

    // In place, with an undo log, one after the other. REQUIRES that none is under way.
    void start(std::vector<UnfinishedTake> takes);
    // After the present one; what was begun is gone on with by the next run.
    void cancel();

  Q_SIGNALS:
    // `done` of `total` bytes of take number `index`.
    void progressed(int index, double part);
    // `text`: what was recovered, or why nothing was.
    void repaired(int index, bool good, const QString& text);
    void finished();

  private:
    struct Shared;
    void tick();
    std::shared_ptr<Shared> shared_;
    std::future<void> work_;
    QTimer timer_;
};

}  // namespace holdfast
