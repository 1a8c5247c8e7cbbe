#include "iocore/disk/file_handle_win32.h"

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
#include "iocore/disk/own_files_win32.h"

namespace holdfast {
namespace {

// Far behind every byte of a file: locks on Windows keep others from reading what they cover.
constexpr std::uint64_t kLockedByte = std::numeric_limits<std::int64_t>::max() - 1;
constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

// A virus scanner or an indexer may hold a file for a moment; there is nothing to wait on but time.
constexpr DWORD kBusyNapMs = 10;
constexpr int kBusyTries = 50;
// For a handle that we have to get back: the ring holds the audio for longer than this.
constexpr int kOwnTries = 1000;

template <typename Open>
HANDLE openWhenFree(int tries, Open open) {
    HANDLE handle = open();
    while (handle == INVALID_HANDLE_VALUE && GetLastError() == ERROR_SHARING_VIOLATION &&
           --tries > 0) {
        Sleep(kBusyNapMs);
        handle = open();
    }
    return handle;
}

HANDLE openHandle(const std::wstring& path, Access access, bool mayDelete, DWORD flags) {
    const bool writes = access == Access::readWrite;
    const DWORD wish = GENERIC_READ | (writes ? GENERIC_WRITE : 0) | (mayDelete ? DELETE : 0);
    // Who only reads stands in nobody's way.
    return CreateFileW(path.c_str(), wish, writes ? FILE_SHARE_READ : kShareAll, nullptr,
                       OPEN_EXISTING, flags, nullptr);
}

bool setInformation(HANDLE handle, int kind, void* information, std::size_t bytes) {
    return SetFileInformationByHandle(handle, static_cast<FILE_INFO_BY_HANDLE_CLASS>(kind),
                                      information, static_cast<DWORD>(bytes));
}

}  // namespace

tl::unexpected<Error> diskError(const std::string& name, int code) {
    return fail(Stage::disk, code, fmt::format("{}: {}", name, systemErrorText(code)));
}

tl::unexpected<Error> lastDiskError(const std::string& name) {
    return diskError(name, lastErrno());
}

Result<std::shared_ptr<FileHandle>> FileHandle::create(const std::wstring& path,
                                                       const std::string& name, bool ownerOnly) {
    OwnerOnly mine(OwnerOnly::Of::file);
    const HANDLE handle =
        CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE | DELETE, FILE_SHARE_READ,
                    ownerOnly ? mine.get() : nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (handle == INVALID_HANDLE_VALUE) return lastDiskError(name);
    return std::shared_ptr<FileHandle>(new FileHandle(handle, path, name, Access::readWrite, true));
}

Result<std::shared_ptr<FileHandle>> FileHandle::open(const std::wstring& path,
                                                     const std::string& name, Access access) {
    const auto is = [&](int code, std::string_view what) {
        return fail(Stage::disk, code, fmt::format("{}: is {}, not a regular file", name, what));
    };
    const DWORD attributes = GetFileAttributesW(path.c_str());
    if (attributes == INVALID_FILE_ATTRIBUTES) return lastDiskError(name);
    if (isLink(path, attributes)) return is(ELOOP, "a symbolic link");
    if ((attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) return is(EISDIR, "a folder");
    // A link that has come here since is opened itself, and is no file to read.
    const bool special = (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    const HANDLE handle =
        openHandle(path, access, false, special ? 0 : FILE_FLAG_OPEN_REPARSE_POINT);
    if (handle == INVALID_HANDLE_VALUE) return lastDiskError(name);
    std::shared_ptr<FileHandle> file(new FileHandle(handle, path, name, access, false));
    if (GetFileType(handle) != FILE_TYPE_DISK) return is(EINVAL, "a device");
    return file;
}

FileHandle::FileHandle(HANDLE handle, std::wstring path, std::string name, Access access,
                       bool mayDelete)
    : handle_(handle),
      path_(std::move(path)),
      name_(std::move(name)),
      access_(access),
      mayDelete_(mayDelete) {}

FileHandle::~FileHandle() {
    if (handle_ != INVALID_HANDLE_VALUE) CloseHandle(handle_);
}

// A handle for reading asks for the shared kind; a living writer refuses that just as well.
bool FileHandle::lockByte() {
    OVERLAPPED position{};
    position.Offset = static_cast<DWORD>(kLockedByte);
    position.OffsetHigh = static_cast<DWORD>(kLockedByte >> 32);
    const bool alone = access_ == Access::readWrite;
    const DWORD kind =
        LOCKFILE_FAIL_IMMEDIATELY | (alone ? DWORD{LOCKFILE_EXCLUSIVE_LOCK} : DWORD{0});
    return LockFileEx(handle_, kind, 0, 1, 0, &position);
}

// Belongs to the handle, so it holds against a second opening in our own process too.
Result<bool> FileHandle::tryLock() {
    const std::unique_lock alone(exchange_);
    if (locked_ || lockByte()) {
        locked_ = true;
        return true;
    }
    if (GetLastError() == ERROR_LOCK_VIOLATION || GetLastError() == ERROR_IO_PENDING) return false;
    return lastDiskError(name_);
}

// Never tried a second time: after a failure the system may hold the pages for clean.
Result<> FileHandle::flush() {
    return with([&](HANDLE handle) -> Result<> {
        if (!FlushFileBuffers(handle)) return lastDiskError(name_);
        return {};
    });
}

Result<> FileHandle::reserve(std::uint64_t bytes) {
    const std::unique_lock alone(exchange_);
    room_ = bytes;
    return keepRoom();
}

// The end of the file stays: only what is kept behind it changes. REQUIRES exchange_ alone.
Result<> FileHandle::keepRoom() {
    FILE_ALLOCATION_INFO kept{};
    if (!GetFileSizeEx(handle_, &kept.AllocationSize)) return lastDiskError(name_);
    kept.AllocationSize.QuadPart += static_cast<LONGLONG>(room_);
    const bool done = setInformation(handle_, FileAllocationInfo, &kept, sizeof kept);
    if (!done && lastErrno() == ENOSPC) return lastDiskError(name_);
    return {};
}

// Our own sharing lets no second handle for writing stand beside the first: it goes before the next
// one comes. REQUIRES exchange_ alone.
Result<> FileHandle::reopen(bool mayDelete, int tries) {
    CloseHandle(std::exchange(handle_, INVALID_HANDLE_VALUE));
    handle_ = openWhenFree(
        tries, [&] { return openHandle(path_, access_, mayDelete, FILE_FLAG_OPEN_REPARSE_POINT); });
    if (handle_ == INVALID_HANDLE_VALUE) return lastDiskError(name_);
    mayDelete_ = mayDelete;
    // Somebody who just tries the lock has it for a moment. Without it the file is still ours: the
    // sharing keeps other writers out, whom it would only tell why.
    for (int attempt = 0; locked_ && !lockByte() && attempt < tries; ++attempt) Sleep(kBusyNapMs);
    if (room_ > 0) (void)keepRoom();
    return {};
}

// REQUIRES exchange_ alone.
Result<> FileHandle::requireDelete() {
    if (mayDelete_) return {};
    auto opened = reopen(true, kBusyTries);
    // Somebody reads it who lets nobody remove it; the file goes on as it was.
    if (!opened) (void)reopen(false, kOwnTries);
    return opened;
}

Result<> FileHandle::rename(const std::wstring& to, Existing existing) {
    const std::unique_lock alone(exchange_);
    if (auto may = requireDelete(); !may) return may;
    if (auto renamed = renameByHandle(handle_, name_, to, existing); !renamed) return renamed;
    path_ = to;
    moveOwnFile(*this, to);
    return reopen(false, kOwnTries);
}

Result<> FileHandle::remove() {
    const std::unique_lock alone(exchange_);
    if (auto may = requireDelete(); !may) return may;
    if (auto removed = removeByHandle(handle_, name_); !removed) return removed;
    CloseHandle(std::exchange(handle_, INVALID_HANDLE_VALUE));
    forgetOwnFile(*this);
    return {};
}

bool isLink(const std::wstring& path, DWORD attributes) {
    if ((attributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0) return false;
    WIN32_FIND_DATAW entry{};
    const HANDLE search = FindFirstFileW(path.c_str(), &entry);
    if (search == INVALID_HANDLE_VALUE) return true;
    FindClose(search);
    return IsReparseTagNameSurrogate(entry.dwReserved0);
}

HANDLE openToChange(const std::wstring& path) {
    return openWhenFree(kBusyTries, [&] {
        return CreateFileW(path.c_str(), DELETE | SYNCHRONIZE, kShareAll, nullptr, OPEN_EXISTING,
                           FILE_FLAG_OPEN_REPARSE_POINT, nullptr);
    });
}

Result<> renameByHandle(HANDLE handle, const std::string& name, const std::wstring& to,
                        Existing existing) {
    const std::size_t bytes = to.size() * sizeof(wchar_t);
    std::vector<std::byte> memory(sizeof(FILE_RENAME_INFO) + bytes);
    auto* const info = reinterpret_cast<FILE_RENAME_INFO*>(memory.data());
    info->FileNameLength = static_cast<DWORD>(bytes);
    std::ranges::copy(to, info->FileName);
    if (existing == Existing::replace) {
        // Also a file that somebody reads gives its name away, as on POSIX, where the system can
        // (FileRenameInfoEx, Windows 10 1709 and later).
        constexpr int kRenameEx = 22;
        constexpr DWORD kReplaceAtOnce = 0x1 | 0x2;
        info->Flags = kReplaceAtOnce;
        if (setInformation(handle, kRenameEx, info, memory.size())) return {};
        info->Flags = 0;
    }
    info->ReplaceIfExists = existing == Existing::replace;
    if (setInformation(handle, FileRenameInfo, info, memory.size())) return {};
    if (lastErrno() != EEXIST) return lastDiskError(name);
    return diskError(narrowText(to.substr(to.rfind(L'\\') + 1)), EEXIST);
}

Result<> removeByHandle(HANDLE handle, const std::string& name) {
    // Gone at once, as on POSIX, where the system can (FileDispositionInfoEx, Windows 10 1709 and
    // later): delete, POSIX semantics, also when read-only.
    constexpr int kDispositionEx = 21;
    DWORD now = 0x1 | 0x2 | 0x10;
    if (setInformation(handle, kDispositionEx, &now, sizeof now)) return {};
    FILE_DISPOSITION_INFO later{TRUE};
    if (setInformation(handle, FileDispositionInfo, &later, sizeof later)) return {};
    return lastDiskError(name);
}

}  // namespace holdfast
