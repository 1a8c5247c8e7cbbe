// The system's folders on Windows. The handle of a folder lets nobody rename or remove it while a
// take runs in it.
#include <fmt/format.h>
#include <windows.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <memory>
#include <utility>

#include "iocore/base/system_error_win32.h"
#include "iocore/base/utf16_win32.h"
#include "iocore/disk/open_file_win32.h"
#include "iocore/disk/own_files_win32.h"

namespace holdfast {
namespace {

struct HandleCloser {
    using pointer = HANDLE;
    void operator()(HANDLE handle) const { CloseHandle(handle); }
};
using Handle = std::unique_ptr<HANDLE, HandleCloser>;

Handle ownedOf(HANDLE handle) {
    return Handle(handle == INVALID_HANDLE_VALUE ? nullptr : handle);
}

// ":" would name a stream inside a file.
bool isPlainName(const std::string& name) {
    return !name.empty() && name != "." && name != ".." &&
           name.find_first_of(std::string_view("\\/:\0", 4)) == std::string::npos;
}

class WindowsFolder final : public DiskFolder {
  public:
    WindowsFolder(Handle handle, std::wstring path, bool canSync)
        : handle_(std::move(handle)), path_(std::move(path)), canSync_(canSync) {
        if (!path_.ends_with(L'\\')) path_ += L'\\';
    }

    Result<std::unique_ptr<DiskFile>> create(const std::string& name, bool ownerOnly) override {
        const auto path = pathOf(name);
        if (!path) return fail(path.error());
        auto file = FileHandle::create(*path, name, ownerOnly);
        if (!file) return fail(file.error());
        return std::make_unique<WindowsFile>(std::move(*file), *path, Access::readWrite);
    }

    Result<std::unique_ptr<DiskFile>> open(const std::string& name, Access access) override {
        const auto path = pathOf(name);
        if (!path) return fail(path.error());
        auto file = FileHandle::open(*path, name, access);
        if (!file) return fail(file.error());
        return std::make_unique<WindowsFile>(std::move(*file), *path, access);
    }

    Result<> rename(const std::string& from, const std::string& to, Existing existing) override {
        const auto fromPath = pathOf(from);
        const auto toPath = pathOf(to);
        if (!fromPath) return fail(fromPath.error());
        if (!toPath) return fail(toPath.error());
        if (const auto own = ownFileAt(*fromPath)) {
            if (auto renamed = own->rename(*toPath, existing); !renamed) return renamed;
        } else {
            const Handle file = ownedOf(openToChange(*fromPath));
            if (!file) return lastDiskError(from);
            auto renamed = renameByHandle(file.get(), from, *toPath, existing);
            if (!renamed) return renamed;
        }
        renamed_.push_back(*toPath);
        return {};
    }

    Result<> remove(const std::string& name) override {
        const auto path = pathOf(name);
        if (!path) return fail(path.error());
        if (const auto own = ownFileAt(*path)) return own->remove();
        const DWORD attributes = GetFileAttributesW(path->c_str());
        if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
            return fail(Stage::disk, EISDIR, fmt::format("{}: is a folder", name));
        }
        const Handle file = ownedOf(openToChange(*path));
        if (!file) return lastDiskError(name);
        return removeByHandle(file.get(), name);
    }

    bool exists(const std::string& name) override {
        const auto path = pathOf(name);
        return path && GetFileAttributesW(path->c_str()) != INVALID_FILE_ATTRIBUTES;
    }

    Result<std::vector<std::string>> list() override {
        return namesOf([](const WIN32_FIND_DATAW&) { return true; });
    }

