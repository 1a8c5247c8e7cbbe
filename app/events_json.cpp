#include "app/events_json.h"

#include <cmath>
#include <variant>

#include "app/json_line.h"

namespace holdfast {
namespace {

// Of an event's own fields; the opening is written by eventJson().
class FieldWriter {
  public:
    FieldWriter(std::uint64_t timeNs, const StoppedContext& context)
        : timeNs_(timeNs), context_(context) {}

    Json operator()(const MonitoringEvent& event) const {
        Json json = opening("monitoring", {timeNs_, 0});
        json["device"] = event.deviceId;
        json["device_name"] = event.deviceName;
        json["file_format"] = formatJson(event.fileFormat);
        json["preroll_frames"] = event.prerollFrames;
        return json;
    }
    Json operator()(const StartedEvent& event) const {
        Json json = opening("started", {timeNs_, event.frame});
        json["path"] = event.path;
        json["part"] = event.part;
        json["take_id"] = event.takeId.hex();
        if (!event.continues.empty()) json["continues"] = event.continues;
        json["device"] = event.deviceId;
        json["device_name"] = event.deviceName;
        json["device_format"] = formatJson(event.deviceFormat);
        json["file_format"] = formatJson(event.fileFormat);
        json["converted"] = event.converted;
        if (!event.channelMap.empty()) json["channel_map"] = event.channelMap;
        json["commit_ms"] = event.commitMs;
        json["fragment_ms"] = event.fragmentMs;
        json["journal"] = event.journal;
        json["ring"] = event.ring;
        json["ring_persistent"] = event.ringPersistent;
        if (!event.ringPersistent) json["ring_why_not"] = event.ringWhyNot;
        json["stall_budget_ms"] = event.stallBudgetMs;
        if (event.prerollFrames) json["preroll_frames"] = *event.prerollFrames;
        if (!event.mirror.empty()) json["mirror"] = event.mirror;
        return json;
    }
    Json operator()(const GapEvent& event) const {
        Json json = opening("gap", {timeNs_, event.frame});
        json["at"] = event.frame;
        json["frames"] = event.frames;
        json["filled"] = event.filledFrames;
        json["cause"] = gapCauseName(event.cause);
        return json;
    }
    Json operator()(const DeviceLostEvent& event) const {
        Json json = opening("device_lost", {timeNs_, event.frame});
        json["device"] = event.deviceId;
        json["text"] = event.text;
        json["next"] = event.fallback ? "fallback" : "wait";
        return json;
    }
    Json operator()(const DeviceBackEvent& event) const {
        Json json = opening(event.moved ? "moved" : "device_back", {timeNs_, event.frame});
        json["device"] = event.deviceId;
        json["device_name"] = event.deviceName;
        json["recorded"] = event.deviceFormat.has_value();
        if (event.deviceFormat) {
            json["device_format"] = formatJson(*event.deviceFormat);
            json["converted"] = event.converted;
            json["missing_frames"] = event.missing;
        }
        return json;
    }
    Json operator()(const MarkerEvent& event) const {
        Json json = opening("marker", {timeNs_, event.frame});
        json["text"] = event.text;
        json["durable"] = event.durable;
        return json;
    }
    Json operator()(const PausedEvent& event) const {
        return opening(event.paused ? "paused" : "resumed", {timeNs_, event.frame});
    }
    Json operator()(const WaitingEvent& event) const {
        return opening("waiting", {timeNs_, event.frame});
    }
    Json operator()(const PartEvent& event) const {
        Json json = opening(isSpill(event.reason) ? "spilled" : "split", {timeNs_, event.frame});
        json["reason"] = partReasonName(event.reason);
        json["path"] = event.path;
        json["part"] = event.part;
        json["take_id"] = event.takeId.hex();
        return json;
    }
    Json operator()(const FileClosedEvent& event) const {
        Json json = opening("closed", {timeNs_, event.frame});
        json["path"] = event.path;
        json["take_id"] = event.takeId.hex();
        return json;
    }
    Json operator()(const LowSpaceEvent& event) const {
        Json json = opening("low_space", {timeNs_, event.frame});
        json["disk_free"] = event.freeBytes;
        return json;
    }
    Json operator()(const ErrorEvent& event) const {
        Json json = opening("error", {timeNs_, event.frame});
        setError(json, event.error);
        return json;
    }
    Json operator()(const StoppedEvent& event) const {
        Json json = opening("stopped", {timeNs_, event.frames});
        json["reason"] = stopReasonName(event.reason);
        json["frames"] = event.frames;
        json["gaps"] = event.gaps;
        json["lost_frames"] = event.lostFrames;
        json["only_in_ring"] = event.onlyInRing;
        json["complete"] = event.complete;
        json["path"] = event.path;
        json["parts"] = event.parts;
        if (!event.sha256.empty()) json["sha256"] = event.sha256;
        if (event.digestsLeft > 0) json["digests_left_out"] = event.digestsLeft;
        if (!event.mirrorPath.empty()) {
            json["mirror"] = event.mirrorPath;
            if (!event.mirrorSha256.empty()) json["mirror_sha256"] = event.mirrorSha256;
            json["mirror_frames"] = event.mirrorFrames;
            json["mirror_complete"] = event.mirrorComplete;
        }
        json["text"] = event.text;
        if (!event.missingDevice.empty()) json["missing_device"] = event.missingDevice;
        json["exit"] = context_.exitStatus;
        json["events_dropped"] = context_.eventsDropped;
        if (!context_.repairPath.empty()) json["repair"] = context_.repairPath;
        return json;
    }

