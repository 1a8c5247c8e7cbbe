// The ring on Windows: a mapped file with the attribute "temporary", which the system keeps in
// memory as long as it can and does not hurry to write. A kill leaves it; a power cut need not.
#include <fmt/format.h>
#include <windows.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "iocore/base/data_folder_win32.h"
#include "iocore/base/own_folder.h"
#include "iocore/base/owner_only_win32.h"
#include "iocore/base/path_text.h"
#include "iocore/base/system_error_win32.h"
#include "iocore/base/utf16_win32.h"
#include "iocore/ring/ring_memory.h"

namespace holdfast {
namespace {

// A ring is to leave this much of a disk to the recordings it is for.
constexpr std::uint64_t kLeastFreeTimes = 2;

tl::unexpected<Error> failed(const std::string& what, int code) {
    return fail(Stage::ring, code, fmt::format("{}: {}", what, systemErrorText(code)));
}

// A link could lead to where others read.
Result<> requireOwnFolder(const std::string& folder) {
    const auto path = systemPath(folder);
    const DWORD attributes = path ? GetFileAttributesW(path->c_str()) : 0;
    if (attributes == INVALID_FILE_ATTRIBUTES) return failed(folder, lastErrno());
    if ((attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) return failed(folder, ELOOP);
    return {};
}

Result<> requireRoom(const std::string& folder, std::uint64_t bytes) {
    const auto path = systemPath(folder);
    ULARGE_INTEGER free{};
    if (!path || !GetDiskFreeSpaceExW(path->c_str(), &free, nullptr, nullptr)) {
        return failed(folder, lastErrno());
    }
    if (bytes <= free.QuadPart / kLeastFreeTimes) return {};
    return fail(Stage::ring, ENOSPC,
                fmt::format("{}: {} bytes are more than half of the {} free", folder, bytes,
                            free.QuadPart));
}

// Every page present, writable and resident before the first sample comes, as far as the limits of
// this process allow: a ring that may fault is better than none.
void prepareForRealTime(std::byte* data, std::size_t size) {
    SIZE_T least = 0;
    SIZE_T most = 0;
    const HANDLE self = GetCurrentProcess();
    if (GetProcessWorkingSetSize(self, &least, &most)) {
        SetProcessWorkingSetSize(self, least + size, most + size);
    }
    constexpr std::size_t kPage = 4096;
    for (std::size_t at = 0; at < size; at += kPage) {
        auto* const byte = reinterpret_cast<volatile unsigned char*>(data + at);
        *byte = *byte;
    }
    VirtualLock(data, size);
}

Result<> requireSize(std::uint64_t bytes) {
    if (bytes > 0 && bytes <= PTRDIFF_MAX) return {};
    return fail(Stage::ring, fmt::format("a ring of {} bytes cannot be", bytes));
}

// The whole file, written once: a hole would end the capture thread on a full disk.
int allocate(HANDLE file, std::uint64_t bytes) {
    static const std::byte kZeros[64 << 10]{};
    for (std::uint64_t at = 0; at < bytes; at += sizeof kZeros) {
        OVERLAPPED position{};
        position.Offset = static_cast<DWORD>(at);
        position.OffsetHigh = static_cast<DWORD>(at >> 32);
        const auto count = static_cast<DWORD>(std::min<std::uint64_t>(bytes - at, sizeof kZeros));
        DWORD put = 0;
        if (!WriteFile(file, kZeros, count, &put, &position)) return lastErrno();
        if (put != count) return EIO;
    }
    return 0;
}

Result<std::byte*> map(HANDLE file, std::uint64_t bytes) {
    const HANDLE mapping =
        CreateFileMappingW(file, nullptr, PAGE_READWRITE, static_cast<DWORD>(bytes >> 32),
                           static_cast<DWORD>(bytes), nullptr);
    void* data = mapping != nullptr ? MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, bytes) : nullptr;
    const int code = lastErrno();
    if (mapping != nullptr) CloseHandle(mapping);  // the view keeps it
    if (data == nullptr) return failed(fmt::format("cannot map {} bytes", bytes), code);
    prepareForRealTime(static_cast<std::byte*>(data), bytes);
    return static_cast<std::byte*>(data);
}

}  // namespace

std::vector<std::string> RingMemory::places() {
    const std::string data = dataFolder();
    if (data.empty()) return {};
    return {joinPath(data, "rings")};
}

Result<RingMemory> RingMemory::create(const std::vector<std::string>& folders, const TakeId& takeId,
                                      std::uint64_t bytes) {
    if (auto sound = requireSize(bytes); !sound) return fail(sound.error());
    std::string whyNot;
    for (const std::string& folder : folders) {
        auto memory = inFolder(folder, takeId, bytes);
        if (memory) return memory;
        if (!whyNot.empty()) whyNot += "; ";
        whyNot += memory.error().text;
    }
    auto memory = anonymous(bytes);
    if (memory && !whyNot.empty()) memory->whyNot_ = whyNot;
    return memory;
}

Result<RingMemory> RingMemory::inFolder(const std::string& folder, const TakeId& takeId,
                                        std::uint64_t bytes) {
    if (!pathOfText(folder).is_absolute()) {
        return fail(Stage::ring, EINVAL, folder + ": not an absolute path");
    }
    if (auto made = makeOwnFolders(folder); !made) {
        return fail(Stage::ring, made.error().code, made.error().text);
    }
    if (auto own = requireOwnFolder(folder); !own) return fail(own.error());
    if (auto room = requireRoom(folder, bytes); !room) return fail(room.error());
    const std::string path = joinPath(folder, takeId.hex() + ".ring");
    const auto wide = systemPath(path);
    if (!wide) return fail(Stage::ring, wide.error().code, wide.error().text);
    OwnerOnly mine(OwnerOnly::Of::file);
    const HANDLE file = CreateFileW(wide->c_str(), GENERIC_READ | GENERIC_WRITE,
                                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                    mine.get(), CREATE_NEW, FILE_ATTRIBUTE_TEMPORARY, nullptr);
    if (file == INVALID_HANDLE_VALUE) return failed(path, lastErrno());
    Result<std::byte*> data;
    if (const int code = allocate(file, bytes); code != 0) {
        data = failed(path, code);
    } else {
        data = map(file, bytes);
    }
    CloseHandle(file);
    if (!data) {
        DeleteFileW(wide->c_str());
        return fail(data.error());
    }
    RingMemory memory;
    memory.data_ = *data;
    memory.size_ = bytes;
    memory.persistent_ = true;
    memory.inMemory_ = false;
    memory.path_ = path;
    return memory;
}

Result<RingMemory> RingMemory::anonymous(std::uint64_t bytes) {
    if (auto sound = requireSize(bytes); !sound) return fail(sound.error());
    const auto data = map(INVALID_HANDLE_VALUE, bytes);
    if (!data) return fail(data.error());
    RingMemory memory;
    memory.data_ = *data;
    memory.size_ = bytes;
    memory.whyNot_ = "plain memory was asked for";
    return memory;
}

RingMemory::RingMemory(RingMemory&& other) noexcept {
    *this = std::move(other);
}

RingMemory& RingMemory::operator=(RingMemory&& other) noexcept {
    // Swapped, so that what we held is unmapped by `other`.
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(persistent_, other.persistent_);
    std::swap(inMemory_, other.inMemory_);
    std::swap(removeAtEnd_, other.removeAtEnd_);
    path_.swap(other.path_);
    whyNot_.swap(other.whyNot_);
    return *this;
}

RingMemory::~RingMemory() {
    if (data_ == nullptr) return;
    UnmapViewOfFile(data_);
    if (!removeAtEnd_) return;
    if (const auto path = systemPath(path_)) DeleteFileW(path->c_str());
}

// A mapped file cannot be removed on Windows: where it fails for that reason, the destructor does
// it as soon as nothing maps it any more.
Result<> RingMemory::removeFile() {
    if (path_.empty()) return {};
    const auto path = systemPath(path_);
    if (!path) return fail(Stage::ring, path.error().code, path.error().text);
    if (DeleteFileW(path->c_str()) || lastErrno() == ENOENT) return {};
    const int code = lastErrno();
    if (data_ == nullptr || (code != EACCES && code != EBUSY)) return failed(path_, code);
    removeAtEnd_ = true;
    return {};
}

}  // namespace holdfast
