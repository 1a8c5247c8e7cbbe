// What people are told about a take: what it is, what can be brought back, what to type next.
//
// Pure text. A file is one block: its name and the verdict, then labelled lines; a sound file is
// one line. Names are made printable, commands can be copied into a shell.
#pragma once

#include <string>

#include "app/repair_plan.h"
#include "iocore/recovery/recovery_writer.h"

namespace holdfast {

struct ReportLook {
    bool color = false;
    bool quiet = false;    // one line, and none for what is sound
    bool verbose = false;  // all marks, witnesses and pieces
};

// `path`: as the user wrote it. Each ends with its line end, or is empty. [any thread]
std::string checkText(const std::string& path, const RecoveryReport& report,
                      const ReportLook& look);
// check's, and what would be written where.
std::string planText(const std::string& path, const RecoveryReport& report, const RepairPlan& plan,
                     const ReportLook& look);
struct RepairDone {
    RepairResult result;
    std::string resultPath;
    bool inPlace = false;
};
std::string repairText(const std::string& path, const RepairDone& done, const ReportLook& look);
// What was written as raw audio to `resultPath`, and how another program reads it.
std::string extractText(const std::string& path, const RecoveryReport& report,
                        const std::string& resultPath, const ReportLook& look);
std::string undoText(const std::string& path, const UndoResult& undone, const ReportLook& look);
// One line of a list of unfinished takes, and the command for it.
std::string foundText(const std::string& path, const RecoveryReport& report,
                      const ReportLook& look);
std::string errorText(const std::string& path, const Error& error);

}  // namespace holdfast
