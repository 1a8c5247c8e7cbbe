// RecoveryDialog: offers what a crash has left, at the start.
#pragma once

#include <QDialog>
#include <vector>

#include "ui/recovery_list.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QTreeWidget;

namespace holdfast {

class RecoveryDialog : public QDialog {
    Q_OBJECT

  public:
    explicit RecoveryDialog(std::vector<UnfinishedTake> takes, QWidget* parent = nullptr);

  private:
    void fill();
    void recoverSelected();
    void onRepaired(int index, bool good, const QString& text);
    void onFinished();
    [[nodiscard]] std::vector<int> selected() const;

    std::vector<UnfinishedTake> takes_;
    std::vector<int> running_;  // rows, in the order of the run
    QTreeWidget* list_ = nullptr;
    QLabel* note_ = nullptr;
    QProgressBar* progress_ = nullptr;
    QPushButton* recover_ = nullptr;
    QPushButton* skip_ = nullptr;
    RecoveryRun run_;
};

// Looks in the background, and opens the dialog over `window` when there is something.
void offerRecovery(QWidget* window);

}  // namespace holdfast
