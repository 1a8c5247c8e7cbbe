#include "iocore/mmio/mmio_handles_posix.h"

#include <algorithm>

namespace holdfast::mmio_posix {

HMMIO Handles::add(std::unique_ptr<OpenFile> file) {
    const std::lock_guard lock(mutex_);
    const auto handle = reinterpret_cast<HMMIO>(++last_);
    file->info.hmmio = handle;
    files_.emplace(handle, std::move(file));
    return handle;
}

OpenFile* Handles::find(HMMIO handle) {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(handle);
    return found == files_.end() ? nullptr : found->second.get();
}

std::unique_ptr<OpenFile> Handles::take(HMMIO handle) {
    const std::lock_guard lock(mutex_);
    auto node = files_.extract(handle);
    return node.empty() ? nullptr : std::move(node.mapped());
}

void InstalledProcs::install(FOURCC code, LPMMIOPROC proc) {
    const std::lock_guard lock(mutex_);
    procs_.emplace_back(code, proc);
}

LPMMIOPROC InstalledProcs::find(FOURCC code) {
    const std::lock_guard lock(mutex_);
    const auto newest = std::find_if(procs_.rbegin(), procs_.rend(),
                                     [code](const auto& entry) { return entry.first == code; });
    if (newest != procs_.rend()) return newest->second;
    if (code == FOURCC_DOS) return dosIoProc;
    return code == FOURCC_MEM ? memoryIoProc : nullptr;
}

LPMMIOPROC InstalledProcs::remove(FOURCC code) {
    const std::lock_guard lock(mutex_);
    const auto newest = std::find_if(procs_.rbegin(), procs_.rend(),
                                     [code](const auto& entry) { return entry.first == code; });
    if (newest == procs_.rend()) return nullptr;
    const LPMMIOPROC proc = newest->second;
    procs_.erase(std::next(newest).base());
    return proc;
}

// Never destroyed: a thread that was abandoned on a hanging disk may still use them at exit.
Handles& handles() {
    static auto* const table = new Handles;
    return *table;
}

InstalledProcs& installedProcs() {
    static auto* const table = new InstalledProcs;
    return *table;
}

}  // namespace holdfast::mmio_posix
