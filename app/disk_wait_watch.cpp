#include "app/disk_wait_watch.h"

#include <fmt/format.h>

namespace holdfast {

std::optional<DiskWaitWatch::News> DiskWaitWatch::look(const RecorderStatus& status) {
    if (!hangs_) {
        if (status.diskWaitMs < kPatienceMs) return std::nullopt;
        hangs_ = true;
        commits_ = status.commits;
        parts_ = status.parts;
        return News::hangs;
    }
    if (status.diskWaitMs >= kPatienceMs) return std::nullopt;
    // A disk that was left is told of as such.
    if (status.parts == parts_ && status.commits == commits_) return std::nullopt;
    hangs_ = false;
    return status.parts == parts_ ? std::optional(News::answers) : std::nullopt;
}

std::string diskWaitReport(DiskWaitWatch::News news, const RecorderStatus& status) {
    if (news == DiskWaitWatch::News::answers) return "the disk answers again";
    return fmt::format("the disk has not answered for {} s; nothing is lost for another {} s",
                       status.diskWaitMs / 1000, status.stallBudgetMs / 1000);
}

}  // namespace holdfast
