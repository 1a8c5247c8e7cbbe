// MainWindow: one window for one recording at a time.
#pragma once

#include <QElapsedTimer>
#include <QLabel>
#include <QMainWindow>

#include "ui/recorder_deck.h"

class QComboBox;
class QPushButton;
class QListWidget;

namespace holdfast {

class LevelMeter;
class WaveformView;

class MainWindow : public QMainWindow {
    Q_OBJECT

  public:
    // `deck` outlives the window.
    explicit MainWindow(RecorderDeck& deck, QWidget* parent = nullptr);

    [[nodiscard]] QSize sizeHint() const override { return {640, 520}; }
    // Asks nobody: the recording is finished first.
    void saveAndClose();

  protected:
    void closeEvent(QCloseEvent* event) override;

  private:
    QWidget* makeTop();
    QWidget* makeClock();
    QWidget* makeButtons();
    void makeShortcuts();
    void connectDeck();
    void showDevices();
    void showPhase();
    void showStatus();
    void onTick(const std::vector<float>& peaks);
    void onStopped(const StoppedEvent& event);
    void say(const QString& text);
    void recordOrStop();

    RecorderDeck& deck_;
    QComboBox* device_ = nullptr;
    QLabel* format_ = nullptr;
    LevelMeter* meter_ = nullptr;
    WaveformView* waveform_ = nullptr;
    QLabel* stateIcon_ = nullptr;  // says what state_ says
    QLabel* state_ = nullptr;
    QLabel* elapsed_ = nullptr;
    QLabel* safe_ = nullptr;
    QLabel* details_ = nullptr;
    QLabel* room_ = nullptr;
    QLabel* file_ = nullptr;
    QLabel* message_ = nullptr;
    QPushButton* record_ = nullptr;
    QPushButton* pause_ = nullptr;
    QPushButton* marker_ = nullptr;
    QPushButton* split_ = nullptr;
    QListWidget* takes_ = nullptr;
    QElapsedTimer sinceTick_;
    bool closesAfterEnd_ = false;
    PcmFormat lastFormat_;
};

}  // namespace holdfast
