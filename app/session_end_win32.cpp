#include "app/session_end_win32.h"

#include <windows.h>

#include <atomic>
#include <utility>

namespace holdfast {
namespace {

constexpr const wchar_t* kWindowName = L"Holdfast";
// The first window of a session can take seconds on Wine.
constexpr DWORD kPatienceMs = 10'000;
constexpr const wchar_t* kWhyItLasts = L"A recording is being finished.";

// Called until the process is gone: never destroyed.
const std::function<void()>* sessionEnds = nullptr;
std::atomic<bool> isEnding{false};

LRESULT CALLBACK onMessage(HWND window, UINT message, WPARAM first, LPARAM second) {
    switch (message) {
        case WM_QUERYENDSESSION:
            // Nobody is kept from leaving; the user only reads what is being waited for.
            ::ShutdownBlockReasonCreate(window, kWhyItLasts);
            return TRUE;
        case WM_ENDSESSION:
            if (first == FALSE) {
                // Another program, or the user, has stopped it.
                ::ShutdownBlockReasonDestroy(window);
                return 0;
            }
            // The system may end the process as soon as this returns: it ends by itself before.
            isEnding = true;
            (*sessionEnds)();
            ::Sleep(INFINITE);
            return 0;
        default:
            return ::DefWindowProcW(window, message, first, second);
    }
}

DWORD WINAPI runWindow(void* event) {
    HANDLE over = event;
    WNDCLASSEXW kind{};
    kind.cbSize = sizeof kind;
    kind.lpfnWndProc = onMessage;
    kind.hInstance = ::GetModuleHandleW(nullptr);
    kind.lpszClassName = kWindowName;
    if (::RegisterClassExW(&kind) == 0) return 0;
    // Of the top level and never shown: windows for messages alone are told of no session.
    const HWND window = ::CreateWindowExW(0, kWindowName, kWindowName, WS_OVERLAPPED, 0, 0, 0, 0,
                                          nullptr, nullptr, kind.hInstance, nullptr);
    if (window == nullptr) return 0;
    MSG message{};
    while (::MsgWaitForMultipleObjects(1, &over, FALSE, INFINITE, QS_ALLINPUT) != WAIT_OBJECT_0) {
        while (::PeekMessageW(&message, nullptr, 0, 0, PM_REMOVE) != 0) {
            ::DispatchMessageW(&message);
        }
    }
    ::DestroyWindow(window);
    return 0;
}

}  // namespace

std::shared_ptr<void> watchSessionEnd(std::function<void()> onEnd) {
    sessionEnds = new std::function<void()>(std::move(onEnd));
    const HANDLE over = ::CreateEventW(nullptr, TRUE, FALSE, nullptr);
    const HANDLE thread = ::CreateThread(nullptr, 0, runWindow, over, 0, nullptr);
    return {over, [thread](HANDLE event) {
                ::SetEvent(event);
                // A thread that holds the end of the session up does not come back.
                ::WaitForSingleObject(thread, isEnding ? 0 : kPatienceMs);
            }};
}

}  // namespace holdfast
