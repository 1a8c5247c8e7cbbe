// ProgressPace: which moments of long work are told of in a stream of events.
//
// Work goes on in steps (reading, writing), each with its own count of bytes. Of one step at most
// 101 are told, each of them further than the one before, the last of them its end. Work that is
// short, by its size and by the clock, is not told of at all, and not counted as a step. [control
// thread]
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace holdfast {

struct ProgressMoment {
    unsigned step = 1;  // of the work on one file
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    bool operator==(const ProgressMoment&) const = default;
};

class ProgressPace {
  public:
    using Clock = std::chrono::steady_clock;
    // Work on so many bytes is long however fast they go by.
    static constexpr std::uint64_t kLongBytes = 64 << 20;
    static constexpr std::chrono::seconds kLongTime{1};

    // Where the work on `path` stands at `now`: something when that is to be told of. A total of 0
    // is unknown and never told.
    std::optional<ProgressMoment> at(const std::string& path, std::uint64_t done,
                                     std::uint64_t total, Clock::time_point now);

  private:
    std::string path_;
    ProgressMoment last_;
    int toldPercent_ = -1;
    Clock::time_point toldAt_;
};

}  // namespace holdfast
