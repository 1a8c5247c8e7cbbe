#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "iocore/capture/frame_counter.h"

namespace holdfast {

Result<FrameCounter> FrameCounter::fromEnvironment() {
    const char* path = std::getenv("HOLDFAST_SYNTH_COUNTER");
    if (path == nullptr || *path == '\0') return FrameCounter();
    const auto failed = [path](int code) {
        return fail(Stage::usage, code,
                    fmt::format("HOLDFAST_SYNTH_COUNTER: {} cannot be mapped: {}", path,
                                systemErrorText(code)));
    };
    const int file = ::open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return failed(errno);
    struct stat status {};
    const bool bigEnough = ::fstat(file, &status) == 0 && status.st_size >= off_t{8};
    void* mapped = bigEnough ? ::mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE,
                                      MAP_SHARED, file, 0)
                             : MAP_FAILED;
    const int code = bigEnough ? errno : EINVAL;
    ::close(file);
    if (mapped == MAP_FAILED) return failed(code);
    static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
    return FrameCounter(static_cast<std::atomic<std::uint64_t>*>(mapped));
}

FrameCounter::FrameCounter(FrameCounter&& other) noexcept
    : count_(std::exchange(other.count_, nullptr)) {}

FrameCounter& FrameCounter::operator=(FrameCounter&& other) noexcept {
    std::swap(count_, other.count_);
    return *this;
}

FrameCounter::~FrameCounter() {
    if (count_ != nullptr) ::munmap(count_, sizeof(std::uint64_t));
}

}  // namespace holdfast
