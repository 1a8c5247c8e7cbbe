// Who may open what we make for this user alone: what mode 0600 is on POSIX.
#pragma once

#include <windows.h>

namespace holdfast {

// Attributes for CreateFileW or CreateDirectoryW that give this user, and nobody else, reading,
// writing and removing; nothing is inherited from the folder above.
class OwnerOnly {
  public:
    enum class Of { file, folder };  // what is made in a folder gets the same as the folder
    explicit OwnerOnly(Of of);
    ~OwnerOnly();
    OwnerOnly(const OwnerOnly&) = delete;
    OwnerOnly& operator=(const OwnerOnly&) = delete;
    // Null when the system would not say who this user is: then the folder's own rules hold.
    [[nodiscard]] SECURITY_ATTRIBUTES* get();

  private:
    SECURITY_ATTRIBUTES attributes_{};
};

}  // namespace holdfast
