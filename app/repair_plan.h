// RepairPlan: what a repair of one file would write, told before it writes.
#pragma once

#include <cstdint>
#include <string>

#include "iocore/recovery/recovery_report.h"

namespace holdfast {

struct RepairPlan {
    bool inPlace = false;
    std::string resultPath = {};   // as the user would write it
    std::uint64_t bytes = 0;       // of the result, without markers and other chunks
    std::uint64_t audioBytes = 0;  // of audio that has to be written
    std::uint64_t freeBytes = 0;   // where they go
    std::string undoPath = {};     // in place only
};

// The file beside `path` that is called `name`: in the same words as the user's.
std::string besides(const std::string& path, const std::string& name);
// Bytes of audio that the file does not have at its place yet. [any thread]
std::uint64_t audioToWrite(const RecoveryReport& report, bool inPlace);
// Whether a repair would do anything to the file. [any thread]
bool hasWork(const RecoveryReport& report);

}  // namespace holdfast
