#include "iocore/recovery/finished_file.h"

#include <array>

#include "iocore/base/path_text.h"
#include "iocore/disk/digest_file.h"
#include "iocore/disk/disk_file.h"
#include "iocore/recovery/recovery_report.h"
#include "iocore/riff/riff_format.h"

namespace holdfast {
namespace {

FinishedFile only(FileStanding standing) {
    FinishedFile file;
    file.standing = standing;
    return file;
}

FinishedFile judgeHeader(DiskFile& file, const std::string& takeId) {
    std::array<std::byte, kHeaderBlockBytes> bytes{};
    const auto got = file.readAt(0, bytes);
    const auto size = file.size();
    const auto time = file.modificationTime();
    if (!got || !size || !time) return {};
    const DecodedHeader header = decodeHeaderBlock(bytes);
    const HeaderSeal& seal = header.block.seal;
    if (header.state != SealState::sound || (!takeId.empty() && seal.takeId.hex() != takeId)) {
        return only(FileStanding::gone);
    }
    if ((seal.flags & HeaderFlags::finished) == 0) return only(FileStanding::unfinished);
    FinishedFile found = only(FileStanding::finished);
    found.frames = seal.frames;
    found.bytes = *size;
    found.modifiedNs = static_cast<std::uint64_t>(*time);
    found.isVerified =
        (seal.flags & HeaderFlags::damageLeft) == 0 && riffSizeOf(header.block) + 8 == *size;
    return found;
}

}  // namespace

FinishedFile judgeFile(const std::string& path, const std::string& takeId) {
    const SplitPath split = splitPath(path);
    auto folder = openFolder(split.folder);
    if (!folder) return {};
    if ((*folder)->exists(journalNameOf(split.name)) || (*folder)->exists(partNameOf(split.name))) {
        return only(FileStanding::unfinished);
    }
    if (!(*folder)->exists(split.name)) return only(FileStanding::gone);
    auto file = (*folder)->open(split.name, Access::read);
    return file ? judgeHeader(**file, takeId) : FinishedFile{};
}

Result<> removeFinishedFile(const std::string& path) {
    const SplitPath split = splitPath(path);
    auto folder = openFolder(split.folder);
    if (!folder) return fail(folder.error());
    if (auto removed = (*folder)->remove(split.name); !removed) return removed;
    for (const std::string& beside : {digestNameOf(split.name), undoNameOf(split.name)}) {
        if (!(*folder)->exists(beside)) continue;
        if (auto removed = (*folder)->remove(beside); !removed) return removed;
    }
    return {};
}

}  // namespace holdfast
