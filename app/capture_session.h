// CaptureSession: one recording from its start to its exit status, seen from the control thread.
//
// It looks: at the recorder, the signals, the keys. Nobody calls it, and nothing that it waits for
// can delay the recorder; its outputs never wait at all.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/best_effort_output.h"
#include "app/capture_options.h"
#include "app/console.h"
#include "app/control_port.h"
#include "app/disk_wait_watch.h"
#include "app/events_json.h"
#include "app/exit_status.h"
#include "app/keys.h"
#include "app/service_notice.h"
#include "app/stop_signal.h"
#include "app/unattended.h"
#include "iocore/recorder/recorder.h"
#include "iocore/recorder/silence_watch.h"

namespace holdfast {

class CaptureSession {
  public:
    // `events`: where JSON goes; none without --json. [control thread]
    CaptureSession(CaptureOptions options, StopSignal& signals, ServiceNotice& notice,
                   Console& console, BestEffortOutput* events);

    // Until the take has ended. [control thread] [blocks]
    CaptureExit run();

  private:
    using Clock = std::chrono::steady_clock;

    std::chrono::milliseconds untilNextLook() const;
    void waitForHooks();
    Result<> start();
    Result<RecorderOptions> recorderOptions();
    void takeEvents();
    void tell(const RecorderEvent& event);
    void tell(const MonitoringEvent& event);
    void tell(const StartedEvent& event);
    void tell(const GapEvent& event);
    void tell(const DeviceLostEvent& event);
    void tell(const DeviceBackEvent& event);
    void tell(const MarkerEvent& event);
    void tell(const PausedEvent& event);
    void tell(const WaitingEvent& event);
    void tell(const PartEvent& event);
    void tell(const FileClosedEvent& event);
    void tell(const LowSpaceEvent& event);
    void tell(const ErrorEvent& event);
    void tell(const StoppedEvent& event);
    Result<> openControl();
    void obeyControl();
    void obeyClock();
    void obey(ControlRequest request);
    void answerMarker(const MarkerEvent& event);
    void answerPause();
    void answerStop(const StoppedEvent& event);
    void obeySignals();
    void obeyKeys();
    void obeyKey(char key);
    void obeyKeyWhileMonitoring(char key);
    [[nodiscard]] bool isMonitoring() const;
    void beginFile();
    void addMarker(std::string text, std::optional<ControlRequest> asker = std::nullopt);
    void addMarker();
    void showStatus();
    void updatePeaks(const RecorderStatus& status);
    void watchSilence(const RecorderStatus& status);
    void watchDisk(const RecorderStatus& status);
    void noticeMissingAudio();
    void watchDigest();
    void leaveDigest();
    [[noreturn]] void leaveNow();

    CaptureOptions options_;
    StopSignal& signals_;
    Console& console_;
    BestEffortOutput* events_;
    Unattended unattended_;

    std::vector<std::string> foldersMade_;
    std::unique_ptr<Recorder> recorder_;
    std::unique_ptr<Keys> keys_;
    std::unique_ptr<ControlPort> control_;
    // Who waits for an answer: in the order of the markers (nobody for one of a key or a signal),
    // for the pause, for the end.
    std::deque<std::optional<ControlRequest>> markerAskers_;
    std::vector<ControlRequest> pauseAskers_;
    std::vector<ControlRequest> stopAskers_;
    std::optional<SilenceWatch> silence_;
    DiskWaitWatch diskWait_;
    Clock::time_point startedAt_;
    Clock::time_point nextStatus_;
    Clock::time_point nextLine_;
    std::uint64_t lastDelivered_ = 0;
    std::vector<float> peaks_;  // linear, of the last delivery
    std::string lastError_;
    Clock::time_point lastErrorAt_;
    bool audioArrived_ = false;
    bool missingNoticed_ = false;
    std::optional<Clock::time_point> digestSince_;  // since only digests are left
    bool zeroTold_ = false;
    bool digestTold_ = false;
    bool digestLeft_ = false;
    bool paused_ = false;
    unsigned markers_ = 0;
    StoppedContext ending_;
    std::optional<StoppedEvent> stopped_;
};

}  // namespace holdfast
