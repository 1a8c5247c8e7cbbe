// PosixFile: an open file on POSIX.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <string>
#include <utility>

#include "iocore/disk/disk_file.h"

namespace holdfast {

// A quota that is used up is a disk that is full, to this user.
inline tl::unexpected<Error> diskError(const std::string& name, int code) {
    if (code == EDQUOT) code = ENOSPC;
    return fail(Stage::disk, code, fmt::format("{}: {}", name, systemErrorText(code)));
}

// A signal may interrupt any of these calls without meaning an error.
template <typename Call>
auto retryOnSignal(Call call) {
    auto result = call();
    while (result == -1 && errno == EINTR) result = call();
    return result;
}

// Owns a descriptor. Closing tells nothing that sync() has not told, so errors of close are not
// looked at; what was not synced was not promised.
class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;

    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool isOpen() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }

  private:
    int fd_;
};

class PosixFile final : public DiskFile {
  public:
    PosixFile(Descriptor fd, std::string name, Access access)
        : fd_(std::move(fd)), name_(std::move(name)), access_(access) {}

    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> into) override {
        if (offset > kMaxOffset) return 0;
        std::size_t done = 0;
        while (done < into.size()) {
            const ssize_t got = retryOnSignal([&] {
                return ::pread(fd_.get(), into.data() + done, into.size() - done,
                               static_cast<off_t>(offset + done));
            });
            if (got == -1) return diskError(name_, errno);
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        return done;
    }

    Result<> writeAt(std::uint64_t offset, std::span<const std::byte> bytes) override {
        if (offset > kMaxOffset || bytes.size() > kMaxOffset - offset) {
            return diskError(name_, EFBIG);
        }
        std::size_t done = 0;
        while (done < bytes.size()) {
            const ssize_t put = retryOnSignal([&] {
                return ::pwrite(fd_.get(), bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(offset + done));
            });
            if (put == -1) return diskError(name_, errno);
            // A medium that takes nothing and reports nothing would hold this loop for ever.
            if (put == 0) return diskError(name_, EIO);
            done += static_cast<std::size_t>(put);
        }
        return {};
    }

    Result<> resize(std::uint64_t bytes) override {
        if (bytes > kMaxOffset) return diskError(name_, EFBIG);
        if (retryOnSignal([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(bytes)); }) ==
            -1) {
            return diskError(name_, errno);
        }
        return {};
    }

    // fdatasync suffices: it leaves out only metadata that reading back does not need (times);
    // the length and the block map are flushed with the data. It is never tried a second time:
    // after a failure the system holds the pages for clean, and a second call would say yes
    // without having written them.
    Result<> sync() override {
        if (retryOnSignal([&] { return ::fdatasync(fd_.get()); }) == -1) {
            return diskError(name_, errno);
        }
        return {};
    }

    Result<std::uint64_t> size() override {
        struct stat status {};
        if (::fstat(fd_.get(), &status) == -1) return diskError(name_, errno);
        return static_cast<std::uint64_t>(status.st_size);
    }

    // Without the size: a tail of zeros after a crash would look like audio.
    Result<> reserve(std::uint64_t bytes) override {
        const auto end = size();
        if (!end) return fail(end.error());
        const int done = retryOnSignal([&] {
            return ::fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(*end),
                               static_cast<off_t>(bytes));
        });
        if (done == -1 && (errno == ENOSPC || errno == EDQUOT)) return diskError(name_, errno);
        return {};
    }

    // Cutting a file to its own length frees the blocks behind its end.
    Result<> releaseReserve() override {
        const auto end = size();
        if (!end) return fail(end.error());
        return resize(*end);
    }

    // What else can go wrong says that the two files cannot share: no such call, two file systems,
    // other flags.
    Result<bool> shareFrom(DiskFile& from, std::uint64_t offset) override {
        const auto* other = dynamic_cast<PosixFile*>(&from);
        if (other == nullptr) return false;
        file_clone_range range{other->fd_.get(), offset, 0, offset};  // length 0: to the end
        const auto clone = [&] { return ::ioctl(fd_.get(), FICLONERANGE, &range); };
        if (retryOnSignal(clone) == 0) return true;
        const bool isOfTheDisk = errno == ENOSPC || errno == EDQUOT || errno == EIO;
        return isOfTheDisk ? Result<bool>(diskError(name_, errno)) : false;
    }

    // The lock belongs to the open file, not to the process, so it holds against a second opening
    // in our own process too and does not vanish when that one is closed. A handle for reading can
    // only ask for the shared kind; a living writer refuses that just as well.
    Result<bool> tryLock() override {
        struct flock lock {};
        lock.l_type = access_ == Access::readWrite ? F_WRLCK : F_RDLCK;
        lock.l_whence = SEEK_SET;
        if (retryOnSignal([&] { return ::fcntl(fd_.get(), F_OFD_SETLK, &lock); }) == 0) return true;
        if (errno == EAGAIN || errno == EACCES) return false;
        return diskError(name_, errno);
    }

    Result<std::int64_t> modificationTime() override {
        struct stat status {};
        if (::fstat(fd_.get(), &status) == -1) return diskError(name_, errno);
        return std::int64_t{status.st_mtim.tv_sec} * kNanosecondsPerSecond + status.st_mtim.tv_nsec;
    }

    Result<> setModificationTime(std::int64_t nanoseconds) override {
        std::int64_t seconds = nanoseconds / kNanosecondsPerSecond;
        std::int64_t rest = nanoseconds % kNanosecondsPerSecond;
        if (rest < 0) {
            rest += kNanosecondsPerSecond;
            --seconds;
        }
        struct timespec times[2]{};
        times[0].tv_nsec = UTIME_OMIT;
        times[1].tv_sec = seconds;
        times[1].tv_nsec = rest;
        if (::futimens(fd_.get(), times) == -1) return diskError(name_, errno);
        return {};
    }

  private:
    static constexpr std::uint64_t kMaxOffset = std::numeric_limits<off_t>::max();
    static constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

    Descriptor fd_;
    std::string name_;
    Access access_;
};

}  // namespace holdfast
