#include "ui/recovery_dialog.h"

#include <QDateTime>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <future>
#include <memory>

#include "iocore/base/duration.h"

namespace holdfast {
namespace {

enum Column { kName, kStarted, kLength, kSafe, kGaps, kResult, kColumns };

QString textOf(const std::string& text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString clock(std::uint64_t frames, const RecoveryReport& report) {
    return textOf(clockText(frames, std::max(1U, report.format.sampleRate)));
}

}  // namespace

RecoveryDialog::RecoveryDialog(std::vector<UnfinishedTake> takes, QWidget* parent)
    : QDialog(parent), takes_(std::move(takes)) {
    setWindowTitle(tr("Unfinished recordings"));
    auto* column = new QVBoxLayout(this);
    note_ = new QLabel(
        tr("These recordings were not finished: the program or the computer stopped. Recovery "
           "works in the files themselves and can be undone (holdfast-recover repair --undo)."),
        this);
    note_->setWordWrap(true);
    column->addWidget(note_);
    list_ = new QTreeWidget(this);
    list_->setObjectName(QStringLiteral("unfinished"));
    list_->setAccessibleName(tr("Unfinished recordings"));
    list_->setRootIsDecorated(false);
    list_->setHeaderLabels({tr("Recording"), tr("Started"), tr("Recoverable"), tr("Last safe"),
                            tr("Gaps"), tr("Result")});
    column->addWidget(list_, 1);
    progress_ = new QProgressBar(this);
    progress_->setAccessibleName(tr("Progress"));
    progress_->setRange(0, 1000);
    progress_->hide();
    column->addWidget(progress_);
    auto* buttons = new QDialogButtonBox(this);
    recover_ = buttons->addButton(tr("Recover selected"), QDialogButtonBox::AcceptRole);
    recover_->setObjectName(QStringLiteral("recover"));
    skip_ = buttons->addButton(tr("Skip for now"), QDialogButtonBox::RejectRole);
    skip_->setObjectName(QStringLiteral("skip"));
    column->addWidget(buttons);
    connect(recover_, &QPushButton::clicked, this, &RecoveryDialog::recoverSelected);
    connect(skip_, &QPushButton::clicked, this, [this] {
        run_.cancel();
        reject();
    });
    connect(&run_, &RecoveryRun::repaired, this, &RecoveryDialog::onRepaired);
    connect(&run_, &RecoveryRun::finished, this, &RecoveryDialog::onFinished);
    connect(&run_, &RecoveryRun::progressed, this,
            [this](int, double part) { progress_->setValue(static_cast<int>(part * 1000)); });
    fill();
    resize(760, 320);
}

void RecoveryDialog::fill() {
    const QLocale locale;
    for (const UnfinishedTake& take : takes_) {
        auto* row = new QTreeWidgetItem(list_);
        const RecoveryReport& report = take.report;
        row->setText(kName, textOf(take.name));
        row->setToolTip(kName, textOf(take.folder));
        row->setCheckState(kName, Qt::Checked);
        if (report.startedAtNs > 0) {
            const auto started =
                QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(report.startedAtNs / 1'000'000));
            row->setText(kStarted, locale.toString(started, QLocale::ShortFormat));
        }
        row->setText(kLength, clock(report.recoverableFrames, report));
        row->setText(kSafe, clock(report.lastSafeFrame, report));
        row->setText(kGaps, QString::number(report.gaps.size()));
    }
    for (int i = 0; i < kColumns; ++i) list_->resizeColumnToContents(i);
}

std::vector<int> RecoveryDialog::selected() const {
    std::vector<int> rows;
    for (int i = 0; i < list_->topLevelItemCount(); ++i) {
        const auto* row = list_->topLevelItem(i);
        if (row->checkState(kName) == Qt::Checked && row->text(kResult).isEmpty()) {
            rows.push_back(i);
        }
    }
    return rows;
}

void RecoveryDialog::recoverSelected() {
    running_ = selected();
    if (running_.empty()) return accept();
    std::vector<UnfinishedTake> takes;
    for (const int row : running_) takes.push_back(takes_[static_cast<std::size_t>(row)]);
    recover_->setEnabled(false);
    skip_->setText(tr("Cancel"));
    progress_->setValue(0);
    progress_->show();
    run_.start(std::move(takes));
}

void RecoveryDialog::onRepaired(int index, bool good, const QString& text) {
    auto* row = list_->topLevelItem(running_[static_cast<std::size_t>(index)]);
    row->setText(kResult, text);
    row->setCheckState(kName, good ? Qt::Unchecked : Qt::Checked);
    list_->resizeColumnToContents(kResult);
}

void RecoveryDialog::onFinished() {
    progress_->hide();
    recover_->setText(tr("Close"));
    recover_->setEnabled(true);
    skip_->hide();
    disconnect(recover_, nullptr, this, nullptr);
    connect(recover_, &QPushButton::clicked, this, &QDialog::accept);
}

void offerRecovery(QWidget* window) {
    struct Look {
        std::future<std::vector<UnfinishedTake>> takes;
    };
    auto look = std::make_shared<Look>();
    look->takes = std::async(std::launch::async, [] { return listUnfinished(); });
    auto* timer = new QTimer(window);
    QObject::connect(timer, &QTimer::timeout, window, [window, timer, look] {
        if (look->takes.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
        timer->deleteLater();
        timer->stop();
        auto takes = look->takes.get();
        if (takes.empty()) return;
        auto* dialog = new RecoveryDialog(std::move(takes), window);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->open();
    });
    timer->start(50);
}

}  // namespace holdfast
