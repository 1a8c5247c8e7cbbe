// Unattended: what a recorder does beside recording when nobody watches it: it goes on with what a
// kill has cut off, tells the service manager how it stands, keeps a file of figures, and looks
// after finished files.
//
// Nothing of it can delay the take: what may wait for a disk or a hook has a thread of its own.
// All calls: [control thread].
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "app/best_effort_output.h"
#include "app/capture_options.h"
#include "app/console.h"
#include "app/file_care.h"
#include "app/metrics_file.h"
#include "app/resume_note.h"
#include "app/service_notice.h"
#include "iocore/recorder/recorder.h"

namespace holdfast {

class Unattended {
  public:
    Unattended(const CaptureOptions& options, ServiceNotice& notice, Console& console,
               BestEffortOutput* events);

    // Before the recorder starts, with all that is known of it: `options` may become the next part
    // of a recording that was killed. Errors: Stage::usage. [blocks]
    Result<> prepare(RecorderOptions& options);
    // It could not be started.
    void refused();

    // `wake`: called on another thread when tellNews() has something to say; empty = nobody.
    void onNews(std::function<void()> wake);
    void tellNews();

    void waits() { notice_.ready(); }  // for the start, or for a sound
    void started(const StartedEvent& event);
    void wentOn(const PartEvent& event);
    void closed(const FileClosedEvent& event);
    // At each look of the control thread.
    void alive() { notice_.alive(); }
    void show(const RecorderStatus& status, const PcmFormat& format, std::span<const float> peaks);
    // How often alive() has to be called, if anybody counts.
    [[nodiscard]] std::optional<std::chrono::milliseconds> watchInterval() const {
        return notice_.watchInterval();
    }

    void ended(const RecorderStatus& last, const PcmFormat& format);
    // After ended(): hooks may still run. True when none does any more. [blocks, at most `atMost`]
    bool waitForHooks(std::chrono::milliseconds atMost);
    void leaveHooks();

  private:
    using Clock = std::chrono::steady_clock;

    Result<> mend(const std::string& wavName, RecorderOptions& options);
    void tell(const CareNews& news);

    const CaptureOptions& options_;
    ServiceNotice& notice_;
    Console& console_;
    BestEffortOutput* events_;
    std::unique_ptr<ResumeNote> note_;
    std::unique_ptr<MetricsFile> metrics_;
    std::unique_ptr<FileCare> care_;
    bool goesOn_ = false;
    bool waitTold_ = false;
    Clock::time_point nextMetrics_;
};

}  // namespace holdfast
