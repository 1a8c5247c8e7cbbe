// RecorderDeck: what the window's buttons do: one device after the other is monitored, and what is
// monitored can be recorded.
//
// A recorder is always there while the device is: it monitors before the recording, and the
// recording is the same recorder gone on. So the first frame behind the button is in the file.
// Whatever may wait (opening a device, ending a file) waits on a thread of its own; this object
// looks at its timer's ticks, and a window that hangs costs no frame.
// All calls: [UI thread].
#pragma once

#include <QObject>
#include <QTimer>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "iocore/capture/devices.h"
#include "iocore/recorder/recorder.h"
#include "iocore/recorder/silence_watch.h"

namespace holdfast {

struct DeckOptions {
    std::string folder;                     // of the recordings; absolute, and there
    std::function<std::string()> nextName;  // "2026-11-29_10-00-00.wav"
    // What a recorder begins with: format, commit interval, and, for tests, devices and folders.
    RecorderOptions recorder;
    std::function<Result<std::vector<DeviceInfo>>()> listDevices = holdfast::listDevices;
};

class RecorderDeck : public QObject {
    Q_OBJECT

  public:
    enum class Phase {
        noDevice,  // there is none, or it cannot be opened: `problem()` says why
        opening,
        monitoring,
        recording,
        paused,
        deviceLost,
        finalising,
    };
    Q_ENUM(Phase)

    explicit RecorderDeck(DeckOptions options, QObject* parent = nullptr);
    // Ends a recording in order, and waits for that.
    ~RecorderDeck() override;

    // Empty: the system's default. While recording: from the next recording on.
    void chooseDevice(const std::string& id);
    [[nodiscard]] const std::string& chosenDevice() const { return device_; }
    // The last list that there was.
    [[nodiscard]] const std::vector<DeviceInfo>& devices() const { return devices_; }

    // Each does nothing in a phase that it does not fit.
    void record();
    void stop();
    void setPaused(bool paused);
    void addMarker(const QString& text = {});
    void split();

    [[nodiscard]] Phase phase() const { return phase_; }
    [[nodiscard]] bool isRecording() const;
    // Of the present recorder, as it was at the last tick.
    [[nodiscard]] const RecorderStatus& status() const { return status_; }
    [[nodiscard]] std::optional<PcmFormat> format() const;
    [[nodiscard]] QString deviceName() const;
    [[nodiscard]] const QString& problem() const { return problem_; }
    [[nodiscard]] const std::string& folder() const { return options_.folder; }

  Q_SIGNALS:
    // Thirty times a second; peaks are linear, one for each channel.
    void ticked(const std::vector<float>& peaks);
    void phaseChanged();
    void devicesChanged();
    void recordingStarted(const QString& path);
    void gapFound(double seconds, const QString& cause);
    void markerSet(const QString& text, bool durable);
    // What is heard, when that changes: a signal, none, or nothing at all.
    void silenceChanged(Silence heard);
    // Something went wrong, and the recording goes on or has ended, as the phase says.
    void troubled(const QString& text);
    void recordingStopped(const StoppedEvent& event);

  private:
    using Clock = std::chrono::steady_clock;

    void tick();
    void open();
    void lookAtOpening();
    void lookAtDevices();
    void listen(const std::vector<float>& peaks);
    void takeEvents();
    void take(const RecorderEvent::What& what);
    void close();
    void moveTo(Phase next);
    [[nodiscard]] Phase phaseOf(RecorderState state) const;

    DeckOptions options_;
    std::string device_;
    std::string opened_;  // what the present recorder was asked for
    std::vector<DeviceInfo> devices_;
    Phase phase_ = Phase::opening;
    QString problem_;
    RecorderStatus status_;
    std::shared_ptr<Recorder> recorder_;
    std::future<Result<std::unique_ptr<Recorder>>> opening_;
    std::future<Result<std::vector<DeviceInfo>>> listing_;
    std::vector<std::future<void>> closing_;
    Clock::time_point nextTry_;
    Clock::time_point nextList_;
    unsigned markers_ = 0;
    std::optional<SilenceWatch> silence_;  // of the present device
    std::uint64_t heardFrames_ = 0;
    QTimer timer_;
};

}  // namespace holdfast
