// WindowsFile: an open file on Windows.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "iocore/disk/disk_file.h"
#include "iocore/disk/file_handle_win32.h"

namespace holdfast {

class WindowsFile final : public DiskFile {
  public:
    // `path` is the system path of `handle`; one that writes is this process's own until it is
    // closed (own_files_win32.h).
    WindowsFile(std::shared_ptr<FileHandle> handle, const std::wstring& path, Access access);
    ~WindowsFile() override;

    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> into) override;
    Result<> writeAt(std::uint64_t offset, std::span<const std::byte> bytes) override;
    Result<> resize(std::uint64_t bytes) override;
    Result<> sync() override { return handle_->flush(); }
    Result<std::uint64_t> size() override;
    Result<> reserve(std::uint64_t bytes) override { return handle_->reserve(bytes); }
    Result<> releaseReserve() override { return handle_->reserve(0); }
    Result<bool> tryLock() override { return handle_->tryLock(); }
    Result<std::int64_t> modificationTime() override;
    Result<> setModificationTime(std::int64_t nanoseconds) override;

  private:
    Result<> set(FILE_INFO_BY_HANDLE_CLASS kind, void* information, std::size_t bytes);

    std::shared_ptr<FileHandle> handle_;
};

}  // namespace holdfast
