// The facts on Windows: the volume that holds the folder.
#include <fmt/format.h>
#include <windows.h>

#include <array>

#include "iocore/base/path_text.h"
#include "iocore/base/system_error_win32.h"
#include "iocore/base/take_id.h"
#include "iocore/base/utf16_win32.h"
#include "iocore/selftest/file_system.h"

namespace holdfast {
namespace {

constexpr LONGLONG kTriedBytes = 1 << 20;

tl::unexpected<Error> failed(const std::string& path) {
    return fail(Stage::disk, lastErrno(),
                fmt::format("{}: {}", path, systemErrorText(lastErrno())));
}

// Whether room can be kept behind the end of a file, on one that goes when it is closed.
Result<bool> preallocates(const std::string& folder) {
    const std::string name = fmt::format(".holdfast-selftest-{}.room", TakeId::random().hex());
    const auto path = systemPath(joinPath(folder, name));
    if (!path) return fail(path.error());
    const HANDLE file = CreateFileW(path->c_str(), GENERIC_WRITE | DELETE, 0, nullptr, CREATE_NEW,
                                    FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, nullptr);
    if (file == INVALID_HANDLE_VALUE) return failed(folder);
    FILE_ALLOCATION_INFO room{};
    room.AllocationSize.QuadPart = kTriedBytes;
    FILE_STANDARD_INFO got{};
    // What the system says it keeps counts, not that the call succeeded.
    const bool kept = SetFileInformationByHandle(file, FileAllocationInfo, &room, sizeof room) &&
                      GetFileInformationByHandleEx(file, FileStandardInfo, &got, sizeof got) &&
                      got.AllocationSize.QuadPart >= kTriedBytes;
    CloseHandle(file);
    return kept;
}

}  // namespace

Result<FileSystemFacts> fileSystemFacts(const std::string& folder) {
    FileSystemFacts facts;
    const auto path = systemPath(folder);
    if (!path) return fail(path.error());
    std::wstring volume(path->size() + 2, L'\0');
    std::array<wchar_t, MAX_PATH + 1> type{};
    if (GetVolumePathNameW(path->c_str(), volume.data(), static_cast<DWORD>(volume.size()))) {
        volume.resize(volume.find(L'\0'));
        facts.mountPoint = textOfSystemPath(volume);
        if (GetVolumeInformationW(volume.c_str(), nullptr, 0, nullptr, nullptr, nullptr,
                                  type.data(), MAX_PATH)) {
            facts.type = narrowText(type.data());
        }
        const UINT kind = GetDriveTypeW(volume.c_str());
        if (kind == DRIVE_REMOTE) {
            facts.kind = StorageKind::network;
        } else if (kind == DRIVE_RAMDISK) {
            facts.kind = StorageKind::memory;
        } else if (kind == DRIVE_FIXED || kind == DRIVE_REMOVABLE) {
            facts.kind = StorageKind::disk;
        }
    }
    if (facts.type.starts_with("FAT")) facts.maxFileBytes = 0xffffffff;
    const auto room = preallocates(folder);
    if (!room) return fail(room.error());
    facts.preallocates = *room;
    return facts;
}

}  // namespace holdfast
