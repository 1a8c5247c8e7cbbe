#include "app/progress_pace.h"

#include <algorithm>

namespace holdfast {

std::optional<ProgressMoment> ProgressPace::at(const std::string& path, std::uint64_t done,
                                               std::uint64_t total, Clock::time_point now) {
    if (total == 0) return std::nullopt;
    done = std::min(done, total);
    const bool otherFile = path != path_;
    const bool otherStep = otherFile || done < last_.done || total != last_.total;
    if (otherStep) {
        // Steps that nothing was told of have no number.
        last_.step = otherFile ? 1 : last_.step + (toldPercent_ >= 0 ? 1 : 0);
        path_ = path;
        toldPercent_ = -1;
        toldAt_ = now;
    }
    last_.done = done;
    last_.total = total;
    const int percent =
        done == total
            ? 100
            : static_cast<int>(100.0 * static_cast<double>(done) / static_cast<double>(total));
    if (percent <= toldPercent_) return std::nullopt;
    const bool isEnd = percent == 100;
    if (isEnd && toldPercent_ < 0) return std::nullopt;  // it was over before it was told of
    if (total < kLongBytes && now - toldAt_ < kLongTime && !isEnd) return std::nullopt;
    toldPercent_ = percent;
    toldAt_ = now;
    return last_;
}

}  // namespace holdfast
