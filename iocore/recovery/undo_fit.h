// fitOfUndo: whether an undo log still speaks of the file beside it.
//
// The log outlives the repair, and the file may be recorded anew or edited under the same name; old
// bytes put into that would destroy it. So a log counts only for states that a repair or its taking
// back leaves, told by head, length and time. FORMAT.md, "What recovery does".
#pragma once

#include "iocore/base/result.h"
#include "iocore/recovery/take_evidence.h"

namespace holdfast {

enum class UndoFit {
    changed,   // by somebody else: the log must not be used
    repaired,  // exactly as the repair left it
    between,   // a repair or a taking back was killed: the original shows through the log
};

// REQUIRES journal.undo. Errors: Stage::disk when the file cannot be read. [any thread] [blocks]
Result<UndoFit> fitOfUndo(DiskFile& wav, const JournalEvidence& journal);

}  // namespace holdfast
