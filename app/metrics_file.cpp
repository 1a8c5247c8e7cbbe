#include "app/metrics_file.h"

#include <cerrno>
#include <string_view>
#include <utility>

#include "iocore/base/path_text.h"
#include "iocore/disk/small_file.h"

namespace holdfast {
namespace {

constexpr std::string_view kBeginning = "# HELP holdfast_";

// Not durable: after a power cut the figures are old in any case.
Result<> replaceFile(const std::string& path, const std::string& text) {
    const SplitPath split = splitPath(path);
    auto folder = openFolder(split.folder);
    if (!folder) return fail(folder.error());
    return replaceSmallFile(**folder, split.name, text, {.ownerOnly = false, .durable = false});
}

// A wrong name must not cost a file of the user's; a folder that takes none is told of at once.
Result<> checkCanBeOurs(const SplitPath& split) {
    auto folder = openFolder(split.folder);
    if (!folder) return fail(folder.error());
    if (!(*folder)->exists(split.name)) {
        auto tried = (*folder)->create(split.name, false);
        if (!tried) return fail(tried.error());
        tried->reset();
        return (*folder)->remove(split.name);
    }
    const auto begin = readSmallFile(**folder, split.name, kBeginning.size());
    if (begin && (begin->empty() || *begin == kBeginning)) return {};
    return fail(Stage::usage, EEXIST,
                joinPath(split.folder, split.name) + ": is there already, and holds no figures");
}

}  // namespace

Result<std::unique_ptr<MetricsFile>> MetricsFile::open(std::string path) {
    const SplitPath split = splitPath(path);
    if (split.name.empty()) return fail(Stage::usage, EISDIR, path + ": names a folder");
    if (auto can = checkCanBeOurs(split); !can) {
        return fail(Stage::usage, can.error().code, can.error().text);
    }
    return std::unique_ptr<MetricsFile>(new MetricsFile(std::move(path)));
}

void MetricsFile::write(std::string text) {
    // Relaxed, as in the piece below: only the flag is shared, nothing else hangs on its order.
    if (busy_->exchange(true, std::memory_order_relaxed)) return;
    work_.post([path = path_, busy = busy_, text = std::move(text)] {
        (void)replaceFile(path, text);
        // Relaxed, as in write().
        busy->store(false, std::memory_order_relaxed);
    });
}

}  // namespace holdfast