  private:
    std::uint64_t timeNs_;
    const StoppedContext& context_;
};

// One decimal, as the meter shows it.
Json decibels(float peak) {
    if (!(peak > 0)) return nullptr;
    return std::round(200 * std::log10(static_cast<double>(peak))) / 10;
}

}  // namespace

std::string eventJson(const RecorderEvent& event, const StoppedContext& context) {
    return lineOf(std::visit(FieldWriter(event.timeNs, context), event.what));
}

std::string statusJson(const RecorderStatus& status, std::span<const float> peaks) {
    Json json = opening("status", {status.timeNs, status.fileFrames});
    json["state"] = recorderStateName(status.state);
    json["captured_frames"] = status.capturedFrames;
    if (status.state == RecorderState::monitoring) json["preroll_frames"] = status.prerollFrames;
    json["safe_frames"] = status.safeFrames;
    json["lost_frames"] = status.lostFrames;
    json["gaps"] = status.gaps;
    json["commits"] = status.commits;
    json["commit_ms_last"] = status.commitMsLast;
    json["commit_age_ms"] = status.commitAgeMs;
    json["disk_wait_ms"] = status.diskWaitMs;
    json["ring_fill"] = status.ringFill;
    json["ring_peak"] = status.ringPeak;
    json["stall_budget_ms"] = status.stallBudgetMs;
    json["disk_free"] = status.diskFreeBytes;
    json["seconds_left"] = status.secondsLeft;
    json["clipped"] = status.clippedSamples;
    json["journal_works"] = status.journalWorks;
    if (status.mirrorSafeFrames) json["mirror_safe_frames"] = *status.mirrorSafeFrames;
    json["peak_dbfs"] = Json::array();
    for (const float peak : peaks) json["peak_dbfs"].push_back(decibels(peak));
    return lineOf(json);
}

std::string silenceJson(const EventStamp& stamp, Silence silence) {
    Json json = opening("silence", stamp);
    json["kind"] = silenceName(silence);
    return lineOf(json);
}

std::string careJson(std::uint64_t timeNs, const CareNews& news) {
    using What = CareNews::What;
    if (news.what == What::problem) {
        return errorJson({timeNs, 0}, {Stage::disk, 0, news.path + ": " + news.text});
    }
    Json json = opening(news.what == What::shipped      ? "shipped"
                        : news.what == What::hookFailed ? "hook_failed"
                                                        : "removed",
                        {timeNs, 0});
    json["path"] = news.path;
    if (news.what == What::hookFailed) json["status"] = news.status;
    return lineOf(json);
}

std::string errorJson(const EventStamp& stamp, const Error& error) {
    return eventJson({stamp.timeNs, ErrorEvent{stamp.frame, error}}, {});
}

}  // namespace holdfast
