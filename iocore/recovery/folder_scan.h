// scanFolder: the takes under a folder that somebody should look at.
//
// Only names and header blocks are read, so a folder of thousands is looked through at once;
// RecoveryScan says the rest of each find.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/base/take_id.h"

namespace holdfast {

enum class FindReason {
    journal,     // a journal is beside it, or stands alone
    partFile,    // a take that never got its final name
    unfinished,  // its header says that it was not finished
    sizesWrong,  // its sizes are not those of the file
};
std::string_view findReasonName(FindReason reason);

struct FoundTake {
    std::string folder;  // absolute
    std::string name;    // the WAV, or the journal where there is none
    FindReason reason = FindReason::journal;
    TakeId takeId;                  // zero: foreign, or not readable
    bool alreadyRecovered = false;  // its recovered copy is beside it
};

struct FolderFinds {
    std::vector<FoundTake> takes;    // by folder, then name
    std::vector<std::string> notes;  // folders that could not be read
};

// Recursive; links are not followed. `goOn` is asked once a file; false cancels.
// Errors: Stage::disk when `path` is no readable folder; isCancelled(). [any thread] [blocks]
Result<FolderFinds> scanFolder(const std::string& path, const std::function<bool()>& goOn = {});

}  // namespace holdfast
