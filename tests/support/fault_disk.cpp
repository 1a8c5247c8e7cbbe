#include "tests/support/fault_disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace holdfast {
namespace {

Error diskError(const std::string& name, int code) {
    return Error{Stage::disk, code, fmt::format("{}: {}", name, systemErrorText(code))};
}

DiskOp makeOp(DiskOp::Kind kind, std::string name) {
    DiskOp op;
    op.kind = kind;
    op.name = std::move(name);
    return op;
}

}  // namespace

struct FaultDisk::State {
    struct Inode {
        Bytes bytes;
        std::string name;  // last known, for the log
        std::int64_t modified = 1'000'000'000;
        std::size_t names = 0;
        std::size_t handles = 0;
        const void* writer = nullptr;  // who holds the exclusive lock
        std::size_t readers = 0;       // shared locks
    };

    mutable std::mutex mutex;
    std::vector<Inode> inodes;
    std::map<std::string, std::size_t> names;
    FileMap before;
    std::vector<DiskOp> log;
    std::vector<FaultHook> hooks;
    std::uint64_t capacity = std::numeric_limits<std::uint64_t>::max();
    bool copyOnWrite = false;

    // Asks the hooks without the lock held, so that a stalled operation stops nobody else.
    int fault(const DiskOp& op) {
        std::vector<FaultHook> asked;
        std::size_t index = 0;
        {
            std::lock_guard lock(mutex);
            asked = hooks;
            index = log.size();
        }
        for (const FaultHook& hook : asked) {
            if (const int error = hook(op, index); error != 0) return error;
        }
        return 0;
    }

    std::uint64_t usedBytes() const {
        std::uint64_t used = 0;
        for (const Inode& inode : inodes) {
            if (inode.names > 0 || inode.handles > 0) used += inode.bytes.size();
        }
        return used;
    }

    std::uint64_t freeBytes() const {
        const std::uint64_t used = usedBytes();
        return used < capacity ? capacity - used : 0;
    }

    // How many of the op's bytes the disk still has room for.
    std::size_t fitting(const DiskOp& op) const {
        const std::uint64_t length = inodes[op.file].bytes.size();
        const std::uint64_t free = freeBytes();
        if (free == 0 && copyOnWrite) return 0;
        const std::uint64_t end = free > std::numeric_limits<std::uint64_t>::max() - length
                                      ? std::numeric_limits<std::uint64_t>::max()
                                      : length + free;
        if (op.offset >= end) return 0;
        return static_cast<std::size_t>(std::min<std::uint64_t>(op.bytes.size(), end - op.offset));
    }

    std::size_t newInode(const std::string& name) {
        inodes.emplace_back().name = name;
        return inodes.size() - 1;
    }

    void bind(const std::string& name, std::size_t file) {
        unbind(name);
        names[name] = file;
        inodes[file].name = name;
        ++inodes[file].names;
    }

    void unbind(const std::string& name) {
        const auto found = names.find(name);
        if (found == names.end()) return;
        --inodes[found->second].names;
        names.erase(found);
    }

    // Carries out what the op did, also when it failed half-way, and logs it.
    void apply(DiskOp op) {
        switch (op.kind) {
            case DiskOp::Kind::create:
                if (op.error == 0) bind(op.name, op.file = newInode(op.name));
                break;
            case DiskOp::Kind::write: {
                if (op.bytes.empty()) break;
                Bytes& bytes = inodes.at(op.file).bytes;
                if (bytes.size() < op.offset + op.bytes.size()) {
                    bytes.resize(op.offset + op.bytes.size());
                }
                std::copy(op.bytes.begin(), op.bytes.end(),
                          bytes.begin() + static_cast<std::ptrdiff_t>(op.offset));
                break;
            }
            case DiskOp::Kind::resize:
                if (op.error == 0) inodes.at(op.file).bytes.resize(op.offset);
                break;
            case DiskOp::Kind::rename:
            case DiskOp::Kind::link:
                if (op.error != 0) break;
                if (op.kind == DiskOp::Kind::rename) unbind(op.name);
                bind(op.to, op.file);
                break;
            case DiskOp::Kind::remove:
                if (op.error == 0) unbind(op.name);
                break;
            default:
                break;
        }
        log.push_back(std::move(op));
    }
};

// One handle. It keeps the disk alive, and its inode readable after the name is gone.
class FaultDiskFile final : public DiskFile {
  public:
    FaultDiskFile(std::shared_ptr<FaultDisk::State> state, std::size_t file, Access access)
        : state_(std::move(state)), file_(file), access_(access) {
        ++inode().handles;  // the folder holds the mutex while it makes handles
    }

