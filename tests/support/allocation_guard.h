// AllocationGuard: while one lives, any allocation through operator new on its thread aborts the
// program.
//
// For the promise that the capture path allocates nothing: such code has nothing to catch an
// exception with, and a count could be forgotten to be looked at.
#pragma once

namespace holdfast::test {

class AllocationGuard {
  public:
    AllocationGuard();
    ~AllocationGuard();
    AllocationGuard(const AllocationGuard&) = delete;
    AllocationGuard& operator=(const AllocationGuard&) = delete;
};

}  // namespace holdfast::test
