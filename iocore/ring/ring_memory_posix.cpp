#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "iocore/base/own_folder.h"
#include "iocore/ring/ring_memory.h"

namespace holdfast {
namespace {

// A descriptor that is closed at the end of its scope.
class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return number_; }

  private:
    int number_;
};

tl::unexpected<Error> failed(const std::string& what, int code) {
    return fail(Stage::ring, code, fmt::format("{}: {}", what, systemErrorText(code)));
}

std::string absoluteFromEnvironment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && value[0] == '/' ? value : std::string();
}

bool isFolder(const std::string& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// Another user's folder, or a link to one, could be taken away or read under our hands.
Result<> requireOwnFolder(int folderFd, const std::string& folder) {
    struct stat status {};
    if (fstat(folderFd, &status) != 0) return failed(folder, errno);
    if (status.st_uid != geteuid()) {
        return fail(Stage::ring, EPERM, folder + ": belongs to another user");
    }
    // Ours, but made too open by someone's umask.
    if ((status.st_mode & 077) != 0 && fchmod(folderFd, 0700) != 0) return failed(folder, errno);
    return {};
}

// Whether the folder lies in memory, and there whether the ring leaves others enough of it.
Result<bool> requireRoom(int folderFd, const std::string& folder, std::uint64_t bytes) {
    struct statfs system {};
    if (fstatfs(folderFd, &system) != 0) return failed(folder, errno);
    const bool inMemory = system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC;
    // No blocks at all: a memory file system without a limit.
    if (!inMemory || system.f_blocks == 0) return inMemory;
    const std::uint64_t free =
        std::uint64_t{system.f_bavail} * static_cast<std::uint64_t>(system.f_bsize);
    if (bytes > free / 2) {
        return fail(Stage::ring, ENOSPC,
                    fmt::format("{}: {} bytes are more than half of the {} free in memory", folder,
                                bytes, free));
    }
    return inMemory;
}

int allocate(int fd, std::uint64_t bytes) {
    int code = EINTR;
    while (code == EINTR) code = posix_fallocate(fd, 0, static_cast<off_t>(bytes));
    return code;
}

// Every page present, writable and resident before the first sample comes: each is best effort, as
// a ring that may fault is better than none.
void prepareForRealTime(std::byte* data, std::size_t size) {
#ifdef MADV_POPULATE_WRITE
    madvise(data, size, MADV_POPULATE_WRITE);
#endif
    mlock(data, size);
    // A hook's process must neither hold the ring nor, of plain memory, make the capture thread
    // copy each page it writes next.
    madvise(data, size, MADV_DONTFORK);
    // The audio is in its file; a core dump need not hold it again.
    madvise(data, size, MADV_DONTDUMP);
}

Result<std::byte*> map(int fd, std::uint64_t bytes, int flags) {
    void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags | MAP_POPULATE, fd, 0);
    if (data == MAP_FAILED) {
        return failed(fmt::format("cannot map {} bytes", bytes), errno);
    }
    prepareForRealTime(static_cast<std::byte*>(data), bytes);
    return static_cast<std::byte*>(data);
}

Result<> requireSize(std::uint64_t bytes) {
    if (bytes > 0 && bytes <= PTRDIFF_MAX) return {};
    return fail(Stage::ring, fmt::format("a ring of {} bytes cannot be", bytes));
}

}  // namespace

std::vector<std::string> RingMemory::places() {
    std::vector<std::string> folders;
    const std::string runtime = absoluteFromEnvironment("XDG_RUNTIME_DIR");
    // One made by us would vanish under the login's mount.
    if (isFolder(runtime)) folders.push_back(runtime + "/holdfast");
    folders.push_back(fmt::format("/dev/shm/holdfast-{}", geteuid()));
    const std::string state = absoluteFromEnvironment("XDG_STATE_HOME");
    const std::string home = absoluteFromEnvironment("HOME");
    if (!state.empty()) {
        folders.push_back(state + "/holdfast");
    } else if (!home.empty()) {
        folders.push_back(home + "/.local/state/holdfast");
    }
    return folders;
}

Result<RingMemory> RingMemory::create(const std::vector<std::string>& folders, const TakeId& takeId,
                                      std::uint64_t bytes) {
    if (auto sound = requireSize(bytes); !sound) return fail(sound.error());
    std::string whyNot;
    for (const std::string& folder : folders) {
        auto memory = inFolder(folder, takeId, bytes);
        if (memory) return memory;
        if (!whyNot.empty()) whyNot += "; ";
        whyNot += memory.error().text;
    }
    auto memory = anonymous(bytes);
    if (memory && !whyNot.empty()) memory->whyNot_ = whyNot;
    return memory;
}

Result<RingMemory> RingMemory::inFolder(const std::string& folder, const TakeId& takeId,
                                        std::uint64_t bytes) {
    if (folder.empty() || folder.front() != '/') {
        return fail(Stage::ring, EINVAL, folder + ": not an absolute path");
    }
    if (auto made = makeOwnFolders(folder); !made) {
        return fail(Stage::ring, made.error().code, made.error().text);
    }
    const Descriptor place(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (place.get() < 0) return failed(folder, errno);
    if (auto own = requireOwnFolder(place.get(), folder); !own) return fail(own.error());
    const auto inMemory = requireRoom(place.get(), folder, bytes);
    if (!inMemory) return fail(inMemory.error());

    const std::string name = takeId.hex() + ".ring";
    const std::string path = folder + "/" + name;
    const Descriptor file(openat(place.get(), name.c_str(),
                                 O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file.get() < 0) return failed(path, errno);
    Result<std::byte*> data;
    if (const int code = allocate(file.get(), bytes); code != 0) {
        data = failed(path, code);
    } else {
        data = map(file.get(), bytes, MAP_SHARED);
    }
    if (!data) {
        unlinkat(place.get(), name.c_str(), 0);
        return fail(data.error());
    }
    RingMemory memory;
    memory.data_ = *data;
    memory.size_ = bytes;
    memory.persistent_ = true;
    memory.inMemory_ = *inMemory;
    memory.path_ = path;
    return memory;
}

Result<RingMemory> RingMemory::anonymous(std::uint64_t bytes) {
    if (auto sound = requireSize(bytes); !sound) return fail(sound.error());
    const auto data = map(-1, bytes, MAP_PRIVATE | MAP_ANONYMOUS);
    if (!data) return fail(data.error());
    RingMemory memory;
    memory.data_ = *data;
    memory.size_ = bytes;
    memory.whyNot_ = "plain memory was asked for";
    return memory;
}

RingMemory::RingMemory(RingMemory&& other) noexcept {
    *this = std::move(other);
}

RingMemory& RingMemory::operator=(RingMemory&& other) noexcept {
    // Swapped, so that what we held is unmapped by `other`.
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(persistent_, other.persistent_);
    std::swap(inMemory_, other.inMemory_);
    path_.swap(other.path_);
    whyNot_.swap(other.whyNot_);
    return *this;
}

RingMemory::~RingMemory() {
    if (data_ != nullptr) munmap(data_, size_);
}

Result<> RingMemory::removeFile() {
    if (path_.empty()) return {};
    if (unlink(path_.c_str()) != 0 && errno != ENOENT) return failed(path_, errno);
    return {};
}

}  // namespace holdfast
