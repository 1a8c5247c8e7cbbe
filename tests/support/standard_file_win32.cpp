#include "tests/support/standard_file.h"

#include <windows.h>

namespace holdfast::mmio_conformance {
namespace {

// Of a handle only 32 bits matter, also where it has 64.
HANDLE asHandle(std::uint32_t file) {
    return reinterpret_cast<HANDLE>(static_cast<std::intptr_t>(static_cast<std::int32_t>(file)));
}

}  // namespace

std::uint32_t openStandardFile(const std::filesystem::path& path) {
    const HANDLE file = ::CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE,
                                      FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING,
                                      FILE_ATTRIBUTE_NORMAL, nullptr);
    return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(file));
}

bool closeStandardFile(std::uint32_t file) {
    return ::CloseHandle(asHandle(file)) != 0;
}

void seekStandardFile(std::uint32_t file, std::int32_t offset) {
    ::SetFilePointer(asHandle(file), offset, nullptr, FILE_BEGIN);
}

char* allocateGlobal(std::size_t bytes) {
    return static_cast<char*>(::GlobalLock(::GlobalAlloc(GMEM_MOVEABLE, bytes)));
}

void freeGlobal(char* block) {
    const HGLOBAL memory = ::GlobalHandle(block);
    ::GlobalUnlock(memory);
    ::GlobalFree(memory);
}

}  // namespace holdfast::mmio_conformance
