// OpenShares: the sharing modes of mmioOpen, which POSIX does not know.
//
// They hold between the files that one process opens by name through mmio.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <vector>

#include "iocore/mmio/mmio.h"

namespace holdfast::mmio_posix {

// [any thread]
class OpenShares {
  public:
    // Enters an open file; false, and nothing is entered, where its mode and those of the others on
    // the same file exclude each other.
    bool enter(int descriptor, DWORD flags);
    void leave(int descriptor);

  private:
    struct Share {
        int descriptor;
        dev_t device;
        ino_t file;
        DWORD flags;
    };
    std::mutex mutex_;
    std::vector<Share> shares_;
};

OpenShares& openShares();

}  // namespace holdfast::mmio_posix
