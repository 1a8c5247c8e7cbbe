#include <malloc.h>

#include "tests/support/aligned_memory.h"

namespace holdfast::test {

void* alignedMemory(std::size_t size, std::size_t alignment) noexcept {
    return _aligned_malloc(size > 0 ? size : 1, alignment);
}

void freeAlignedMemory(void* memory) noexcept {
    _aligned_free(memory);
}

}  // namespace holdfast::test
