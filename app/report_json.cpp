#include "app/report_json.h"

#include "app/json_line.h"

namespace holdfast {
namespace {

std::string_view sourceName(AudioPiece::Source source) {
    switch (source) {
        case AudioPiece::Source::wav:
            return "file";
        case AudioPiece::Source::ring:
            return "ring";
        case AudioPiece::Source::journal:
            return "journal";
        case AudioPiece::Source::silence:
            return "silence";
    }
    return "";
}

std::string_view outcomeName(RepairOutcome outcome) {
    switch (outcome) {
        case RepairOutcome::recovered:
            return "recovered";
        case RepairOutcome::alreadyRecovered:
            return "already_recovered";
        case RepairOutcome::nothingToDo:
            return "nothing_to_do";
        case RepairOutcome::removed:
            return "removed";
        case RepairOutcome::leftAlone:
            return "left_alone";
    }
    return "";
}

// A name of the take's folder as a path; null when there is none.
Json pathOrNull(const ReportStamp& stamp, const std::string& name) {
    if (name.empty()) return nullptr;
    return besides(stamp.path, name);
}

void setCounts(Json& json, const RecoveryReport& report) {
    json["header_frames"] = report.headerFrames;
    json["recoverable_frames"] = report.recoverableFrames;
    json["verified_frames"] = report.verifiedFrames;
    json["unverified_frames"] = report.readableFrames;
    json["unchecked_frames"] = report.uncheckedFrames;
    json["ring_frames"] = report.ringFrames;
    json["safe_frames"] = report.lastSafeFrame;
    json["zero_tail_frames"] = report.zeroTailFrames;
    json["dropped"] = Json::array();
    for (const DroppedBytes& dropped : report.dropped) {
        json["dropped"].push_back(Json{{"bytes", dropped.bytes}, {"reason", dropped.reason}});
    }
    json["damaged"] = Json::array();
    for (const DamagedRange& range : report.damaged) {
        json["damaged"].push_back(
            Json{{"at", range.frame}, {"frames", range.frames}, {"reason", range.reason}});
    }
    json["damage_left"] = report.damageLeft;
}

void setMarks(Json& json, const RecoveryReport& report) {
    json["gaps"] = Json::array();
    for (const TakeGap& gap : report.gaps) {
        json["gaps"].push_back(Json{{"at", gap.frame},
                                    {"frames", gap.frames},
                                    {"filled", gap.filledFrames},
                                    {"cause", gapCauseName(gap.cause)}});
    }
    json["markers"] = Json::array();
    for (const TakeMarker& marker : report.markers) {
        json["markers"].push_back(Json{{"at", marker.frame}, {"text", marker.text}});
    }
}

void setWitnesses(Json& json, const ReportStamp& stamp, const RecoveryReport& report) {
    json["ours"] = report.ours;
    json["container"] = report.container;
    json["take_id"] = report.takeId.hex();
    json["part"] = report.partIndex;
    json["wav"] = pathOrNull(stamp, report.wavName);
    json["journal"] = pathOrNull(stamp, report.journalName);
    json["ring"] = report.ringPath.empty() ? Json(nullptr) : Json(report.ringPath);
    json["process"] = report.writerProcess;
    json["started_at_ns"] = report.startedAtNs;
    json["device_name"] = report.deviceName;
    json["finished"] = report.finished;
    json["already_recovered"] = report.alreadyRecovered;
    if (report.alreadyRecovered) {
        json["recovered_path"] = pathOrNull(stamp, report.recoveredName);
        json["recovered_frames"] = report.recoveredFrames;
    }
    json["undo_possible"] = report.undoPossible;
}

void setReport(Json& json, const ReportStamp& stamp, const RecoveryReport& report) {
    const bool readable = report.verdict != Verdict::unusable && report.recoverableFrames > 0;
    json["verdict"] = verdictName(report.verdict);
    json["reason"] = report.reason;
    json["file_format"] = readable ? formatJson(report.format) : Json(nullptr);
    setCounts(json, report);
    setMarks(json, report);
    setWitnesses(json, stamp, report);
    json["notes"] = report.notes;
    json["plan"] = Json::array();
    for (const AudioPiece& piece : report.plan) {
        json["plan"].push_back(Json{{"source", sourceName(piece.source)},
                                    {"offset", piece.offset},
                                    {"frames", piece.frames}});
    }
}

Json begin(const char* event, const ReportStamp& stamp, std::uint64_t frames) {
    Json json = opening(event, {stamp.timeNs, frames});
    json["path"] = stamp.path;
    return json;
}

std::string end(Json& json, const ReportStamp& stamp) {
    json["exit"] = stamp.exitStatus;
    return lineOf(json);
}

std::string reportJson(const char* event, const ReportStamp& stamp, const RecoveryReport& report) {
    Json json = begin(event, stamp, report.recoverableFrames);
    setReport(json, stamp, report);
    return end(json, stamp);
}

}  // namespace

std::string checkJson(const ReportStamp& stamp, const RecoveryReport& report) {
    return reportJson("report", stamp, report);
}

std::string foundJson(const ReportStamp& stamp, const RecoveryReport& report) {
    return reportJson("found", stamp, report);
}

std::string planJson(const ReportStamp& stamp, const RecoveryReport& report,
                     const RepairPlan& plan) {
    Json json = begin("planned", stamp, report.recoverableFrames);
    json["would_write"] = hasWork(report);
    json["would_remove"] = report.empty;
    json["in_place"] = plan.inPlace;
    json["result"] = plan.resultPath;
    json["bytes"] = plan.bytes;
    json["audio_bytes"] = plan.audioBytes;
    json["disk_free"] = plan.freeBytes;
    if (plan.inPlace) json["undo"] = plan.undoPath;
    setReport(json, stamp, report);
    return end(json, stamp);
}

std::string repairJson(const ReportStamp& stamp, const RepairDone& done) {
    const RepairResult& result = done.result;
    Json json = begin("repaired", stamp, result.report.recoverableFrames);
    json["outcome"] = outcomeName(result.outcome);
    json["in_place"] = done.inPlace;
    json["result"] = done.resultPath.empty() ? Json(nullptr) : Json(done.resultPath);
    json["removed"] = Json::array();
    for (const std::string& name : result.removed) {
        json["removed"].push_back(besides(stamp.path, name));
    }
    setReport(json, stamp, result.report);
    json["damage_left"] = result.damageLeft;
    for (const std::string& note : result.notes) json["notes"].push_back(note);
    return end(json, stamp);
}

std::string extractJson(const ReportStamp& stamp, const RecoveryReport& report,
                        const std::string& resultPath) {
    Json json = begin("extracted", stamp, report.recoverableFrames);
    json["result"] = resultPath;
    setReport(json, stamp, report);
    return end(json, stamp);
}

std::string progressJson(const ReportStamp& stamp, const ProgressMoment& moment) {
    Json json = begin("progress", stamp, 0);
    json["step"] = moment.step;
    json["done"] = moment.done;
    json["total"] = moment.total;
    return lineOf(json);
}

std::string undoJson(const ReportStamp& stamp, const UndoResult& undone) {
    Json json = begin("undone", stamp, 0);
    json["undone"] = undone.undone;
    json["wav"] = pathOrNull(stamp, undone.wavName);
    json["journal"] = pathOrNull(stamp, undone.journalName);
    return end(json, stamp);
}

std::string failureJson(const ReportStamp& stamp, const Error& error) {
    Json json = begin("error", stamp, 0);
    setError(json, error);
    return end(json, stamp);
}

}  // namespace holdfast
