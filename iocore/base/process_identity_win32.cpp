#include <windows.h>

#include <fstream>
#include <string>

#include "iocore/base/process_identity.h"
#include "iocore/base/wine_win32.h"

namespace holdfast {
namespace {

std::uint64_t ticksOf(const FILETIME& time) {
    return std::uint64_t{time.dwHighDateTime} << 32 | time.dwLowDateTime;
}

// Creation time in units of 100 ns; 0 for one that has ended, or that is not this user's to ask.
std::uint64_t startTimeOf(HANDLE process) {
    FILETIME created{};
    FILETIME ended{};
    FILETIME kernel{};
    FILETIME user{};
    DWORD status = 0;
    if (!GetProcessTimes(process, &created, &ended, &kernel, &user)) return 0;
    if (!GetExitCodeProcess(process, &status) || status != STILL_ACTIVE) return 0;
    return ticksOf(created);
}

// Wine's boot is the host's, whose files stand under this prefix.
bool readHostsBootId(std::array<std::byte, 16>& id) {
    if (!isWine()) return false;
    std::ifstream file("\\\\?\\unix/proc/sys/kernel/random/boot_id");
    std::string text;
    if (!(file >> text)) return false;
    std::size_t nibble = 0;
    for (const char c : text) {
        if (c == '-' || nibble >= 32) continue;
        const int value = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
        id[nibble / 2] |= static_cast<std::byte>(nibble % 2 == 0 ? value << 4 : value);
        ++nibble;
    }
    return nibble == 32;
}

// KUSER_SHARED_DATA, documented, at the same address in each process: BootId counts the boots.
constexpr std::uintptr_t kSharedData = 0x7ffe0000;
constexpr std::uintptr_t kBootIdAt = 0x2c4;

}  // namespace

std::array<std::byte, 16> currentBootId() {
    std::array<std::byte, 16> id{};
    if (readHostsBootId(id)) return id;
    id = {};
    const auto boots = *reinterpret_cast<const volatile std::uint32_t*>(kSharedData + kBootIdAt);
    // With the machine's installation, so that two machines' counts are not taken for each other.
    DWORD serial = 0;
    GetVolumeInformationW(L"C:\\", nullptr, 0, &serial, nullptr, nullptr, nullptr, 0);
    for (unsigned i = 0; i < 4; ++i) {
        id[i] = static_cast<std::byte>(boots >> (8 * i));
        id[4 + i] = static_cast<std::byte>(serial >> (8 * i));
    }
    id[15] = std::byte{1};  // never all zeros
    return id;
}

ProcessIdentity currentProcess() {
    return {currentBootId(), GetCurrentProcessId(), startTimeOf(GetCurrentProcess())};
}

bool isAlive(const ProcessIdentity& identity) {
    if (identity.processId == 0 || identity.startTime == 0) return false;
    if (identity.bootId != currentBootId()) return false;
    const HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE,
                                       static_cast<DWORD>(identity.processId));
    if (process == nullptr) return false;
    const bool same = startTimeOf(process) == identity.startTime;
    CloseHandle(process);
    return same;
}

}  // namespace holdfast
