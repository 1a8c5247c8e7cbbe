#include "iocore/disk/open_file_win32.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "iocore/base/system_error_win32.h"
#include "iocore/disk/own_files_win32.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kMaxOffset = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kUnixEpoch = 116'444'736'000'000'000;  // in units of 100 ns since 1601

OVERLAPPED at(std::uint64_t offset) {
    OVERLAPPED position{};
    position.Offset = static_cast<DWORD>(offset);
    position.OffsetHigh = static_cast<DWORD>(offset >> 32);
    return position;
}

DWORD blockOf(std::size_t bytes) {
    return static_cast<DWORD>(std::min<std::size_t>(bytes, 1 << 30));
}

}  // namespace

WindowsFile::WindowsFile(std::shared_ptr<FileHandle> handle, const std::wstring& path,
                         Access access)
    : handle_(std::move(handle)) {
    if (access == Access::readWrite) addOwnFile(path, handle_);
}

WindowsFile::~WindowsFile() {
    forgetOwnFile(*handle_);
}

Result<std::size_t> WindowsFile::readAt(std::uint64_t offset, std::span<std::byte> into) {
    return handle_->with([&](HANDLE handle) -> Result<std::size_t> {
        std::size_t done = 0;
        while (done < into.size() && offset <= kMaxOffset - done) {
            OVERLAPPED position = at(offset + done);
            DWORD got = 0;
            if (!ReadFile(handle, into.data() + done, blockOf(into.size() - done), &got,
                          &position)) {
                if (GetLastError() == ERROR_HANDLE_EOF) break;
                return lastDiskError(handle_->name());
            }
            if (got == 0) break;
            done += got;
        }
        return done;
    });
}

Result<> WindowsFile::writeAt(std::uint64_t offset, std::span<const std::byte> bytes) {
    if (offset > kMaxOffset || bytes.size() > kMaxOffset - offset) {
        return diskError(handle_->name(), EFBIG);
    }
    return handle_->with([&](HANDLE handle) -> Result<> {
        std::size_t done = 0;
        while (done < bytes.size()) {
            OVERLAPPED position = at(offset + done);
            DWORD put = 0;
            if (!WriteFile(handle, bytes.data() + done, blockOf(bytes.size() - done), &put,
                           &position)) {
                return lastDiskError(handle_->name());
            }
            // A medium that takes nothing and reports nothing would hold this loop for ever.
            if (put == 0) return diskError(handle_->name(), EIO);
            done += put;
        }
        return {};
    });
}

Result<> WindowsFile::set(FILE_INFO_BY_HANDLE_CLASS kind, void* information, std::size_t bytes) {
    return handle_->with([&](HANDLE handle) -> Result<> {
        if (SetFileInformationByHandle(handle, kind, information, static_cast<DWORD>(bytes))) {
            return {};
        }
        return lastDiskError(handle_->name());
    });
}

Result<> WindowsFile::resize(std::uint64_t bytes) {
    if (bytes > kMaxOffset) return diskError(handle_->name(), EFBIG);
    FILE_END_OF_FILE_INFO end{};
    end.EndOfFile.QuadPart = static_cast<LONGLONG>(bytes);
    return set(FileEndOfFileInfo, &end, sizeof end);
}

Result<std::uint64_t> WindowsFile::size() {
    return handle_->with([&](HANDLE handle) -> Result<std::uint64_t> {
        LARGE_INTEGER bytes{};
        if (!GetFileSizeEx(handle, &bytes)) return lastDiskError(handle_->name());
        return static_cast<std::uint64_t>(bytes.QuadPart);
    });
}

Result<std::int64_t> WindowsFile::modificationTime() {
    return handle_->with([&](HANDLE handle) -> Result<std::int64_t> {
        FILE_BASIC_INFO info{};
        if (!GetFileInformationByHandleEx(handle, FileBasicInfo, &info, sizeof info)) {
            return lastDiskError(handle_->name());
        }
        return (info.LastWriteTime.QuadPart - kUnixEpoch) * 100;
    });
}

Result<> WindowsFile::setModificationTime(std::int64_t nanoseconds) {
    FILE_BASIC_INFO info{};  // zeros: as they are
    info.LastWriteTime.QuadPart = nanoseconds / 100 + kUnixEpoch;
    return set(FileBasicInfo, &info, sizeof info);
}

}  // namespace holdfast
