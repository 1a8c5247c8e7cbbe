#include "iocore/disk/open_file_win32.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <mutex>
#include <utility>
#include <vector>

#include "iocore/base/owner_only_win32.h"
#include "iocore/base/system_error_win32.h"
#include "iocore/base/utf16_win32.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kMaxOffset = std::numeric_limits<std::int64_t>::max();
// Far behind every byte of a file: locks on Windows keep others from reading what they cover.
constexpr std::uint64_t kLockedByte = kMaxOffset - 1;
constexpr std::int64_t kUnixEpoch = 116'444'736'000'000'000;  // in units of 100 ns since 1601
// A virus scanner or an indexer may hold a file for a moment: as long as that is waited for.
constexpr int kBusyTries = 200;
constexpr DWORD kBusyNapMs = 10;

tl::unexpected<Error> diskError(const std::string& name, int code) {
    return fail(Stage::disk, code, fmt::format("{}: {}", name, systemErrorText(code)));
}

OVERLAPPED at(std::uint64_t offset) {
    OVERLAPPED position{};
    position.Offset = static_cast<DWORD>(offset);
    position.OffsetHigh = static_cast<DWORD>(offset >> 32);
    return position;
}

DWORD blockOf(std::size_t bytes) {
    return static_cast<DWORD>(std::min<std::size_t>(bytes, 1 << 30));
}

HANDLE openHandle(const std::wstring& path, Access access, bool mayDelete) {
    const bool writes = access == Access::readWrite;
    const DWORD wish = GENERIC_READ | (writes ? GENERIC_WRITE : 0) | (mayDelete ? DELETE : 0);
    // Who only reads stands in nobody's way.
    const DWORD sharing =
        writes ? FILE_SHARE_READ : FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    return CreateFileW(path.c_str(), wish, sharing, nullptr, OPEN_EXISTING,
                       FILE_FLAG_OPEN_REPARSE_POINT, nullptr);
}

// All of this process that write, with the lock of the list.
struct OwnFiles {
    std::mutex lock;
    std::vector<WindowsFile*> files;
};

OwnFiles& ownFiles() {
    static OwnFiles own;
    return own;
}

bool samePath(const std::wstring& one, const std::wstring& other) {
    return CompareStringOrdinal(one.c_str(), -1, other.c_str(), -1, TRUE) == CSTR_EQUAL;
}

}  // namespace

tl::unexpected<Error> lastDiskError(const std::string& name) {
    return diskError(name, lastErrno());
}

Result<std::unique_ptr<WindowsFile>> WindowsFile::create(const std::wstring& path,
                                                         const std::string& name, bool ownerOnly) {
    OwnerOnly mine;
    const HANDLE handle =
        CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE | DELETE, FILE_SHARE_READ,
                    ownerOnly ? mine.get() : nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (handle == INVALID_HANDLE_VALUE) return lastDiskError(name);
    return std::unique_ptr<WindowsFile>(
        new WindowsFile(handle, path, name, Access::readWrite, true));
}