    Result<std::vector<std::string>> folders() override {
        return namesOf([](const WIN32_FIND_DATAW& entry) {
            const DWORD attributes = entry.dwFileAttributes;
            const bool isLink = (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 &&
                                IsReparseTagNameSurrogate(entry.dwReserved0);
            return (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 && !isLink;
        });
    }

    // NTFS writes names into its log in order, and flushing a file flushes the log so far; the
    // folder's own handle is flushed besides, where the system lets it (on Wine that is the sync of
    // the folder).
    Result<> sync() override {
        for (const std::wstring& path : renamed_) {
            if (const auto own = ownFileAt(path)) {
                if (auto flushed = own->flush(); !flushed) return flushed;
                continue;
            }
            const Handle file = ownedOf(CreateFileW(path.c_str(), GENERIC_WRITE, kShareAll, nullptr,
                                                    OPEN_EXISTING, 0, nullptr));
            // Removed since, renamed again, or somebody else's to write: no longer ours to sync.
            if (!file) continue;
            if (!FlushFileBuffers(file.get())) return lastDiskError(this->path());
        }
        renamed_.clear();
        if (!canSync_ || FlushFileBuffers(handle_.get())) return {};
        const int code = lastErrno();
        if (code == ENOSPC || code == EIO) return lastDiskError(path());
        return {};
    }

    Result<std::uint64_t> freeBytes() override {
        ULARGE_INTEGER free{};
        if (!GetDiskFreeSpaceExW(path_.c_str(), &free, nullptr, nullptr)) {
            return lastDiskError(path());
        }
        return free.QuadPart;
    }

    std::uint64_t maxFileBytes() override {
        std::array<wchar_t, MAX_PATH + 1> type{};
        const bool known = GetVolumeInformationByHandleW(handle_.get(), nullptr, 0, nullptr,
                                                         nullptr, nullptr, type.data(), MAX_PATH);
        // FAT and FAT32, whose sizes have 32 bits; exFAT has 64.
        if (known && std::wstring_view(type.data()).starts_with(L"FAT")) {
            return std::numeric_limits<std::uint32_t>::max();
        }
        return std::numeric_limits<std::uint64_t>::max();
    }

    std::string path() const override {
        std::string text = textOfSystemPath(path_);
        // The separator of a root belongs to it.
        if (text.size() > 3 && text.ends_with('\\')) text.pop_back();
        return text;
    }

  private:
    static constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

    Result<std::wstring> pathOf(const std::string& name) const {
        const auto wide = wideText(name);
        if (!isPlainName(name) || !wide) {
            return fail(Stage::disk, EINVAL, fmt::format("{}: not a plain file name", name));
        }
        return path_ + *wide;
    }

    // Those that `wanted` says yes to, sorted.
    template <typename Wanted>
    Result<std::vector<std::string>> namesOf(Wanted wanted) const {
        WIN32_FIND_DATAW entry{};
        std::vector<std::string> names;
        const HANDLE search = FindFirstFileW((path_ + L"*").c_str(), &entry);
        // The root of an empty disk has not even "." in it.
        if (search == INVALID_HANDLE_VALUE && GetLastError() == ERROR_FILE_NOT_FOUND) return names;
        if (search == INVALID_HANDLE_VALUE) return lastDiskError(path());
        do {
            std::string name = narrowText(static_cast<const wchar_t*>(entry.cFileName));
            if (isPlainName(name) && wanted(entry)) names.push_back(std::move(name));
        } while (FindNextFileW(search, &entry));
        const DWORD code = GetLastError();
        FindClose(search);
        if (code != ERROR_NO_MORE_FILES) return diskError(path(), errnoOf(code));
        std::ranges::sort(names);
        return names;
    }

    Handle handle_;
    std::wstring path_;  // ends with a separator
    bool canSync_;
    std::vector<std::wstring> renamed_;  // since the last sync
};

}  // namespace

Result<std::unique_ptr<DiskFolder>> openFolder(const std::string& path) {
    const auto system = systemPath(path);
    if (!system) return fail(system.error());
    const DWORD attributes = GetFileAttributesW(system->c_str());
    if (attributes == INVALID_FILE_ATTRIBUTES) return lastDiskError(path);
    if ((attributes & FILE_ATTRIBUTE_DIRECTORY) == 0) {
        return diskError(path, ENOTDIR);
    }
    bool canSync = true;
    const auto openWith = [&](DWORD access) {
        return ownedOf(CreateFileW(system->c_str(), access, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                   nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
    };
    Handle handle = openWith(GENERIC_READ | GENERIC_WRITE);
    if (!handle) {
        canSync = false;
        handle = openWith(GENERIC_READ);
    }
    if (!handle) return lastDiskError(path);
    return std::make_unique<WindowsFolder>(std::move(handle), *system, canSync);
}

}  // namespace holdfast
