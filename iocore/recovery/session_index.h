// SessionIndex: hints where this user's unfinished takes lie, so that they can be listed without
// searching every disk.
//
// One small file a take, named by its id, that holds the journal's absolute path. Only a hint: the
// journal decides, and hints whose take is resolved are dropped when they are listed.
#pragma once

#include <string>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/base/take_id.h"

namespace holdfast {

struct SessionHint {
    std::string takeIdHex;
    std::string journalPath;  // absolute
    bool reachable = true;    // false: its folder is not there now (a disk that is not plugged in)
};

class SessionIndex {
  public:
    // `sessions` in stateFolder(); empty where there is none.
    static std::string defaultFolder();

    explicit SessionIndex(std::string folder = defaultFolder()) : folder_(std::move(folder)) {}

    // The recorder's start; makes the folder, for this user only. A failure costs the hint alone.
    // Errors: Stage::disk. [control thread] [blocks]
    Result<> add(const TakeId& takeId, const std::string& journalPath);
    // The recorder's finish, or a recovery. No error when there is none. [control thread] [blocks]
    Result<> remove(const TakeId& takeId);
    // What is unfinished still. Errors: Stage::disk when the folder cannot be read; a missing one
    // is an empty list. [any thread] [blocks]
    Result<std::vector<SessionHint>> list();

  private:
    std::string folder_;
};

}  // namespace holdfast