Result<std::unique_ptr<WindowsFile>> WindowsFile::open(const std::wstring& path,
                                                       const std::string& name, Access access) {
    const auto is = [&](int code, std::string_view what) {
        return fail(Stage::disk, code, fmt::format("{}: is {}, not a regular file", name, what));
    };
    const DWORD attributes = GetFileAttributesW(path.c_str());
    if (attributes == INVALID_FILE_ATTRIBUTES) return lastDiskError(name);
    if ((attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) return is(ELOOP, "a symbolic link");
    if ((attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) return is(EISDIR, "a folder");
    const HANDLE handle = openHandle(path, access, false);
    if (handle == INVALID_HANDLE_VALUE) return lastDiskError(name);
    std::unique_ptr<WindowsFile> file(new WindowsFile(handle, path, name, access, false));
    if (GetFileType(handle) != FILE_TYPE_DISK) return is(EINVAL, "a device");
    return file;
}

WindowsFile::WindowsFile(HANDLE handle, std::wstring path, std::string name, Access access,
                         bool mayDelete)
    : handle_(handle),
      path_(std::move(path)),
      name_(std::move(name)),
      access_(access),
      mayDelete_(mayDelete) {
    if (access != Access::readWrite) return;
    const std::lock_guard listed(ownFiles().lock);
    ownFiles().files.push_back(this);
}

WindowsFile::~WindowsFile() {
    {
        const std::lock_guard listed(ownFiles().lock);
        std::erase(ownFiles().files, this);
    }
    if (handle_ != INVALID_HANDLE_VALUE) CloseHandle(handle_);
}

Result<std::size_t> WindowsFile::readAt(std::uint64_t offset, std::span<std::byte> into) {
    const std::shared_lock open(opening_);
    std::size_t done = 0;
    while (done < into.size() && offset + done <= kMaxOffset) {
        OVERLAPPED position = at(offset + done);
        DWORD got = 0;
        if (!ReadFile(handle_, into.data() + done, blockOf(into.size() - done), &got, &position)) {
            if (GetLastError() == ERROR_HANDLE_EOF) break;
            return lastDiskError(name_);
        }
        if (got == 0) break;
        done += got;
    }
    return done;
}

Result<> WindowsFile::writeAt(std::uint64_t offset, std::span<const std::byte> bytes) {
    if (offset > kMaxOffset || bytes.size() > kMaxOffset - offset) return diskError(name_, EFBIG);
    const std::shared_lock open(opening_);
    std::size_t done = 0;
    while (done < bytes.size()) {
        OVERLAPPED position = at(offset + done);
        DWORD put = 0;
        if (!WriteFile(handle_, bytes.data() + done, blockOf(bytes.size() - done), &put,
                       &position)) {
            return lastDiskError(name_);
        }
        // A medium that takes nothing and reports nothing would hold this loop for ever.
        if (put == 0) return diskError(name_, EIO);
        done += put;
    }
    return {};
}

Result<> WindowsFile::resize(std::uint64_t bytes) {
    if (bytes > kMaxOffset) return diskError(name_, EFBIG);
    const std::shared_lock open(opening_);
    FILE_END_OF_FILE_INFO end{};
    end.EndOfFile.QuadPart = static_cast<LONGLONG>(bytes);
    if (!SetFileInformationByHandle(handle_, FileEndOfFileInfo, &end, sizeof end)) {
        return lastDiskError(name_);
    }
    return {};
}

// Never tried a second time: after a failure the system may hold the pages for clean.
Result<> WindowsFile::sync() {
    const std::shared_lock open(opening_);
    if (!FlushFileBuffers(handle_)) return lastDiskError(name_);
    return {};
}

Result<std::uint64_t> WindowsFile::size() {
    const std::shared_lock open(opening_);
    LARGE_INTEGER bytes{};
    if (!GetFileSizeEx(handle_, &bytes)) return lastDiskError(name_);
    return static_cast<std::uint64_t>(bytes.QuadPart);
}

Result<> WindowsFile::setAllocation(std::uint64_t bytes) {
    const std::shared_lock open(opening_);
    FILE_ALLOCATION_INFO room{};
    room.AllocationSize.QuadPart = static_cast<LONGLONG>(bytes);
    if (SetFileInformationByHandle(handle_, FileAllocationInfo, &room, sizeof room)) return {};
    return lastDiskError(name_);
}

// The end of the file stays: only what is kept behind it changes.
Result<> WindowsFile::reserve(std::uint64_t bytes) {
    const auto end = size();
    if (!end) return fail(end.error());
    auto kept = setAllocation(*end + bytes);
    if (!kept && kept.error().code == ENOSPC) return kept;
    return {};
}

Result<> WindowsFile::releaseReserve() {
    const auto end = size();
    if (!end) return fail(end.error());
    (void)setAllocation(*end);
    return {};
}

// Belongs to the handle, so it holds against a second opening in our own process too. A handle for
// reading asks for the shared kind; a living writer refuses that just as well.
Result<bool> WindowsFile::tryLock() {
    const std::shared_lock open(opening_);
    OVERLAPPED position = at(kLockedByte);
    const DWORD kind = LOCKFILE_FAIL_IMMEDIATELY |
                       (access_ == Access::readWrite ? DWORD{LOCKFILE_EXCLUSIVE_LOCK} : 0);
    if (locked_ || LockFileEx(handle_, kind, 0, 1, 0, &position)) {
        locked_ = true;
        return true;
    }
    const int code = lastErrno();
    if (code == EBUSY || GetLastError() == ERROR_IO_PENDING) return false;
    return diskError(name_, code);
}

Result<std::int64_t> WindowsFile::modificationTime() {
    const std::shared_lock open(opening_);
    FILE_BASIC_INFO info{};
    if (!GetFileInformationByHandleEx(handle_, FileBasicInfo, &info, sizeof info)) {
        return lastDiskError(name_);
    }
    return (info.LastWriteTime.QuadPart - kUnixEpoch) * 100;
}

Result<> WindowsFile::setModificationTime(std::int64_t nanoseconds) {
    const std::shared_lock open(opening_);
    FILE_BASIC_INFO info{};  // zeros: as they are
    info.LastWriteTime.QuadPart = nanoseconds / 100 + kUnixEpoch;
    if (!SetFileInformationByHandle(handle_, FileBasicInfo, &info, sizeof info)) {
        return lastDiskError(name_);
    }
    return {};
}

// REQUIRES the list's lock.
WindowsFile* WindowsFile::find(const std::wstring& path) {
    const auto found = std::ranges::find_if(
        ownFiles().files, [&](const WindowsFile* file) { return samePath(file->path_, path); });
    return found != ownFiles().files.end() ? *found : nullptr;
}

// Our own sharing lets no second handle for writing stand beside the first: it goes before the next
// one comes. REQUIRES opening_ alone.
Result<> WindowsFile::reopen(bool mayDelete) {
    CloseHandle(handle_);
    handle_ = openHandle(path_, access_, mayDelete);
    for (int tries = 1; handle_ == INVALID_HANDLE_VALUE && tries < kBusyTries; ++tries) {
        if (lastErrno() != EBUSY && lastErrno() != EACCES) break;
        Sleep(kBusyNapMs);
        handle_ = openHandle(path_, access_, mayDelete);
    }
    if (handle_ == INVALID_HANDLE_VALUE) return lastDiskError(name_);
    mayDelete_ = mayDelete;
    return regainLock();
}

Result<> WindowsFile::regainLock() {
    if (!locked_) return {};
    OVERLAPPED position = at(kLockedByte);
    const DWORD kind = LOCKFILE_FAIL_IMMEDIATELY | LOCKFILE_EXCLUSIVE_LOCK;
    if (LockFileEx(handle_, kind, 0, 1, 0, &position)) return {};
    return lastDiskError(name_);
}

Result<bool> WindowsFile::renameOwn(const std::wstring& path, const std::wstring& to,
                                    Existing existing) {
    const std::lock_guard listed(ownFiles().lock);
    WindowsFile* const file = find(path);
    if (file == nullptr) return false;
    const std::unique_lock alone(file->opening_);
    if (!file->mayDelete_) {
        if (auto opened = file->reopen(true); !opened) return fail(opened.error());
    }
    if (auto renamed = renameByHandle(file->handle_, file->name_, to, existing); !renamed) {
        return fail(renamed.error());
    }
    file->path_ = to;
    if (auto narrowed = file->reopen(false); !narrowed) return fail(narrowed.error());
    return true;
}

Result<bool> WindowsFile::removeOwn(const std::wstring& path) {
    const std::lock_guard listed(ownFiles().lock);
    WindowsFile* const file = find(path);
    if (file == nullptr) return false;
    const std::unique_lock alone(file->opening_);
    if (!file->mayDelete_) {
        if (auto opened = file->reopen(true); !opened) return fail(opened.error());
    }
    if (auto removed = removeByHandle(file->handle_, file->name_); !removed) {
        return fail(removed.error());
    }
    CloseHandle(std::exchange(file->handle_, INVALID_HANDLE_VALUE));
    std::erase(ownFiles().files, file);
    return true;
}

Result<bool> WindowsFile::syncOwn(const std::wstring& path) {
    const std::lock_guard listed(ownFiles().lock);
    WindowsFile* const file = find(path);
    if (file == nullptr) return false;
    if (auto synced = file->sync(); !synced) return fail(synced.error());
    return true;
}

Result<> renameByHandle(HANDLE handle, const std::string& name, const std::wstring& to,
                        Existing existing) {
    const std::size_t bytes = to.size() * sizeof(wchar_t);
    std::vector<std::byte> memory(sizeof(FILE_RENAME_INFO) + bytes);
    auto* const info = reinterpret_cast<FILE_RENAME_INFO*>(memory.data());
    info->ReplaceIfExists = existing == Existing::replace;
    info->FileNameLength = static_cast<DWORD>(bytes);
    std::ranges::copy(to, info->FileName);
    if (SetFileInformationByHandle(handle, FileRenameInfo, info,
                                   static_cast<DWORD>(memory.size()))) {
        return {};
    }
    if (lastErrno() != EEXIST) return lastDiskError(name);
    return diskError(narrowText(to.substr(to.rfind(L'\\') + 1)), EEXIST);
}

Result<> removeByHandle(HANDLE handle, const std::string& name) {
    // Gone at once, as on POSIX, where the system can (Windows 10 1709 and later).
    struct {
        DWORD flags;
    } now{0x1 | 0x2 | 0x10};  // delete, POSIX semantics, also when read-only
    constexpr auto kDispositionEx = static_cast<FILE_INFO_BY_HANDLE_CLASS>(21);
    if (SetFileInformationByHandle(handle, kDispositionEx, &now, sizeof now)) return {};
    FILE_DISPOSITION_INFO later{TRUE};
    if (SetFileInformationByHandle(handle, FileDispositionInfo, &later, sizeof later)) return {};
    return lastDiskError(name);
}

}  // namespace holdfast
