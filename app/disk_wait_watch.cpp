#include "app/disk_wait_watch.h"

#include <fmt/format.h>

#include <utility>

namespace holdfast {

std::optional<DiskWaitWatch::News> DiskWaitWatch::look(const RecorderStatus& status) {
    const bool hangs = status.diskWaitMs >= kPatienceMs;
    if (std::exchange(hangs_, hangs) == hangs) return std::nullopt;
    return hangs ? News::hangs : News::answers;
}

std::string diskWaitReport(DiskWaitWatch::News news, const RecorderStatus& status) {
    if (news == DiskWaitWatch::News::answers) return "the disk answers again";
    return fmt::format("the disk has not answered for {} s; nothing is lost for another {} s",
                       status.diskWaitMs / 1000, status.stallBudgetMs / 1000);
}

}  // namespace holdfast
