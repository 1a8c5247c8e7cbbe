#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "tests/support/allocation_guard.h"
#include "tests/support/fault_disk_state.h"

namespace holdfast {
namespace {

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
        const test::AllocationPause pause;
        const DiskOp op = begin(DiskOp::Kind::read);
        if (const int error = state_->fault(op); error != 0)
            return fail(faultDiskError(op.name, error));
        std::lock_guard lock(state_->mutex);
        const Bytes& bytes = inode().bytes;
        if (offset >= bytes.size() || into.empty()) return 0;
        const std::size_t count = std::min<std::size_t>(into.size(), bytes.size() - offset);
        std::memcpy(into.data(), bytes.data() + offset, count);
        return count;
    }

    Result<> writeAt(std::uint64_t offset, std::span<const std::byte> bytes) override {
        const test::AllocationPause pause;
        DiskOp op = begin(DiskOp::Kind::write);
        if (access_ == Access::read) return fail(faultDiskError(op.name, EBADF));
        op.offset = offset;
        op.bytes.assign(bytes.begin(), bytes.end());
        op.error = state_->fault(op);
        std::lock_guard lock(state_->mutex);
        if (op.error != 0) {
            const bool inOneSector = offset % 512 + bytes.size() <= 512;
            op.bytes.resize(op.error < 0 && !inOneSector ? bytes.size() / 2 : 0);
            op.error = std::abs(op.error);
        } else if (const std::size_t fitting = state_->fitting(op); fitting < bytes.size()) {
            op.bytes.resize(fitting);
            op.error = ENOSPC;
        }
        return finish(std::move(op));
    }

    Result<> resize(std::uint64_t bytes) override {
        const test::AllocationPause pause;
        DiskOp op = begin(DiskOp::Kind::resize);
        if (access_ == Access::read) return fail(faultDiskError(op.name, EINVAL));
        op.offset = bytes;
        op.error = state_->fault(op);
        std::lock_guard lock(state_->mutex);
        return finish(std::move(op));
    }

    Result<> sync() override {
        const test::AllocationPause pause;
        DiskOp op = begin(DiskOp::Kind::sync);
        op.error = state_->fault(op);
        std::lock_guard lock(state_->mutex);
        return finish(std::move(op));
    }

    Result<std::uint64_t> size() override {
        std::lock_guard lock(state_->mutex);
        return inode().bytes.size();
    }

    // Not in the log: no byte and no name changes by it.
    Result<> reserve(std::uint64_t bytes) override {
        const test::AllocationPause pause;
        std::lock_guard lock(state_->mutex);
        const std::uint64_t end = inode().bytes.size() + bytes;
        const std::uint64_t has =
            std::max<std::uint64_t>(inode().bytes.size(), inode().reservedEnd);
        if (end > has && end - has > state_->freeBytes()) {
            return fail(faultDiskError(inode().name, ENOSPC));
        }
        inode().reservedEnd = std::max(inode().reservedEnd, end);
        return {};
    }

    Result<> releaseReserve() override {
        std::lock_guard lock(state_->mutex);
        inode().reservedEnd = 0;
        return {};
    }

    Result<bool> shareFrom(DiskFile& from, std::uint64_t offset) override {
        if (!state_->shares || dynamic_cast<FaultDiskFile*>(&from) == nullptr) return false;
        const std::uint64_t end = from.size().value_or(0);
        if (offset % kShareAlign != 0 || end < offset) return fail(faultDiskError("share", EINVAL));
        Bytes bytes(end - offset);
        if (auto got = from.readAt(offset, bytes); !got) return fail(got.error());
        if (auto put = writeAt(offset, bytes); !put) return fail(put.error());
        return true;
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
        if (error != 0) return fail(faultDiskError(name, error));
        return {};
    }

    std::shared_ptr<FaultDisk::State> state_;
    std::size_t file_;
    Access access_;
    bool sharesLock_ = false;
};

}  // namespace

std::unique_ptr<DiskFile> openFaultDiskFile(std::shared_ptr<FaultDisk::State> state,
                                            std::size_t file, Access access) {
    return std::make_unique<FaultDiskFile>(std::move(state), file, access);
}

}  // namespace holdfast
