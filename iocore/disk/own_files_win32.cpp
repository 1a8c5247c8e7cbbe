#include "iocore/disk/own_files_win32.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace holdfast {
namespace {

struct OwnFile {
    std::wstring path;
    std::shared_ptr<FileHandle> file;
};

struct OwnFiles {
    std::mutex lock;
    std::vector<OwnFile> files;
};

OwnFiles& own() {
    static OwnFiles files;
    return files;
}

bool samePath(const std::wstring& one, const std::wstring& other) {
    return CompareStringOrdinal(one.c_str(), -1, other.c_str(), -1, TRUE) == CSTR_EQUAL;
}

}  // namespace

void addOwnFile(const std::wstring& path, std::shared_ptr<FileHandle> file) {
    const std::lock_guard listed(own().lock);
    own().files.push_back({path, std::move(file)});
}

void moveOwnFile(const FileHandle& file, const std::wstring& to) {
    const std::lock_guard listed(own().lock);
    for (OwnFile& each : own().files) {
        if (each.file.get() == &file) each.path = to;
    }
}

void forgetOwnFile(const FileHandle& file) {
    std::shared_ptr<FileHandle> last;  // closed behind the lock: closing may hang
    const std::lock_guard listed(own().lock);
    const auto found = std::ranges::find_if(
        own().files, [&](const OwnFile& each) { return each.file.get() == &file; });
    if (found == own().files.end()) return;
    last = std::move(found->file);
    own().files.erase(found);
}

std::shared_ptr<FileHandle> ownFileAt(const std::wstring& path) {
    const std::lock_guard listed(own().lock);
    const auto found = std::ranges::find_if(
        own().files, [&](const OwnFile& each) { return samePath(each.path, path); });
    return found != own().files.end() ? found->file : nullptr;
}

}  // namespace holdfast
