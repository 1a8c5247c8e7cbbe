#include "tests/support/allocation_guard.h"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "tests/support/aligned_memory.h"

namespace {

using holdfast::test::alignedMemory;
using holdfast::test::freeAlignedMemory;

thread_local int guards = 0;
thread_local int pauses = 0;
thread_local bool counts = false;
thread_local bool failsForEver = false;
thread_local std::size_t seenHere = 0;
thread_local std::size_t failsAt = 0;

bool isToFail() {
    if (!counts || pauses > 0) return false;
    const std::size_t at = seenHere++;
    return at == failsAt || (failsForEver && at > failsAt);
}

void* allocate(std::size_t size, std::size_t alignment) {
    if (isToFail()) throw std::bad_alloc();
    if (guards > 0 && pauses == 0) {
        std::fputs("allocation under an AllocationGuard\n", stderr);
        std::abort();
    }
    void* memory = alignedMemory(size, alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

}  // namespace

// Every form, because under AddressSanitizer the array and nothrow forms are the sanitizer's own
// and do not call these.
void* operator new(std::size_t size) {
    return allocate(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size) {
    return operator new(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    try {
        return operator new(size);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
    return operator new(size, tag);
}
void operator delete[](void* memory) noexcept {
    freeAlignedMemory(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    freeAlignedMemory(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
    freeAlignedMemory(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
    freeAlignedMemory(memory);
}
void operator delete(void* memory) noexcept {
    freeAlignedMemory(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    freeAlignedMemory(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    freeAlignedMemory(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    freeAlignedMemory(memory);
}

namespace holdfast::test {

AllocationGuard::AllocationGuard() {
    ++guards;
}
AllocationGuard::~AllocationGuard() {
    --guards;
}

FailingAllocation::FailingAllocation(std::size_t nth, Shortage shortage) {
    seenHere = 0;
    failsAt = nth;
    failsForEver = shortage == Shortage::forEver;
    counts = true;
}
FailingAllocation::~FailingAllocation() {
    counts = false;
}
std::size_t FailingAllocation::seen() {
    return seenHere;
}

AllocationPause::AllocationPause() {
    ++pauses;
}
AllocationPause::~AllocationPause() {
    --pauses;
}

}  // namespace holdfast::test
