// The system's own ways to end a program: events of the console, the end of the session.
//
// Each test plays the system for another process, this program again, which does the disabled test
// below: it ends by itself when it is asked to, or the system ends it with another status.
#include <gtest/gtest.h>
#include <windows.h>

#include <array>
#include <memory>
#include <string>

#include "app/stop_signal.h"

namespace holdfast {
namespace {

constexpr const wchar_t* kReadyName = L"HOLDFAST_TEST_READY";
constexpr DWORD kDeadlineMs = 60'000;

using Handle = std::unique_ptr<void, decltype(&::CloseHandle)>;

Handle readyEvent(const std::wstring& name) {
    return {::CreateEventW(nullptr, TRUE, FALSE, name.c_str()), &::CloseHandle};
}

TEST(AskedFromOutside, DISABLED_EndsByItself) {
    std::array<wchar_t, 64> name{};
    ASSERT_NE(::GetEnvironmentVariableW(kReadyName, name.data(), name.size()), 0U);
    const Handle asked{::CreateEventW(nullptr, FALSE, FALSE, nullptr), &::CloseHandle};
    const auto signals = StopSignal::install();
    signals->onSignal([&] { ::SetEvent(asked.get()); });
    ::SetEvent(readyEvent(name.data()).get());
    EXPECT_EQ(::WaitForSingleObject(asked.get(), kDeadlineMs), WAIT_OBJECT_0);
    EXPECT_TRUE(signals->look().stop);
    signals->onSignal({});
}

// The process that waits to be asked, in a group of its own.
class SystemAsksToEnd : public testing::Test {
  protected:
    void SetUp() override {
        const std::wstring name = L"holdfast-" + std::to_wstring(::GetCurrentProcessId());
        const Handle ready = readyEvent(name);
        ::SetEnvironmentVariableW(kReadyName, name.c_str());
        std::array<wchar_t, 32'768> program{};
        ::GetModuleFileNameW(nullptr, program.data(), static_cast<DWORD>(program.size()));
        std::wstring line = L"\"" + std::wstring(program.data()) +
                            L"\" --gtest_also_run_disabled_tests "
                            L"--gtest_filter=AskedFromOutside.DISABLED_EndsByItself";
        STARTUPINFOW start{};
        start.cb = sizeof start;
        ASSERT_TRUE(::CreateProcessW(program.data(), line.data(), nullptr, nullptr, FALSE,
                                     CREATE_NEW_PROCESS_GROUP, nullptr, nullptr, &start, &child_));
        const std::array<HANDLE, 2> either{ready.get(), child_.hProcess};
        ASSERT_EQ(::WaitForMultipleObjects(2, either.data(), FALSE, kDeadlineMs), WAIT_OBJECT_0);
    }
    void TearDown() override {
        if (child_.hProcess == nullptr) return;
        ::TerminateProcess(child_.hProcess, 99);
        ::CloseHandle(child_.hThread);
        ::CloseHandle(child_.hProcess);
    }
    DWORD end() const {
        DWORD status = 98;
        if (::WaitForSingleObject(child_.hProcess, kDeadlineMs) == WAIT_OBJECT_0) {
            ::GetExitCodeProcess(child_.hProcess, &status);
        }
        return status;
    }
    // Its window that nobody sees, as soon as it is there.
    HWND window() const {
        const ULONGLONG deadline = ::GetTickCount64() + kDeadlineMs;
        while (::GetTickCount64() < deadline) {
            HWND found = nullptr;
            while ((found = ::FindWindowExW(nullptr, found, L"Holdfast", nullptr)) != nullptr) {
                DWORD owner = 0;
                ::GetWindowThreadProcessId(found, &owner);
                if (owner == child_.dwProcessId) return found;
            }
            if (::WaitForSingleObject(child_.hProcess, 20) == WAIT_OBJECT_0) break;
        }
        return nullptr;
    }

    PROCESS_INFORMATION child_{};
};

TEST_F(SystemAsksToEnd, CtrlBreakIsObeyed) {
    ASSERT_TRUE(::GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, child_.dwProcessId));
    EXPECT_EQ(end(), 0U);
}

TEST_F(SystemAsksToEnd, SessionThatEndsIsObeyedAndTheQuestionIsNot) {
    const HWND probe = ::CreateWindowExW(0, L"STATIC", L"", WS_OVERLAPPED, 0, 0, 0, 0, nullptr,
                                         nullptr, nullptr, nullptr);
    if (probe == nullptr) GTEST_SKIP() << "no windows here";
    ::DestroyWindow(probe);
    const HWND hidden = window();
    ASSERT_NE(hidden, nullptr);
    EXPECT_FALSE(::IsWindowVisible(hidden));
    EXPECT_TRUE(::SendMessageW(hidden, WM_QUERYENDSESSION, 0, ENDSESSION_LOGOFF));
    // Another program has said no.
    ::SendMessageW(hidden, WM_ENDSESSION, FALSE, ENDSESSION_LOGOFF);
    EXPECT_EQ(::WaitForSingleObject(child_.hProcess, 0), DWORD{WAIT_TIMEOUT});
    EXPECT_TRUE(::SendMessageW(hidden, WM_QUERYENDSESSION, 0, ENDSESSION_LOGOFF));
    // It does not answer any more, but ends.
    ::SendNotifyMessageW(hidden, WM_ENDSESSION, TRUE, ENDSESSION_LOGOFF);
    EXPECT_EQ(end(), 0U);
}

}  // namespace
}  // namespace holdfast
