// AllocationGuard: while one lives, any allocation through operator new on its thread aborts the
// program. FailingAllocation: the n-th one fails.
//
// For the promise that the capture path allocates nothing (such code has nothing to catch an
// exception with, and a count could be forgotten to be looked at), and that a shortage of memory
// harms no take.
#pragma once

#include <cstddef>

namespace holdfast::test {

class AllocationGuard {
  public:
    AllocationGuard();
    ~AllocationGuard();
    AllocationGuard(const AllocationGuard&) = delete;
    AllocationGuard& operator=(const AllocationGuard&) = delete;
};

enum class Shortage { once, forEver };

// While one lives, the allocations of its thread are counted, and the one at `nth` (from 0) fails
// with bad_alloc; forEver: and all later ones. One at a time.
class FailingAllocation {
  public:
    FailingAllocation(std::size_t nth, Shortage shortage);
    ~FailingAllocation();
    FailingAllocation(const FailingAllocation&) = delete;
    FailingAllocation& operator=(const FailingAllocation&) = delete;
    [[nodiscard]] static std::size_t seen();
};

// While one lives, allocations of the thread are neither guarded nor counted: those of the tests'
// own doubles.
class AllocationPause {
  public:
    AllocationPause();
    ~AllocationPause();
    AllocationPause(const AllocationPause&) = delete;
    AllocationPause& operator=(const AllocationPause&) = delete;
};

}  // namespace holdfast::test
