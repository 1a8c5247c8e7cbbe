// FileHandle: the handle of one open file, which may be exchanged for one with other rights.
//
// What we write, players may read at the same time, and nobody else may write, rename or remove:
// the handle is shared for reading alone. A rename needs DELETE access, and a player that does not
// share deleting (most do not) could not open the file beside such a handle. So a new file has it
// for its first name; with the next name it is opened again without.
#pragma once

#include <windows.h>

#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string>

#include "iocore/disk/disk_file.h"

namespace holdfast {

// Error of `name` by an errno value, or by the last error of the system.
tl::unexpected<Error> diskError(const std::string& name, int code);
tl::unexpected<Error> lastDiskError(const std::string& name);

class FileHandle {
  public:
    // A new empty file, which may be renamed. `path` is a system path, `name` is for messages.
    static Result<std::shared_ptr<FileHandle>> create(const std::wstring& path,
                                                      const std::string& name, bool ownerOnly);
    // Regular files only.
    static Result<std::shared_ptr<FileHandle>> open(const std::wstring& path,
                                                    const std::string& name, Access access);
    ~FileHandle();
    FileHandle(const FileHandle&) = delete;
    FileHandle& operator=(const FileHandle&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }
    // What `call` returns for the handle, which stays the same meanwhile.
    template <typename Call>
    auto with(Call call) {
        const std::shared_lock sameHandle(exchange_);
        return call(handle_);
    }
    // As DiskFile::tryLock() and DiskFile::sync().
    Result<bool> tryLock();
    Result<> flush();
    // As DiskFile::reserve(); 0 gives the room back. The system keeps it as long as the handle, we
    // also for the next one.
    Result<> reserve(std::uint64_t bytes);
    // On the handle itself, so that no other file can be meant. Afterwards a player that shares
    // no deleting may open it. [blocks]
    Result<> rename(const std::wstring& to, Existing existing);
    // Afterwards every operation fails. [blocks]
    Result<> remove();

  private:
    FileHandle(HANDLE handle, std::wstring path, std::string name, Access access, bool mayDelete);
    Result<> requireDelete();
    Result<> reopen(bool mayDelete, int tries);
    bool lockByte();
    Result<> keepRoom();

    std::shared_mutex exchange_;  // held alone while the handle is exchanged
    HANDLE handle_;
    std::wstring path_;
    std::string name_;
    Access access_;
    bool mayDelete_;
    bool locked_ = false;
    std::uint64_t room_ = 0;  // bytes behind the end
};

// A symbolic link, a junction or a mount point; not a file that the system only keeps in another
// way (deduplicated, compressed, in a cloud), which is marked by the same attribute.
bool isLink(const std::wstring& path, DWORD attributes);
// Opens for a rename or a removal what nobody holds against it; waits a moment for those that look
// at each new file. Invalid, with the last error set, when it cannot.
HANDLE openToChange(const std::wstring& path);
// The rename itself, on a handle with DELETE access.
Result<> renameByHandle(HANDLE handle, const std::string& name, const std::wstring& to,
                        Existing existing);
// The file goes at once, or when its last handle is closed.
Result<> removeByHandle(HANDLE handle, const std::string& name);

}  // namespace holdfast
