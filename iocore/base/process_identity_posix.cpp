#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "iocore/base/process_identity.h"

namespace holdfast {
namespace {

// Field 22 of /proc/PID/stat (proc(5)): start time in clock ticks since boot; 0 when there is no
// such process, or when only its exit status is left of it (states Z and X).
std::uint64_t startTimeOf(std::uint64_t processId) {
    std::ifstream file("/proc/" + std::to_string(processId) + "/stat");
    std::string line;
    if (!std::getline(file, line)) return 0;
    // The program's name (field 2) may hold spaces and parentheses: count from the last one.
    const std::size_t end = line.rfind(')');
    if (end == std::string::npos) return 0;
    std::istringstream rest(line.substr(end + 1));
    std::string field;
    rest >> field;
    if (field == "Z" || field == "X") return 0;
    for (int index = 4; index < 22; ++index) rest >> field;
    std::uint64_t ticks = 0;
    rest >> ticks;
    return ticks;
}

}  // namespace

std::array<std::byte, 16> currentBootId() {
    std::array<std::byte, 16> id{};
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string text;
    file >> text;
    std::size_t nibble = 0;
    for (char c : text) {
        if (c == '-' || nibble >= 32) continue;
        const int value = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
        id[nibble / 2] |= static_cast<std::byte>(nibble % 2 == 0 ? value << 4 : value);
        ++nibble;
    }
    return id;
}

ProcessIdentity currentProcess() {
    const auto processId = static_cast<std::uint64_t>(getpid());
    return {currentBootId(), processId, startTimeOf(processId)};
}

bool isAlive(const ProcessIdentity& identity) {
    return identity.processId != 0 && identity.bootId == currentBootId() &&
           startTimeOf(identity.processId) == identity.startTime && identity.startTime != 0;
}

}  // namespace holdfast
