#include "tests/support/fault_disk.h"

#include <atomic>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include "tests/support/allocation_guard.h"
#include "tests/support/fault_disk_state.h"

namespace holdfast {

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
    const test::AllocationPause pause;
    DiskOp op = makeOp(DiskOp::Kind::create, name);
    op.error = state_->fault(op);
    const int error = op.error;
    std::lock_guard lock(state_->mutex);
    if (error == 0 && state_->names.contains(name)) return fail(faultDiskError(name, EEXIST));
    state_->apply(std::move(op));
    if (error != 0) return fail(faultDiskError(name, error));
    return openFaultDiskFile(state_, state_->names.at(name), Access::readWrite);
}

Result<std::unique_ptr<DiskFile>> FaultDisk::open(const std::string& name, Access access) {
    const test::AllocationPause pause;
    if (const int error = state_->fault(makeOp(DiskOp::Kind::read, name)); error != 0) {
        return fail(faultDiskError(name, error));
    }
    std::lock_guard lock(state_->mutex);
    const auto found = state_->names.find(name);
    if (found == state_->names.end()) return fail(faultDiskError(name, ENOENT));
    return openFaultDiskFile(state_, found->second, access);
}

Result<> FaultDisk::rename(const std::string& from, const std::string& to, Existing existing) {
    const test::AllocationPause pause;
    DiskOp op = makeOp(DiskOp::Kind::rename, from);
    op.to = to;
    op.error = state_->fault(op);
    const int error = op.error;
    std::lock_guard lock(state_->mutex);
    const auto found = state_->names.find(from);
    if (found == state_->names.end()) return fail(faultDiskError(from, ENOENT));
    if (existing == Existing::refuse && state_->names.contains(to)) {
        return fail(faultDiskError(to, EEXIST));
    }
    op.file = found->second;
    state_->apply(std::move(op));
    if (error != 0) return fail(faultDiskError(from, error));
    return {};
}

Result<> FaultDisk::remove(const std::string& name) {
    const test::AllocationPause pause;
    DiskOp op = makeOp(DiskOp::Kind::remove, name);
    op.error = state_->fault(op);
    const int error = op.error;
    std::lock_guard lock(state_->mutex);
    const auto found = state_->names.find(name);
    if (found == state_->names.end()) return fail(faultDiskError(name, ENOENT));
    op.file = found->second;
    state_->apply(std::move(op));
    if (error != 0) return fail(faultDiskError(name, error));
    return {};
}

bool FaultDisk::exists(const std::string& name) {
    std::lock_guard lock(state_->mutex);
    return state_->names.contains(name);
}

Result<std::vector<std::string>> FaultDisk::list() {
    const test::AllocationPause pause;
    std::lock_guard lock(state_->mutex);
    std::vector<std::string> names;
    for (const auto& [name, file] : state_->names) names.push_back(name);
    return names;
}

Result<> FaultDisk::sync() {
    const test::AllocationPause pause;
    DiskOp op = makeOp(DiskOp::Kind::folderSync, "");
    op.error = state_->fault(op);
    const int error = op.error;
    std::lock_guard lock(state_->mutex);
    state_->apply(std::move(op));
    if (error != 0) return fail(faultDiskError(path(), error));
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
    const test::AllocationPause pause;
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

void FaultDisk::setShares(bool on) {
    std::lock_guard lock(state_->mutex);
    state_->shares = on;
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