    ~FaultDiskFile() override {
        std::lock_guard lock(state_->mutex);
        --inode().handles;
        if (inode().writer == this) inode().writer = nullptr;
        if (sharesLock_) --inode().readers;
    }

    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> into) override {
        const DiskOp op = begin(DiskOp::Kind::read);
        if (const int error = state_->fault(op); error != 0) return fail(diskError(op.name, error));
        std::lock_guard lock(state_->mutex);
        const Bytes& bytes = inode().bytes;
        if (offset >= bytes.size() || into.empty()) return 0;
        const std::size_t count = std::min<std::size_t>(into.size(), bytes.size() - offset);
        std::memcpy(into.data(), bytes.data() + offset, count);
        return count;
    }

    Result<> writeAt(std::uint64_t offset, std::span<const std::byte> bytes) override {
        DiskOp op = begin(DiskOp::Kind::write);
        if (access_ == Access::read) return fail(diskError(op.name, EBADF));
        op.offset = offset;
        op.bytes.assign(bytes.begin(), bytes.end());
        op.error = state_->fault(op);
        std::lock_guard lock(state_->mutex);
        if (op.error != 0) {
            op.bytes.clear();
        } else if (const std::size_t fitting = state_->fitting(op); fitting < bytes.size()) {
            op.bytes.resize(fitting);
            op.error = ENOSPC;
        }
        return finish(std::move(op));
    }

    Result<> resize(std::uint64_t bytes) override {
        DiskOp op = begin(DiskOp::Kind::resize);
        if (access_ == Access::read) return fail(diskError(op.name, EINVAL));
        op.offset = bytes;
        op.error = state_->fault(op);
        std::lock_guard lock(state_->mutex);
        return finish(std::move(op));
    }

    Result<> sync() override {
        DiskOp op = begin(DiskOp::Kind::sync);
        op.error = state_->fault(op);
        std::lock_guard lock(state_->mutex);
        return finish(std::move(op));
    }

    Result<std::uint64_t> size() override {
        std::lock_guard lock(state_->mutex);
        return inode().bytes.size();
    }

    Result<bool> tryLock() override {
        std::lock_guard lock(state_->mutex);
        FaultDisk::State::Inode& file = inode();
        if (file.writer == this || sharesLock_) return true;
        if (file.writer != nullptr) return false;
        if (access_ == Access::read) {
            sharesLock_ = true;
            ++file.readers;
            return true;
        }
        if (file.readers > 0) return false;
        file.writer = this;
        return true;
    }

    Result<std::int64_t> modificationTime() override {
        std::lock_guard lock(state_->mutex);
        return inode().modified;
    }

    Result<> setModificationTime(std::int64_t nanoseconds) override {
        std::lock_guard lock(state_->mutex);
        inode().modified = nanoseconds;
        return {};
    }

  private:
    FaultDisk::State::Inode& inode() { return state_->inodes[file_]; }

    DiskOp begin(DiskOp::Kind kind) {
        std::lock_guard lock(state_->mutex);
        DiskOp op = makeOp(kind, inode().name);
        op.file = file_;
        return op;
    }

    Result<> finish(DiskOp op) {
        const int error = op.error;
        const std::string name = op.name;
        state_->apply(std::move(op));
        if (error != 0) return fail(diskError(name, error));
        return {};
    }

    std::shared_ptr<FaultDisk::State> state_;
    std::size_t file_;
    Access access_;
    bool sharesLock_ = false;
};

FaultDisk::FaultDisk() : state_(std::make_shared<State>()) {}

FaultDisk FaultDisk::fromImage(const FileMap& files) {
    FaultDisk disk;
    disk.state_->before = files;
    for (const auto& [name, bytes] : files) {
        const std::size_t file = disk.state_->newInode(name);
        disk.state_->inodes[file].bytes = *bytes;
        disk.state_->bind(name, file);
    }
    return disk;
}

FaultDisk FaultDisk::importLog(const std::vector<DiskOp>& operations, const FileMap& before) {
    FaultDisk disk = fromImage(before);
    State& state = *disk.state_;
    for (std::size_t i = 0; i < operations.size(); ++i) {
        DiskOp op = operations[i];
        if (op.kind != DiskOp::Kind::create && op.kind != DiskOp::Kind::folderSync &&
            op.kind != DiskOp::Kind::acknowledge) {
            const auto found = state.names.find(op.name);
            if (found == state.names.end()) throw std::invalid_argument(describe(op, i));
            op.file = found->second;
        }
        state.apply(std::move(op));
    }
    return disk;
}

Result<std::unique_ptr<DiskFile>> FaultDisk::create(const std::string& name, bool) {
    DiskOp op = makeOp(DiskOp::Kind::create, name);
    op.error = state_->fault(op);
    const int error = op.error;
    std::lock_guard lock(state_->mutex);
    if (error == 0 && state_->names.contains(name)) return fail(diskError(name, EEXIST));
    state_->apply(std::move(op));
    if (error != 0) return fail(diskError(name, error));
    return std::make_unique<FaultDiskFile>(state_, state_->names.at(name), Access::readWrite);
}

