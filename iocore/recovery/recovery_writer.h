// RecoveryWriter: carries out the plan of a scan, as a copy or in place, and takes it back.
//
// Each call may be killed between any two of its operations and run again: the second run comes to
// the same end, and no byte of audio is ever in fewer places than before. Order and proof:
// FORMAT.md, "What recovery does". In place, the undo records go to the journal, which is why this
// part of recovery uses its writing end.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"
#include "iocore/recovery/plan_reader.h"
#include "iocore/recovery/recovery_report.h"
#include "iocore/recovery/scan_options.h"

namespace holdfast {

struct RepairOptions {
    ScanOptions scan;
    // Where a copy goes; null: beside the take. Outlives the call.
    DiskFolder* outputFolder = nullptr;
    std::string outputName;  // empty: report.outputName
    // Whatever has the output's name goes, but for a take that is not recovered itself.
    bool replaceOutput = false;
    // Removes a ring whose audio is safe elsewhere. Default: the system's.
    std::function<Result<>(const std::string& path)> removeRing;
};

enum class RepairOutcome {
    recovered,         // `resultName` holds the result now
    alreadyRecovered,  // it did before
    nothingToDo,       // the take is sound
    removed,           // it held no frame: what there was of it is gone
    leftAlone,         // live, rewritten, leftover or unusable: `report.reason` says why
};

struct RepairResult {
    RepairOutcome outcome = RepairOutcome::leftAlone;
    RecoveryReport report;
    std::string resultName;
    std::vector<std::string> removed;  // files of the folder, when the take was empty
    bool damageLeft = false;           // of the result, now or when it was made
    std::vector<std::string> notes;    // what could not be tidied up behind it
};

// A copy; the input is only read. Its temporary file is `<output stem>.part.wav`, or, where that is
// the input, `<output stem>.recovered.part.wav`.
// Errors: as the scan's; Stage::disk (ENOSPC names bytes needed and free), EEXIST of
// Stage::recovery when the output's name is taken; isCancelled(). Nothing is left behind then.
// [any thread] [blocks]
Result<RepairResult> repairCopy(DiskFolder& folder, const std::string& name,
                                const RepairOptions& options = {});

// The file itself, with a durable undo log first.
// Errors: as repairCopy(); what was begun stays and is gone on with by the next run.
// [any thread] [blocks]
Result<RepairResult> repairInPlace(DiskFolder& folder, const std::string& name,
                                   const RepairOptions& options = {});

struct UndoResult {
    bool undone = false;  // false: there was nothing to take back
    std::string wavName;
    std::string journalName;  // in its place again; empty for a foreign file
};

// Puts back the bytes, the length and the time from before repairInPlace(), finished or not.
// Errors: Stage::disk; Stage::recovery when the file was changed since, or is locked.
// [any thread] [blocks]
Result<UndoResult> undoInPlace(DiskFolder& folder, const std::string& name);

// The recoverable audio alone, raw, block by block; the report says its format.
// Errors: as RecoveryScan::check(), readPlan(), the visitor's. [any thread] [blocks]
Result<RecoveryReport> extractAudio(DiskFolder& folder, const std::string& name,
                                    const ScanOptions& options, const AudioVisitor& visit);

}  // namespace holdfast
