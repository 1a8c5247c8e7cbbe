#include "ui/main_window.h"

#include <QAccessible>
#include <QCloseEvent>
#include <QComboBox>
#include <QHBoxLayout>
#include <QListWidget>
#include <QMessageBox>
#include <QPushButton>
#include <QShortcut>
#include <QVBoxLayout>
#include <algorithm>

#include "iocore/base/path_text.h"
#include "ui/deck_text.h"
#include "ui/level_meter.h"
#include "ui/phase_icon.h"
#include "ui/waveform_view.h"

namespace holdfast {
namespace {

QString textOf(const std::string& text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QLabel* label(const char* name, QWidget* parent) {
    auto* made = new QLabel(parent);
    made->setObjectName(QString::fromLatin1(name));
    made->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    made->setTextFormat(Qt::PlainText);  // names of files and devices are no markup
    return made;
}

QPushButton* button(const char* name, const QString& text, const QKeySequence& key,
                    QWidget* parent) {
    auto* made = new QPushButton(text, parent);
    made->setObjectName(QString::fromLatin1(name));
    made->setToolTip(QStringLiteral("%1 (%2)").arg(text, key.toString(QKeySequence::NativeText)));
    made->setMinimumHeight(36);
    return made;
}

}  // namespace

MainWindow::MainWindow(RecorderDeck& deck, QWidget* parent) : QMainWindow(parent), deck_(deck) {
    setWindowTitle(QStringLiteral("Holdfast"));
    setMinimumSize(480, 360);
    auto* page = new QWidget(this);
    auto* column = new QVBoxLayout(page);
    column->addWidget(makeTop());
    meter_ = new LevelMeter(page);
    column->addWidget(meter_);
    waveform_ = new WaveformView(page);
    column->addWidget(waveform_, 1);
    column->addWidget(makeClock());
    message_ = label("message", page);
    message_->setAccessibleName(tr("Message"));
    message_->setWordWrap(true);
    message_->hide();
    column->addWidget(message_);
    column->addWidget(makeButtons());
    takes_ = new QListWidget(page);
    takes_->setObjectName(QStringLiteral("takes"));
    takes_->setAccessibleName(tr("Recordings of this session"));
    takes_->setMaximumHeight(110);
    takes_->hide();
    column->addWidget(takes_);
    setCentralWidget(page);
    makeShortcuts();
    connectDeck();
    showDevices();
    showPhase();
    sinceTick_.start();
    record_->setFocus();
}

QWidget* MainWindow::makeTop() {
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    device_ = new QComboBox(row);
    device_->setObjectName(QStringLiteral("device"));
    device_->setAccessibleName(tr("Input device"));
    device_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    device_->setMinimumContentsLength(16);
    device_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    layout->addWidget(device_, 1);
    format_ = label("format", row);
    format_->setAccessibleName(tr("Format"));
    layout->addWidget(format_);
    return row;
}

QWidget* MainWindow::makeClock() {
    auto* block = new QWidget(this);
    auto* column = new QVBoxLayout(block);
    column->setContentsMargins(0, 0, 0, 0);
    auto* row = new QHBoxLayout;
    state_ = label("state", block);
    state_->setAccessibleName(tr("State"));
    room_ = label("room", block);
    room_->setAccessibleName(tr("Room on the disk"));
    stateIcon_ = new QLabel(block);
    row->addWidget(stateIcon_);
    row->addWidget(state_, 1);
    row->addWidget(room_);
    column->addLayout(row);
    elapsed_ = label("elapsed", block);
    elapsed_->setAccessibleName(tr("Elapsed time"));
    QFont large = elapsed_->font();
    large.setPointSizeF(large.pointSizeF() * 2.6);
    large.setStyleHint(QFont::Monospace);
    large.setFixedPitch(true);
    elapsed_->setFont(large);
    elapsed_->setAlignment(Qt::AlignCenter);
    column->addWidget(elapsed_);
    safe_ = label("safe", block);
    safe_->setAccessibleName(tr("Safe on disk"));
    QFont strong = safe_->font();
    strong.setBold(true);
    strong.setPointSizeF(strong.pointSizeF() * 1.2);
    safe_->setFont(strong);
    safe_->setAlignment(Qt::AlignCenter);
    column->addWidget(safe_);
    details_ = label("details", block);
    details_->setAccessibleName(tr("Details of the file"));
    details_->setAlignment(Qt::AlignCenter);
    column->addWidget(details_);
    file_ = label("file", block);
    file_->setAccessibleName(tr("File"));
    file_->setAlignment(Qt::AlignCenter);
    column->addWidget(file_);
    return block;
}

QWidget* MainWindow::makeButtons() {
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    record_ = button("record", tr("Record"), Qt::CTRL | Qt::Key_R, row);
    pause_ = button("pause", tr("Pause"), Qt::Key_P, row);
    marker_ = button("marker", tr("Marker"), Qt::Key_M, row);
    split_ = button("split", tr("New file"), Qt::Key_N, row);
    layout->addWidget(record_, 2);
    for (QPushButton* other : {pause_, marker_, split_}) layout->addWidget(other, 1);
    connect(record_, &QPushButton::clicked, this, &MainWindow::recordOrStop);
    connect(pause_, &QPushButton::clicked, this,
            [this] { deck_.setPaused(deck_.phase() != RecorderDeck::Phase::paused); });
    connect(marker_, &QPushButton::clicked, this, [this] { deck_.addMarker(); });
    connect(split_, &QPushButton::clicked, this, [this] { deck_.split(); });
    return row;
}

void MainWindow::makeShortcuts() {
    const auto add = [this](const QKeySequence& key, const std::function<void()>& act) {
        connect(new QShortcut(key, this), &QShortcut::activated, this, act);
    };
    add(Qt::CTRL | Qt::Key_R, [this] { deck_.record(); });
    add(Qt::CTRL | Qt::Key_Period, [this] { deck_.stop(); });
    add(Qt::Key_P, [this] { pause_->click(); });
    add(Qt::Key_M, [this] { marker_->click(); });
    add(Qt::Key_N, [this] { split_->click(); });
}

void MainWindow::connectDeck() {
    connect(&deck_, &RecorderDeck::ticked, this, &MainWindow::onTick);
    connect(&deck_, &RecorderDeck::phaseChanged, this, &MainWindow::showPhase);
    connect(&deck_, &RecorderDeck::devicesChanged, this, &MainWindow::showDevices);
    connect(&deck_, &RecorderDeck::troubled, this, &MainWindow::say);
    connect(&deck_, &RecorderDeck::gapFound, this, [this](double seconds, const QString& cause) {
        waveform_->addGap(seconds);
        say(tr("%1 s of audio are missing (%2); the place is marked in the file.")
                .arg(seconds, 0, 'f', 3)
                .arg(cause));
    });
    connect(&deck_, &RecorderDeck::silenceChanged, this,
            [this](Silence heard) { say(silenceText(heard)); });
    connect(&deck_, &RecorderDeck::markerSet, this, [this] { waveform_->addMarker(); });
    connect(&deck_, &RecorderDeck::recordingStarted, this, [this] { message_->hide(); });
    connect(&deck_, &RecorderDeck::recordingStopped, this, &MainWindow::onStopped);
    connect(device_, &QComboBox::activated, this, [this](int index) {
        deck_.chooseDevice(device_->itemData(index).toString().toStdString());
    });
}

// A device that is gone stays in the box as long as it is the chosen one.
void MainWindow::showDevices() {
    const QSignalBlocker quiet(device_);
    const QString chosen = textOf(deck_.chosenDevice());
    device_->clear();
    device_->addItem(tr("System default"), QString());
    for (const DeviceInfo& device : deck_.devices()) {
        device_->addItem(textOf(device.name), textOf(device.id));
    }
    int index = device_->findData(chosen);
    if (index < 0) {
        // A synthetic device is in no list.
        const bool isThere =
            deck_.phase() != RecorderDeck::Phase::deviceLost && !deck_.deviceName().isEmpty();
        device_->addItem(isThere ? deck_.deviceName() : tr("%1 (disconnected)").arg(chosen),
                         chosen);
        index = device_->count() - 1;
    }
    device_->setCurrentIndex(index);
}

void MainWindow::recordOrStop() {
    deck_.isRecording() ? deck_.stop() : deck_.record();
}

void MainWindow::showPhase() {
    using Phase = RecorderDeck::Phase;
    const Phase phase = deck_.phase();
    const bool isRecording = deck_.isRecording();
    state_->setText(phaseText(phase));
    stateIcon_->setPixmap(phaseIcon(phase, palette()).pixmap(QSize(20, 20), devicePixelRatioF()));
    showDevices();
    setWindowIcon(phaseIcon(phase, palette()));
    record_->setText(isRecording ? tr("Stop") : tr("Record"));
    record_->setIcon(isRecording ? stopIcon(palette()) : phaseIcon(Phase::recording, palette()));
    record_->setEnabled(isRecording || phase == Phase::monitoring);
    pause_->setText(phase == Phase::paused ? tr("Go on") : tr("Pause"));
    pause_->setEnabled(phase == Phase::recording || phase == Phase::paused);
    marker_->setEnabled(isRecording);
    split_->setEnabled(isRecording);
    // What is recorded is the device that the recording began with.
    device_->setEnabled(!isRecording && phase != Phase::finalising);
    if (phase == Phase::noDevice) say(deck_.problem());
    if (phase == Phase::monitoring && !deck_.problem().isEmpty()) message_->hide();
    if (const auto format = deck_.format()) lastFormat_ = *format;
    format_->setText(deck_.format() ? formatText(lastFormat_) : QString());
    setWindowTitle(isRecording ? tr("%1 - Holdfast").arg(phaseText(phase))
                               : QStringLiteral("Holdfast"));
    showStatus();
}

void MainWindow::showStatus() {
    const RecorderStatus& status = deck_.status();
    const bool isRecording =
        deck_.isRecording() || deck_.phase() == RecorderDeck::Phase::finalising;
    if (lastFormat_.sampleRate == 0) return elapsed_->setText(QStringLiteral("0:00:00.0"));
    elapsed_->setText(clockOf(isRecording ? status.headFrames : 0, lastFormat_));
    safe_->setText(isRecording
                       ? tr("Safe on disk to %1").arg(clockOf(status.safeFrames, lastFormat_))
                       : tr("Ready: nothing is recorded yet"));
    details_->setText(isRecording ? detailText(status, lastFormat_) : QString());
    file_->setText(isRecording ? textOf(nameOfPath(status.path)) : textOf(deck_.folder()));
    file_->setToolTip(isRecording ? textOf(status.path) : QString());
    QString room = status.secondsLeft > 0 ? leftText(status.secondsLeft) : QString();
    if (!room.isEmpty() && roomOf(status) != Room::plenty) room = tr("Disk low: %1").arg(room);
    room_->setText(room);
}

void MainWindow::onTick(const std::vector<float>& peaks) {
    const double seconds = static_cast<double>(sinceTick_.nsecsElapsed()) / 1e9;
    sinceTick_.restart();
    if (!isVisible() || isMinimized()) return;
    meter_->advance(peaks, seconds);
    meter_->setClipped(deck_.status().clippedSamples);
    const float loudest = peaks.empty() ? 0 : *std::ranges::max_element(peaks);
    waveform_->advance(loudest, seconds);
    showStatus();
}

void MainWindow::onStopped(const StoppedEvent& event) {
    const QString text = endText(event, lastFormat_);
    say(text);
    if (event.complete && !event.path.empty()) {
        takes_->insertItem(0, textOf(event.path));
        takes_->show();
    }
    if (closesAfterEnd_) close();
}

void MainWindow::say(const QString& text) {
    message_->setText(text);
    message_->setVisible(!text.isEmpty());
}

void MainWindow::saveAndClose() {
    closesAfterEnd_ = true;
    deck_.isRecording() ? deck_.stop() : static_cast<void>(close());
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (deck_.phase() == RecorderDeck::Phase::finalising) {
        closesAfterEnd_ = true;
        return event->ignore();
    }
    if (!deck_.isRecording()) return event->accept();
    event->ignore();
    QMessageBox box(QMessageBox::Question, tr("Recording"), tr("A recording is under way."),
                    QMessageBox::NoButton, this);
    auto* keep = box.addButton(tr("Keep recording"), QMessageBox::RejectRole);
    auto* stop = box.addButton(tr("Stop and save"), QMessageBox::AcceptRole);
    box.setDefaultButton(keep);
    box.setEscapeButton(keep);
    box.exec();
    if (box.clickedButton() == stop) saveAndClose();
}

}  // namespace holdfast
