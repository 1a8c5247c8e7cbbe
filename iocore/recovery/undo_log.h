// UndoLog: what a repair in place writes down, durably, before it touches the file.
//
// In the take's own journal where there is one, else in a new file of the same format. Order: the
// gaps and the audio that only the ring has, then the bytes that will be overwritten, then the
// record with the old head, by which alone the log counts, last the new head and length. So
// whatever a crash leaves of it, either it is complete or the file is untouched.
#pragma once

#include <memory>
#include <string>

#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"
#include "iocore/journal/journal.h"
#include "iocore/recovery/recovery_scan.h"

namespace holdfast {

// The first bytes to save, and from where on the file is rewritten.
struct UndoScope {
    std::uint64_t headBytes = 0;
    std::uint64_t rewrittenFrom = 0;  // the file's length: nothing but the head is
    std::uint64_t firstFrame = 0;     // of the result, at rewrittenFrom
};

class UndoLog {
  public:
    // `locked`: the take's journal, open for writing; null: a new file is made under the undo name.
    // Nothing is written yet; what a killed repair left of a log that does not count is cut off.
    // Errors: Stage::recovery when that name is taken.
    static Result<UndoLog> open(DiskFolder& folder, const ScannedTake& take,
                                std::unique_ptr<DiskFile> locked);

    // Writes the log and makes it durable, and has `take` see the file through it from now on.
    // Does nothing when one is in force already. [blocks]
    Result<> begin(ScannedTake& take, const UndoScope& scope);
    // Says, durably, what the file will be: by that alone a half-written one is known for ours.
    // After begin(), before the first write to the file. [blocks]
    Result<> announce(const RepairedRecord& repaired);
    // The repair is complete and durable: says so, and gives the log its name as undo file.
    // [blocks]
    Result<> end();

    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    UndoLog(DiskFolder& folder, std::string undoName)
        : folder_(folder), undoName_(std::move(undoName)) {}
    Result<> appendRing(const ScannedTake& take, const UndoScope& scope);
    Result<> appendUndo(const ScannedTake& take, const UndoScope& scope);
    Result<> makeDurable();

    DiskFolder& folder_;
    std::string undoName_;
    std::string name_;  // where it lies now
    std::unique_ptr<Journal> journal_;
};

}  // namespace holdfast
