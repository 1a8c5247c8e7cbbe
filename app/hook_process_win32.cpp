#include <windows.h>

#include <cerrno>
#include <memory>
#include <string_view>
#include <vector>

#include "app/hook_process.h"
#include "iocore/base/system_error_win32.h"
#include "iocore/base/utf16_win32.h"

namespace holdfast {
namespace {

constexpr DWORD kLookMs = 50;
constexpr std::wstring_view kVariable = L"HOLDFAST_FILE=";

struct CloseIt {
    void operator()(HANDLE handle) const { ::CloseHandle(handle); }
};
using Handle = std::unique_ptr<void, CloseIt>;

bool isVariable(std::wstring_view entry) {
    return entry.size() > kVariable.size() &&
           ::CompareStringOrdinal(entry.data(), static_cast<int>(kVariable.size()),
                                  kVariable.data(), static_cast<int>(kVariable.size()),
                                  TRUE) == CSTR_EQUAL;
}

// "A=1\0B=2\0\0"
std::wstring environmentWith(const std::wstring& path) {
    std::wstring block;
    wchar_t* own = ::GetEnvironmentStringsW();
    for (const wchar_t* entry = own; entry != nullptr && *entry != 0;) {
        const std::wstring_view text(entry);
        if (!isVariable(text)) block.append(text).push_back(L'\0');
        entry += text.size() + 1;
    }
    if (own != nullptr) ::FreeEnvironmentStringsW(own);
    block.append(kVariable).append(path).push_back(L'\0');
    block.push_back(L'\0');
    return block;
}

tl::unexpected<Error> failed() {
    const int code = lastErrno();
    return fail(Stage::usage, code, "cmd.exe: " + systemErrorText(code));
}

}  // namespace

// A job, so that what the command has started ends with it.
Result<int> runHook(const HookCommand& hook, const std::function<bool()>& cancelled) {
    const auto command = wideText(hook.command);
    const auto path = wideText(hook.path);
    if (!command) return fail(command.error());
    if (!path) return fail(path.error());
    std::wstring line = L"cmd.exe /d /s /c \"" + *command + L"\"";
    std::wstring environment = environmentWith(*path);
    const Handle job(::CreateJobObjectW(nullptr, nullptr));
    STARTUPINFOW startup{};
    startup.cb = sizeof startup;
    startup.dwFlags = STARTF_USESTDHANDLES;
    startup.hStdInput = nullptr;
    startup.hStdOutput = startup.hStdError = ::GetStdHandle(STD_ERROR_HANDLE);
    PROCESS_INFORMATION made{};
    if (::CreateProcessW(nullptr, line.data(), nullptr, nullptr, TRUE,
                         CREATE_UNICODE_ENVIRONMENT | CREATE_NEW_PROCESS_GROUP | CREATE_SUSPENDED,
                         environment.data(), nullptr, &startup, &made) == 0) {
        return failed();
    }
    const Handle process(made.hProcess);
    const Handle thread(made.hThread);
    if (job) ::AssignProcessToJobObject(job.get(), process.get());
    ::ResumeThread(thread.get());
    while (::WaitForSingleObject(process.get(), kLookMs) == WAIT_TIMEOUT) {
        if (!cancelled()) continue;
        if (!job || ::TerminateJobObject(job.get(), 1) == 0) {
            ::TerminateProcess(process.get(), 1);
        }
        return fail(Stage::usage, ECANCELED, "ended before it was done");
    }
    DWORD status = 0;
    if (::GetExitCodeProcess(process.get(), &status) == 0) return failed();
    return static_cast<int>(status);
}

}  // namespace holdfast
