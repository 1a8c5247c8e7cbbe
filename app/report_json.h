// The recovery tool's JSON: one object a file, of the schema of all programs.
//
//   {"v":1,"event":"report","t_ns":MONOTONIC,"frame":RECOVERABLE,"path":…,"verdict":…,…,"exit":4}
//
// Events: report (check), planned (--dry-run), repaired, undone, found (scan and list), error.
// Pure functions; names that are no UTF-8 are mended.
#pragma once

#include <string>

#include "app/progress_pace.h"
#include "app/repair_plan.h"
#include "app/report_text.h"
#include "iocore/recovery/recovery_writer.h"

namespace holdfast {

// What every object of the tool says besides.
struct ReportStamp {
    std::uint64_t timeNs = 0;
    std::string path;  // as the user wrote it
    int exitStatus = 0;
};

// Each returns one line with its line end. [any thread]
std::string checkJson(const ReportStamp& stamp, const RecoveryReport& report);
std::string foundJson(const ReportStamp& stamp, const RecoveryReport& report);
std::string planJson(const ReportStamp& stamp, const RecoveryReport& report,
                     const RepairPlan& plan);
std::string repairJson(const ReportStamp& stamp, const RepairDone& done);
std::string extractJson(const ReportStamp& stamp, const RecoveryReport& report,
                        const std::string& resultPath);
// `done` of `total` bytes.
std::string progressJson(const ReportStamp& stamp, const ProgressMoment& moment);
std::string undoJson(const ReportStamp& stamp, const UndoResult& undone);
std::string failureJson(const ReportStamp& stamp, const Error& error);

}  // namespace holdfast
