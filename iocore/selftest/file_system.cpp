#include "iocore/selftest/file_system.h"

#include <algorithm>
#include <array>

namespace holdfast {
namespace {

template <std::size_t N>
bool isOneOf(std::string_view type, const std::array<std::string_view, N>& names) {
    return std::ranges::find(names, type) != names.end();
}

}  // namespace

std::string_view storageKindName(StorageKind kind) {
    switch (kind) {
        case StorageKind::disk:
            return "disk";
        case StorageKind::memory:
            return "memory";
        case StorageKind::network:
            return "network";
        case StorageKind::layered:
            return "layered";
        case StorageKind::unknown:
            return "unknown";
    }
    return "unknown";
}

StorageKind storageKindOf(std::string_view type) {
    using Names = std::string_view;
    static constexpr std::array<Names, 3> kMemory = {"tmpfs", "ramfs", "devtmpfs"};
    static constexpr std::array<Names, 9> kNetwork = {"nfs", "nfs4", "cifs",  "smb3",      "9p",
                                                      "afs", "ceph", "ncpfs", "fuse.sshfs"};
    static constexpr std::array<Names, 15> kDisk = {
        "ext2",  "ext3", "ext4",  "xfs",     "btrfs", "f2fs", "vfat",    "msdos",
        "exfat", "ntfs", "ntfs3", "hfsplus", "jfs",   "zfs",  "bcachefs"};
    if (isOneOf(type, kMemory)) return StorageKind::memory;
    if (isOneOf(type, kNetwork)) return StorageKind::network;
    if (isOneOf(type, kDisk)) return StorageKind::disk;
    // A block device behind FUSE: the kernel sees the program, not the disk.
    if (type == "overlay" || type.starts_with("fuse")) return StorageKind::layered;
    return StorageKind::unknown;
}

std::optional<std::uint64_t> fileLimitOf(std::string_view type) {
    if (type == "vfat" || type == "msdos") return 0xFFFF'FFFF;  // 32 bits of length
    return std::nullopt;
}

}  // namespace holdfast
