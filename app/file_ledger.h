// FileLedger: the files that something is still to happen to: a hook, or the end of their time.
//
// One small file each, named by the take id, in this user's state folder; made when the file is
// begun, so that no crash forgets one. Of any file that is not there nothing is believed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "iocore/base/result.h"

namespace holdfast {

struct LedgerEntry {
    std::string takeId;         // 32 hexadecimal digits
    std::string path;           // absolute, of the file when it is finished
    std::uint64_t begunNs = 0;  // wall clock, of the recording
    std::uint32_t part = 1;     // of it
    bool toShip = false;        // the hook has not succeeded yet
    bool mayExpire = false;     // it was recorded with --keep
    bool operator==(const LedgerEntry&) const = default;
};

class FileLedger {
  public:
    // `files` in stateFolder(); empty where there is none.
    static std::string defaultFolder();

    explicit FileLedger(std::string folder = defaultFolder()) : folder_(std::move(folder)) {}

    // Durable when it returns; replaces what is known of the take. Errors: Stage::disk.
    // [any thread] [blocks]
    Result<> put(const LedgerEntry& entry);
    Result<> remove(const LedgerEntry& entry);  // [any thread] [blocks]
    // Of files in these folders, the oldest first. A damaged entry is left out.
    // [any thread] [blocks]
    Result<std::vector<LedgerEntry>> list(const std::vector<std::string>& folders);

  private:
    std::string folder_;
};

}  // namespace holdfast
