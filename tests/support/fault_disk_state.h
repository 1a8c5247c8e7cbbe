// FaultDisk's inside: the files, the log and the faults, shared by all handles of one disk.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fault_disk.h"

namespace holdfast {

inline Error faultDiskError(const std::string& name, int code) {
    return Error{Stage::disk, code, fmt::format("{}: {}", name, systemErrorText(code))};
}

inline DiskOp makeOp(DiskOp::Kind kind, std::string name) {
    DiskOp op;
    op.kind = kind;
    op.name = std::move(name);
    return op;
}

struct FaultDisk::State {
    struct Inode {
        Bytes bytes;
        std::string name;  // last known, for the log
        std::int64_t modified = 1'000'000'000;
        std::uint64_t reservedEnd = 0;  // room that is this file's up to here
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
    bool shares = false;

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
            const int error = hook(op, index);
            if (error != 0) return op.kind == DiskOp::Kind::write ? error : std::abs(error);
        }
        return 0;
    }

    std::uint64_t usedBytes() const {
        std::uint64_t used = 0;
        for (const Inode& inode : inodes) {
            if (inode.names == 0 && inode.handles == 0) continue;
            used += std::max<std::uint64_t>(inode.bytes.size(), inode.reservedEnd);
        }
        return used;
    }

    std::uint64_t freeBytes() const {
        const std::uint64_t used = usedBytes();
        return used < capacity ? capacity - used : 0;
    }

    // How many of the op's bytes the disk still has room for.
    std::size_t fitting(const DiskOp& op) const {
        const Inode& inode = inodes[op.file];
        const auto length = std::max<std::uint64_t>(inode.bytes.size(), inode.reservedEnd);
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

// One handle. It keeps the disk alive, and its file readable after the name is gone.
// The caller holds the disk's mutex.
std::unique_ptr<DiskFile> openFaultDiskFile(std::shared_ptr<FaultDisk::State> state,
                                            std::size_t file, Access access);

}  // namespace holdfast
