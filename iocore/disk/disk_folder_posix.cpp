// The system's folders on POSIX. Everything goes through a directory descriptor, so a
// folder that is renamed or mounted over while a take runs stays the same folder.
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <utility>

#include "iocore/disk/open_file_posix.h"

namespace holdfast {
namespace {

bool isPlainName(const std::string& name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
           name.find('\0') == std::string::npos;
}

tl::unexpected<Error> notPlainError(const std::string& name) {
    return fail(Stage::disk, EINVAL, fmt::format("{}: not a plain file name", name));
}

// What stands in place of a regular file, and the code that fits it.
tl::unexpected<Error> notRegularError(const std::string& name, mode_t mode) {
    const auto is = [&](int code, std::string_view what) {
        return fail(Stage::disk, code, fmt::format("{}: is {}, not a regular file", name, what));
    };
    if (S_ISDIR(mode)) return is(EISDIR, "a folder");
    if (S_ISLNK(mode)) return is(ELOOP, "a symbolic link");
    if (S_ISFIFO(mode)) return is(EINVAL, "a FIFO");
    if (S_ISSOCK(mode)) return is(EINVAL, "a socket");
    if (S_ISCHR(mode) || S_ISBLK(mode)) return is(EINVAL, "a device");
    return is(EINVAL, "something else");
}

class PosixFolder final : public DiskFolder {
  public:
    PosixFolder(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

    Result<std::unique_ptr<DiskFile>> create(const std::string& name, bool ownerOnly) override {
        if (!isPlainName(name)) return notPlainError(name);
        const mode_t mode = ownerOnly ? 0600 : 0666;  // the process's umask narrows the second
        Descriptor fd(retryOnSignal([&] {
            return ::openat(fd_.get(), name.c_str(),
                            O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        }));
        if (!fd.isOpen()) return diskError(name, errno);
        return std::make_unique<PosixFile>(std::move(fd), name, Access::readWrite);
    }

    Result<std::unique_ptr<DiskFile>> open(const std::string& name, Access access) override {
        if (!isPlainName(name)) return notPlainError(name);
        struct stat status {};
        // Looked at before it is opened, because opening alone can already move a tape or wake a
        // FIFO's other end; and once more on the handle, because the name may change between.
        if (::fstatat(fd_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == -1) {
            return diskError(name, errno);
        }
        if (!S_ISREG(status.st_mode)) return notRegularError(name, status.st_mode);
        const int mode = access == Access::readWrite ? O_RDWR : O_RDONLY;
        Descriptor fd(retryOnSignal([&] {
            return ::openat(fd_.get(), name.c_str(), mode | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        }));
        if (!fd.isOpen()) return diskError(name, errno);
        if (::fstat(fd.get(), &status) == -1) return diskError(name, errno);
        if (!S_ISREG(status.st_mode)) return notRegularError(name, status.st_mode);
        return std::make_unique<PosixFile>(std::move(fd), name, access);
    }

    Result<> rename(const std::string& from, const std::string& to, Existing existing) override {
        if (!isPlainName(from)) return notPlainError(from);
        if (!isPlainName(to)) return notPlainError(to);
        if (existing == Existing::refuse) {
            if (auto renamed = renameWithoutReplacing(from, to); !renamed) return renamed;
        } else if (::renameat(fd_.get(), from.c_str(), fd_.get(), to.c_str()) == -1) {
            return diskError(from, errno);
        }
        renamed_.push_back(to);
        return {};
    }

    Result<> remove(const std::string& name) override {
        if (!isPlainName(name)) return notPlainError(name);
        if (::unlinkat(fd_.get(), name.c_str(), 0) == -1) return diskError(name, errno);
        return {};
    }

    bool exists(const std::string& name) override {
        struct stat status {};
        return isPlainName(name) &&
               ::fstatat(fd_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    }

    Result<std::vector<std::string>> list() override {
        return namesOf([](const dirent&) { return true; });
    }

    Result<std::vector<std::string>> folders() override {
        return namesOf([this](const dirent& entry) {
            if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
            struct stat status {};
            return ::fstatat(fd_.get(), entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                   S_ISDIR(status.st_mode);
        });
    }

    // EINVAL says that this file system has no such call (some network and FUSE ones): there is
    // then no barrier to be had for names, and refusing to record would help nobody.
    Result<> sync() override {
        if (auto synced = syncRenamed(); !synced) return synced;
        if (retryOnSignal([&] { return ::fsync(fd_.get()); }) == -1 && errno != EINVAL) {
            return diskError(path_, errno);
        }
        return {};
    }

    // What is left for this user, without the blocks kept back for root.
    Result<std::uint64_t> freeBytes() override {
        struct statvfs status {};
        if (retryOnSignal([&] { return ::fstatvfs(fd_.get(), &status); }) == -1) {
            return diskError(path_, errno);
        }
        return std::uint64_t{status.f_bavail} * status.f_frsize;
    }

    // The process's own limit, and FAT's, whose sizes have 32 bits; others hold terabytes.
    std::uint64_t maxFileBytes() override {
        std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
        struct rlimit limit {};
        if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
            most = limit.rlim_cur;
        }
        struct statfs status {};
        if (::fstatfs(fd_.get(), &status) == 0 && status.f_type == MSDOS_SUPER_MAGIC) {
            most = std::min<std::uint64_t>(most, std::numeric_limits<std::uint32_t>::max());
        }
        return most;
    }

    // The system knows how an open folder is called now, and asks no disk for it, which may hang.
    std::string path() const override {
        std::array<char, PATH_MAX> now{};
        const std::string link = fmt::format("/proc/self/fd/{}", fd_.get());
        const ssize_t length = ::readlink(link.c_str(), now.data(), now.size());
        if (length <= 0 || now[0] != '/') return path_;
        std::string present(now.data(), static_cast<std::size_t>(length));
        return present.ends_with(" (deleted)") ? path_ : present;
    }

  private:
    // Those that `wanted` says yes to, sorted.
    template <typename Wanted>
    Result<std::vector<std::string>> namesOf(Wanted wanted) {
        // A descriptor of its own: the position of a listing is shared by duplicates.
        Descriptor fd(::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!fd.isOpen()) return diskError(path_, errno);
        DIR* listing = ::fdopendir(fd.get());
        if (listing == nullptr) return diskError(path_, errno);
        fd.release();
        std::vector<std::string> names;
        errno = 0;
        while (const dirent* entry = ::readdir(listing)) {
            if (isPlainName(entry->d_name) && wanted(*entry)) names.emplace_back(entry->d_name);
            errno = 0;
        }
        const int code = errno;
        ::closedir(listing);
        if (code != 0) return diskError(path_, code);
        std::sort(names.begin(), names.end());
        return names;
    }

    // One atomic call where there is one. Where the file system lacks it, a second hard link fails
    // on a taken name just as atomically; and where there are no hard links either (FAT through
    // FUSE), a look before the rename is the best that can be had.
    Result<> renameWithoutReplacing(const std::string& from, const std::string& to) {
        const int folder = fd_.get();
        if (::renameat2(folder, from.c_str(), folder, to.c_str(), RENAME_NOREPLACE) == 0) return {};
        if (errno == EEXIST) return diskError(to, errno);
        if (errno != EINVAL && errno != ENOSYS) return diskError(from, errno);
        if (::linkat(folder, from.c_str(), folder, to.c_str(), 0) == 0) {
            if (::unlinkat(folder, from.c_str(), 0) == 0) return {};
            const int code = errno;
            ::unlinkat(folder, to.c_str(), 0);
            return diskError(from, code);
        }
        if (errno == EEXIST) return diskError(to, errno);
        if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) return diskError(from, errno);
        if (exists(to)) return diskError(to, EEXIST);
        if (::renameat(folder, from.c_str(), folder, to.c_str()) == 0) return {};
        return diskError(from, errno);
    }

    // FAT keeps a file's length and place in its directory entry. A rename makes a new entry, of
    // length 0, and only a sync of the file fills it in: the folder's own leaves an empty file.
    Result<> syncRenamed() {
        for (const std::string& name : renamed_) {
            Descriptor fd(retryOnSignal([&] {
                return ::openat(fd_.get(), name.c_str(),
                                O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
            }));
            if (!fd.isOpen() && errno == ENOENT) continue;  // removed, or renamed again
            if (!fd.isOpen()) return diskError(name, errno);
            if (retryOnSignal([&] { return ::fsync(fd.get()); }) == -1 && errno != EINVAL) {
                return diskError(name, errno);
            }
        }
        renamed_.clear();
        return {};
    }

    Descriptor fd_;
    std::string path_;
    std::vector<std::string> renamed_;  // since the last sync
};

}  // namespace

Result<std::unique_ptr<DiskFolder>> openFolder(const std::string& path) {
    Descriptor fd(
        retryOnSignal([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!fd.isOpen()) return diskError(path, errno);
    const std::unique_ptr<char, decltype(&std::free)> absolute(::realpath(path.c_str(), nullptr),
                                                               &std::free);
    if (!absolute) return diskError(path, errno);
    return std::make_unique<PosixFolder>(std::move(fd), absolute.get());
}

}  // namespace holdfast
