// WindowsFile: an open file, and the registry of those that this process holds.
//
// What we write, players may read at the same time, and nobody else may write, rename or remove:
// the handle is shared for reading alone. A rename needs DELETE access, and a player that does not
// share deleting (most do not) could not open the file beside such a handle. So a new file has it
// for its first name; with the final name it is opened again without.
#pragma once

#include <windows.h>

#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string>

#include "iocore/disk/disk_file.h"

namespace holdfast {

// Error of `name` by the last error of the system.
tl::unexpected<Error> lastDiskError(const std::string& name);

class WindowsFile final : public DiskFile {
  public:
    // A new empty file. `path` is a system path, `name` is for messages.
    static Result<std::unique_ptr<WindowsFile>> create(const std::wstring& path,
                                                       const std::string& name, bool ownerOnly);
    // Regular files only.
    static Result<std::unique_ptr<WindowsFile>> open(const std::wstring& path,
                                                     const std::string& name, Access access);
    ~WindowsFile() override;

    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> into) override;
    Result<> writeAt(std::uint64_t offset, std::span<const std::byte> bytes) override;
    Result<> resize(std::uint64_t bytes) override;
    Result<> sync() override;
    Result<std::uint64_t> size() override;
    Result<> reserve(std::uint64_t bytes) override;
    Result<> releaseReserve() override;
    Result<bool> tryLock() override;
    Result<std::int64_t> modificationTime() override;
    Result<> setModificationTime(std::int64_t nanoseconds) override;

    // For the folder: on the own handle, when this process has `path` open for writing; false when
    // it has not.
    static Result<bool> renameOwn(const std::wstring& path, const std::wstring& to,
                                  Existing existing);
    // Afterwards the file's own operations fail.
    static Result<bool> removeOwn(const std::wstring& path);
    static Result<bool> syncOwn(const std::wstring& path);

  private:
    WindowsFile(HANDLE handle, std::wstring path, std::string name, Access access, bool mayDelete);
    static WindowsFile* find(const std::wstring& path);
    Result<> reopen(bool mayDelete);
    Result<> regainLock();
    Result<> setAllocation(std::uint64_t bytes);

    std::shared_mutex opening_;  // held alone while the handle is exchanged
    HANDLE handle_;
    std::wstring path_;
    std::string name_;
    Access access_;
    bool mayDelete_;
    bool locked_ = false;
};

// The rename itself, on a handle with DELETE access.
Result<> renameByHandle(HANDLE handle, const std::string& name, const std::wstring& to,
                        Existing existing);
// The file goes at once, or when its last handle is closed.
Result<> removeByHandle(HANDLE handle, const std::string& name);

}  // namespace holdfast
