#include "app/resume_note.h"

#include <fmt/format.h>

#include <cerrno>
#include <span>
#include <utility>

#include "iocore/base/checksum.h"
#include "iocore/base/own_folder.h"
#include "iocore/base/state_folder.h"
#include "iocore/disk/small_file.h"

namespace holdfast {
namespace {

constexpr std::size_t kMaxPathBytes = 32'768;

}  // namespace

std::string ResumeNote::defaultFolder() {
    return stateFolder("restart");
}

ResumeNote::ResumeNote(const std::string& service, std::string folder)
    : folder_(std::move(folder)),
      name_(fmt::format("{:016x}", checksum(std::as_bytes(std::span(service)), 0))) {}

std::optional<std::string> ResumeNote::read() {
    auto folder = openFolder(folder_);
    if (!folder) return std::nullopt;
    auto path = readSmallFile(**folder, name_, kMaxPathBytes);
    if (!path || path->empty()) return std::nullopt;
    return *path;
}

Result<> ResumeNote::write(const std::string& path) {
    if (folder_.empty()) return fail(Stage::disk, "no folder for notes of services is known");
    if (auto made = makeOwnFolders(folder_); !made) return made;
    auto folder = openFolder(folder_);
    if (!folder) return fail(folder.error());
    return replaceSmallFile(**folder, name_, path);
}

Result<> ResumeNote::remove() {
    auto folder = openFolder(folder_);
    if (!folder) return {};
    auto removed = (*folder)->remove(name_);
    if (!removed && removed.error().code != ENOENT) return removed;
    return (*folder)->sync();
}

}  // namespace holdfast