Result<std::unique_ptr<DiskFile>> FaultDisk::open(const std::string& name, Access access) {
    if (const int error = state_->fault(makeOp(DiskOp::Kind::read, name)); error != 0) {
        return fail(diskError(name, error));
    }
    std::lock_guard lock(state_->mutex);
    const auto found = state_->names.find(name);
    if (found == state_->names.end()) return fail(diskError(name, ENOENT));
    return std::make_unique<FaultDiskFile>(state_, found->second, access);
}

Result<> FaultDisk::rename(const std::string& from, const std::string& to, Existing existing) {
    DiskOp op = makeOp(DiskOp::Kind::rename, from);
    op.to = to;
    op.error = state_->fault(op);
    const int error = op.error;
    std::lock_guard lock(state_->mutex);
    const auto found = state_->names.find(from);
    if (found == state_->names.end()) return fail(diskError(from, ENOENT));
    if (existing == Existing::refuse && state_->names.contains(to)) {
        return fail(diskError(to, EEXIST));
    }
    op.file = found->second;
    state_->apply(std::move(op));
    if (error != 0) return fail(diskError(from, error));
    return {};
}

Result<> FaultDisk::remove(const std::string& name) {
    DiskOp op = makeOp(DiskOp::Kind::remove, name);
    op.error = state_->fault(op);
    const int error = op.error;
    std::lock_guard lock(state_->mutex);
    const auto found = state_->names.find(name);
    if (found == state_->names.end()) return fail(diskError(name, ENOENT));
    op.file = found->second;
    state_->apply(std::move(op));
    if (error != 0) return fail(diskError(name, error));
    return {};
}

bool FaultDisk::exists(const std::string& name) {
    std::lock_guard lock(state_->mutex);
    return state_->names.contains(name);
}

Result<std::vector<std::string>> FaultDisk::list() {
    std::lock_guard lock(state_->mutex);
    std::vector<std::string> names;
    for (const auto& [name, file] : state_->names) names.push_back(name);
    return names;
}

Result<> FaultDisk::sync() {
    DiskOp op = makeOp(DiskOp::Kind::folderSync, "");
    op.error = state_->fault(op);
    const int error = op.error;
    std::lock_guard lock(state_->mutex);
    state_->apply(std::move(op));
    if (error != 0) return fail(diskError(path(), error));
    return {};
}

Result<std::uint64_t> FaultDisk::freeBytes() {
    std::lock_guard lock(state_->mutex);
    return state_->freeBytes();
}

std::unique_ptr<DiskFolder> FaultDisk::handle() const {
    return std::make_unique<FaultDisk>(*this);
}

void FaultDisk::acknowledge(std::uint64_t promise) {
    DiskOp op = makeOp(DiskOp::Kind::acknowledge, "");
    op.offset = promise;
    std::lock_guard lock(state_->mutex);
    state_->apply(std::move(op));
}

void FaultDisk::failAt(std::size_t index, int error, Repeat repeat) {
    addHook([=](const DiskOp& op, std::size_t at) {
        if (op.kind == DiskOp::Kind::read) return 0;
        return at == index || (repeat == Repeat::forEver && at > index) ? error : 0;
    });
}

void FaultDisk::failKind(DiskOp::Kind kind, std::size_t nth, int error, Repeat repeat) {
    addHook(
        [=, seen = std::make_shared<std::atomic<std::size_t>>(0)](const DiskOp& op, std::size_t) {
            if (op.kind != kind) return 0;
            const std::size_t at = seen->fetch_add(1);
            return at == nth || (repeat == Repeat::forEver && at > nth) ? error : 0;
        });
}

void FaultDisk::addHook(FaultHook hook) {
    std::lock_guard lock(state_->mutex);
    state_->hooks.push_back(std::move(hook));
}

void FaultDisk::clearFaults() {
    std::lock_guard lock(state_->mutex);
    state_->hooks.clear();
}

void FaultDisk::setCapacity(std::uint64_t bytes) {
    std::lock_guard lock(state_->mutex);
    state_->capacity = bytes;
}

void FaultDisk::setCopyOnWrite(bool on) {
    std::lock_guard lock(state_->mutex);
    state_->copyOnWrite = on;
}

std::vector<DiskOp> FaultDisk::log() const {
    std::lock_guard lock(state_->mutex);
    return state_->log;
}

std::size_t FaultDisk::logSize() const {
    std::lock_guard lock(state_->mutex);
    return state_->log.size();
}

FileMap FaultDisk::files() const {
    std::lock_guard lock(state_->mutex);
    FileMap files;
    for (const auto& [name, file] : state_->names) {
        files[name] = std::make_shared<const Bytes>(state_->inodes[file].bytes);
    }
    return files;
}

FileMap FaultDisk::filesBeforeLog() const {
    std::lock_guard lock(state_->mutex);
    return state_->before;
}

}  // namespace holdfast
