#include "tests/support/own_program_win32.h"

#include <windows.h>

#include <array>

#include "iocore/base/utf16_win32.h"

namespace holdfast {

unsigned long runOwnTests(const std::string& filter) {
    std::array<wchar_t, 32'768> program{};
    GetModuleFileNameW(nullptr, program.data(), static_cast<DWORD>(program.size()));
    std::wstring line = L"\"" + std::wstring(program.data()) +
                        L"\" --gtest_also_run_disabled_tests --gtest_filter=" +
                        wideText(filter).value();
    STARTUPINFOW start{};
    start.cb = sizeof start;
    PROCESS_INFORMATION child{};
    if (!CreateProcessW(program.data(), line.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr,
                        &start, &child)) {
        return ~0UL;
    }
    WaitForSingleObject(child.hProcess, INFINITE);
    DWORD status = 0;
    GetExitCodeProcess(child.hProcess, &status);
    CloseHandle(child.hThread);
    CloseHandle(child.hProcess);
    return status;
}

}  // namespace holdfast
