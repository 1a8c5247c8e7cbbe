// ProcessIdentity: who is writing, so that recovery can tell a living recorder from a dead one.
//
// A process id alone is reused; with its start time and the boot it belongs to, it is not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace holdfast {

struct ProcessIdentity {
    std::array<std::byte, 16> bootId{};  // random per boot of the machine
    std::uint64_t processId = 0;
    std::uint64_t startTime =
        0;  // in the system's own ticks since boot; equal means the same process
    bool operator==(const ProcessIdentity&) const = default;
};

// [any thread] [blocks]
ProcessIdentity currentProcess();
std::array<std::byte, 16> currentBootId();
// True when the process that `identity` names runs now, in this boot.
bool isAlive(const ProcessIdentity& identity);

}  // namespace holdfast
