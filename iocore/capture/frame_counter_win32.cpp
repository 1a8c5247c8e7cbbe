#include <fmt/format.h>
#include <windows.h>

#include <cerrno>
#include <utility>

#include "iocore/base/system_error_win32.h"
#include "iocore/base/utf16_win32.h"
#include "iocore/capture/frame_counter.h"

namespace holdfast {

Result<FrameCounter> FrameCounter::fromEnvironment() {
    const wchar_t* const path = _wgetenv(L"HOLDFAST_SYNTH_COUNTER");
    if (path == nullptr || *path == L'\0') return FrameCounter();
    const auto failed = [path](int code) {
        return fail(Stage::usage, code,
                    fmt::format("HOLDFAST_SYNTH_COUNTER: {} cannot be mapped: {}", narrowText(path),
                                systemErrorText(code)));
    };
    const HANDLE file =
        CreateFileW(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                    OPEN_EXISTING, 0, nullptr);
    if (file == INVALID_HANDLE_VALUE) return failed(lastErrno());
    LARGE_INTEGER bytes{};
    const bool bigEnough = GetFileSizeEx(file, &bytes) && bytes.QuadPart >= 8;
    const HANDLE mapping =
        bigEnough ? CreateFileMappingW(file, nullptr, PAGE_READWRITE, 0, 8, nullptr) : nullptr;
    void* mapped = mapping != nullptr ? MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 8) : nullptr;
    const int code = bigEnough ? lastErrno() : EINVAL;
    if (mapping != nullptr) CloseHandle(mapping);  // the view keeps it
    CloseHandle(file);
    if (mapped == nullptr) return failed(code);
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
    if (count_ != nullptr) UnmapViewOfFile(count_);
}

}  // namespace holdfast
