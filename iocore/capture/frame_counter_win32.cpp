#include <fmt/format.h>
#include <windows.h>

#include <cstdlib>
#include <utility>

#include "iocore/capture/frame_counter.h"

namespace holdfast {

Result<FrameCounter> FrameCounter::fromEnvironment() {
    const char* path = std::getenv("HOLDFAST_SYNTH_COUNTER");
    if (path == nullptr || *path == '\0') return FrameCounter();
    void* mapped = nullptr;
    DWORD code = ERROR_SUCCESS;
    const HANDLE file =
        CreateFileA(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                    OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file == INVALID_HANDLE_VALUE) {
        code = GetLastError();
    } else {
        // The mapping's name is the view's: handles may be closed while the view lives.
        const HANDLE mapping =
            CreateFileMappingA(file, nullptr, PAGE_READWRITE, 0, sizeof(std::uint64_t), nullptr);
        if (mapping != nullptr) {
            mapped = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, sizeof(std::uint64_t));
        }
        code = GetLastError();
        if (mapping != nullptr) CloseHandle(mapping);
        CloseHandle(file);
    }
    if (mapped == nullptr) {
        return fail(Stage::usage, static_cast<int>(code),
                    fmt::format("HOLDFAST_SYNTH_COUNTER: {} cannot be mapped: {}", path,
                                systemErrorText(static_cast<int>(code))));
    }
    return FrameCounter(static_cast<std::atomic<std::uint64_t>*>(mapped));
}

FrameCounter::FrameCounter(FrameCounter&& other) noexcept
    : count_(std::exchange(other.count_, nullptr)) {}

FrameCounter& FrameCounter::operator=(FrameCounter&& other) noexcept {
    std::swap(count_, other.count_);
    return *this;
}

FrameCounter::~FrameCounter() {
    if (count_ != nullptr) UnmapViewOfFile(count_);
}

}  // namespace holdfast
