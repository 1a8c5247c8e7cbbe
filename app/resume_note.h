// ResumeNote: that a recording is under way which its service wants to go on after a kill.
//
// One small file for each service (folder, FILE and device), durable before the recording begins;
// gone when it has ended in order. So what ended is not begun again, and what was killed is.
#pragma once

#include <optional>
#include <string>

#include "iocore/base/result.h"

namespace holdfast {

class ResumeNote {
  public:
    // `restart` in stateFolder(); empty where there is none.
    static std::string defaultFolder();

    // `service`: what tells one service from another, any text.
    explicit ResumeNote(const std::string& service, std::string folder = defaultFolder());

    // The first part's path, of the recording that did not end in order. [control thread] [blocks]
    [[nodiscard]] std::optional<std::string> read();
    Result<> write(const std::string& path);  // [control thread] [blocks]
    Result<> remove();                        // [control thread] [blocks]

  private:
    std::string folder_;
    std::string name_;
};

}  // namespace holdfast
