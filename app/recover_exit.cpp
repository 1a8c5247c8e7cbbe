#include "app/recover_exit.h"

#include "app/exit_status.h"

namespace holdfast {

int exitOfCheck(const RecoveryReport& report) {
    switch (report.verdict) {
        case Verdict::sound:
            return kRecoverSound;
        case Verdict::unfinished:
        case Verdict::damaged:
        case Verdict::leftover:
            return kRecoverDamageLeft;
        case Verdict::rewritten: {
            // Whoever changed it answers for it; is it in order as it lies there?
            const bool whole = report.headerFrames == report.recoverableFrames &&
                               !report.damageLeft && report.dropped.empty();
            return whole ? kRecoverSound : kRecoverDamageLeft;
        }
        case Verdict::live:
        case Verdict::unusable:
            break;
    }
    return kRecoverOperational;
}

int exitOfExtract(const RecoveryReport& report) {
    if (report.damageLeft) return kRecoverDamageLeft;
    return report.verdict == Verdict::unfinished ? kRecoverRepaired : kRecoverSound;
}

int exitOfRepair(const RepairResult& result) {
    switch (result.outcome) {
        case RepairOutcome::recovered:
        case RepairOutcome::alreadyRecovered:
            return result.damageLeft ? kRecoverDamageLeft : kRecoverRepaired;
        case RepairOutcome::removed:
            return kRecoverRepaired;
        case RepairOutcome::nothingToDo:
        case RepairOutcome::leftAlone:
            break;
    }
    return exitOfCheck(result.report);
}

int exitOfError(const Error& error) {
    if (error.stage == Stage::usage) return kRecoverUsage;
    return isCancelled(error) ? kRecoverCancelled : kRecoverOperational;
}

}  // namespace holdfast
