// Memory for the tests' own operator new, in any alignment, from the system's C library.
#pragma once

#include <cstddef>

namespace holdfast::test {

// `size` bytes, which may be 0, at a multiple of `alignment` (a power of two); null without memory.
void* alignedMemory(std::size_t size, std::size_t alignment) noexcept;
// What alignedMemory() gave, or null.
void freeAlignedMemory(void* memory) noexcept;

}  // namespace holdfast::test
