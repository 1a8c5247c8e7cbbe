#include "app/unattended.h"

#include <fmt/format.h>

#include <utility>

#include "app/events_json.h"
#include "app/metrics_text.h"
#include "app/past_parts.h"
#include "app/status_line.h"
#include "iocore/base/path_text.h"
#include "iocore/base/printable.h"
#include "iocore/ring/ring_memory.h"

namespace holdfast {
namespace {

constexpr std::chrono::seconds kMetricsInterval{10};
constexpr std::chrono::milliseconds kLastFigures{1000};
constexpr std::size_t kManagerColumns = 200;

double unixSeconds() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::uint64_t monotonicNs() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

}  // namespace

Unattended::Unattended(const CaptureOptions& options, ServiceNotice& notice, Console& console,
                       BestEffortOutput* events)
    : options_(options), notice_(notice), console_(console), events_(events) {}

Result<> Unattended::prepare(RecorderOptions& options) {
    const std::string folder = options.folder->path();
    if (!options_.metricsPath.empty()) {
        auto metrics = MetricsFile::open(options_.metricsPath);
        if (!metrics) return fail(Stage::usage, "--metrics: " + metrics.error().text);
        metrics_ = std::move(*metrics);
    }
    if (options_.resume) {
        note_ = std::make_unique<ResumeNote>(folder + "\n" + options_.file + "\n" +
                                             options_.capture.device);
        if (const auto path = note_->read(); path && folderOfPath(*path) == folder) {
            if (auto mended = mend(nameOfPath(*path), options); !mended) return mended;
        }
        const auto written = note_->write(joinPath(folder, options.wavName));
        if (!written) return fail(Stage::usage, "--resume: " + written.error().text);
    }
    if (options_.onFileClosed.empty() && !options_.retention) return {};
    CareOptions care;
    care.command = options_.onFileClosed;
    care.retention = options_.retention;
    care.folders.push_back(folder);
    if (options.spillFolder) care.folders.push_back(options.spillFolder->path());
    care_ = std::make_unique<FileCare>(std::move(care));
    return {};
}

// What was cut off must not wait for a key or a time once more.
Result<> Unattended::mend(const std::string& wavName, RecorderOptions& options) {
    ScanOptions scan;
    scan.verifyAll = false;
    scan.ringFolders = RingMemory::places();
    std::vector<DiskFolder*> folders = {options.folder.get()};
    if (options.spillFolder) folders.push_back(options.spillFolder.get());
    auto past = mendParts(folders, wavName, scan);
    if (!past) return fail(past.error());
    for (const std::string& line : past->told) console_.warn(printable(line));
    if (options.mirrorFolder) {
        const auto copy = mendParts({options.mirrorFolder.get()}, wavName, scan);
        if (!copy) return fail(copy.error());
        for (const std::string& line : copy->told) console_.warn(printable(line));
    }
    if (past->parts == 0) return {};
    options.wavName = wavName;
    Restart restart;
    restart.past = {past->parts, past->frames, past->lastPath};
    if (!options.trigger) {
        restart.endedNs = past->endedNs;
        options.prerollMs.reset();
    }
    options.restart = std::move(restart);
    goesOn_ = true;
    return {};
}

// One that goes on is still to go on: a service is started again until its device is there.
void Unattended::refused() {
    if (note_ && !goesOn_) (void)note_->remove();
}

void Unattended::onNews(std::function<void()> wake) {
    if (care_) care_->onNews(std::move(wake));
}

void Unattended::tellNews() {
    if (!care_) return;
    for (const CareNews& news : care_->takeNews()) tell(news);
}

void Unattended::tell(const CareNews& news) {
    const std::string path = printable(news.path);
    if (events_ != nullptr) events_->send(careJson(monotonicNs(), news));
    switch (news.what) {
        case CareNews::What::shipped:
            return console_.say(fmt::format("{}: --on-file-closed has done its work", path));
        case CareNews::What::hookFailed:
            return console_.warn(fmt::format(
                "{}: --on-file-closed ended with {}{}{}; it is tried "
                "again",
                path, news.status, news.text.empty() ? "" : ", ", printable(news.text)));
        case CareNews::What::removed:
            return console_.say(fmt::format("{}: removed, as --keep asks for", path));
        case CareNews::What::problem:
            return console_.warn(fmt::format("{}: {}", path, printable(news.text)));
    }
}

void Unattended::started(const StartedEvent& event) {
    notice_.ready();
    if (care_) care_->enter({event.takeId.hex(), event.path, event.part});
}

void Unattended::wentOn(const PartEvent& event) {
    if (care_) care_->enter({event.takeId.hex(), event.path, event.part});
}

void Unattended::closed(const FileClosedEvent& event) {
    if (care_) care_->enter({event.takeId.hex(), event.path, event.part});
}

void Unattended::show(const RecorderStatus& status, const PcmFormat& format,
                      std::span<const float> peaks) {
    notice_.status(statusLine(status, format, peaks, {kManagerColumns, false, true, false}));
    if (!metrics_ || Clock::now() < nextMetrics_) return;
    nextMetrics_ = Clock::now() + kMetricsInterval;
    metrics_->write(metricsText(status, format, unixSeconds()));
}

void Unattended::ended(const RecorderStatus& last, const PcmFormat& format) {
    notice_.stopping();
    if (note_) {
        if (const auto removed = note_->remove(); !removed) {
            console_.warn("--resume: the next start will go on with this recording: " +
                          removed.error().text);
        }
    }
    if (metrics_) {
        metrics_->drain(kLastFigures);
        metrics_->write(metricsText(last, format, unixSeconds()));
        metrics_->drain(kLastFigures);
    }
    if (care_) care_->finish();
}

bool Unattended::waitForHooks(std::chrono::milliseconds atMost) {
    if (!care_) return true;
    const bool done = care_->waitUntilDone(atMost);
    tellNews();
    if (!done && !std::exchange(waitTold_, true)) {
        console_.say(
            "the recording has ended; --on-file-closed still runs (Ctrl-C leaves it to "
            "the next recording)");
    }
    if (done && care_->waiting() > 0) {
        console_.warn(
            fmt::format("{} file{} still to go through --on-file-closed; the next "
                        "recording into this folder with that option tries again",
                        care_->waiting(), care_->waiting() == 1 ? " has" : "s have"));
    }
    return done;
}

void Unattended::leaveHooks() {
    if (care_) care_->leave();
}

}  // namespace holdfast
