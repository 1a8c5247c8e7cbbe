// DiskWaitWatch: notices that the disk does not answer, and that it does again.
//
// The status shows for how long a call has not come back; people are told once a hang, early enough
// to look at the cable while the ring still holds all that is captured.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "iocore/recorder/recorder_status.h"

namespace holdfast {

class DiskWaitWatch {
  public:
    static constexpr std::uint64_t kPatienceMs = 3000;

    enum class News { hangs, answers };
    // [control thread]
    std::optional<News> look(const RecorderStatus& status);

  private:
    bool hangs_ = false;
    std::uint64_t commits_ = 0;  // when the hang was told
    std::uint32_t parts_ = 0;
};

// "the disk has not answered for 3 s; nothing is lost for another 27 s"
std::string diskWaitReport(DiskWaitWatch::News news, const RecorderStatus& status);

}  // namespace holdfast
