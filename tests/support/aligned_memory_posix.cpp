#include <cstdlib>

#include "tests/support/aligned_memory.h"

namespace holdfast::test {

void* alignedMemory(std::size_t size, std::size_t alignment) noexcept {
    // aligned_alloc asks for a multiple of the alignment.
    const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
    return std::aligned_alloc(alignment, rounded > 0 ? rounded : alignment);
}

void freeAlignedMemory(void* memory) noexcept {
    std::free(memory);
}

}  // namespace holdfast::test
