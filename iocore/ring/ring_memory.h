// RingMemory: the mapped memory a ring lives in, kept by the system when the process dies.
//
// A file in a memory file system, really allocated before use (a hole would end in SIGBUS on a full
// one), prefaulted, locked into memory where the limits allow it. Where no such place can be had it
// is plain memory and `persistent()` is false: recording goes on, and says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/base/take_id.h"

namespace holdfast {

class RingMemory {
  public:
    // Folders in the order they are tried: the user's runtime folder, the shared-memory folder, a
    // state folder on disk. The environment decides (XDG_RUNTIME_DIR, XDG_STATE_HOME, HOME); what
    // is unset or not absolute is left out, as the XDG base directory specification says, and a
    // runtime folder that does not exist: it is the login's to make. On Windows: the local
    // application data (HOLDFAST_DATA_DIR). [any thread]
    static std::vector<std::string> places();
    // A new file `<takeId>.ring` of `bytes` (mode 0600) in the first of `folders` that can really
    // hold it, and of a memory file system fills at most half of what is free; plain memory when
    // none can. A missing folder is made for this user only; one that is a link or another user's
    // is passed over. Errors: Stage::ring, only without any memory. [control thread] [blocks]
    static Result<RingMemory> create(const std::vector<std::string>& folders, const TakeId& takeId,
                                     std::uint64_t bytes);
    // Plain memory, zeroed. Errors: Stage::ring. [control thread] [blocks]
    static Result<RingMemory> anonymous(std::uint64_t bytes);

    RingMemory(RingMemory&& other) noexcept;
    RingMemory& operator=(RingMemory&& other) noexcept;
    // Unmaps. The file stays: only removeFile() takes it away.
    ~RingMemory();

    [[nodiscard]] std::span<std::byte> bytes() const { return {data_, size_}; }
    // A kill leaves the audio in path().
    [[nodiscard]] bool persistent() const { return persistent_; }
    // True when the file lies in memory and not on a disk.
    [[nodiscard]] bool inMemory() const { return inMemory_; }
    // Absolute path; empty for plain memory.
    [[nodiscard]] const std::string& path() const { return path_; }
    // Why no kill-proof place could be had; empty when persistent().
    [[nodiscard]] const std::string& whyNot() const { return whyNot_; }
    // After a verified finish. Idempotent. [control thread] [blocks]
    Result<> removeFile();

  private:
    RingMemory() = default;
    static Result<RingMemory> inFolder(const std::string& folder, const TakeId& takeId,
                                       std::uint64_t bytes);

    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
    bool persistent_ = false;
    bool inMemory_ = true;
    bool removeAtEnd_ = false;  // where a mapped file cannot be removed
    std::string path_;
    std::string whyNot_;
};

}  // namespace holdfast
