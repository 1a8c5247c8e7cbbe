#include "app/session_end_win32.h"

#include <windows.h>

#include <thread>
#include <utility>

#include "iocore/base/process_end.h"

namespace holdfast {
namespace {

constexpr const wchar_t* kWindowName = L"Holdfast";
constexpr const wchar_t* kWhyItLasts = L"A recording is being finished.";

// Called until the process is gone: never destroyed.
const std::function<void()>* sessionEnds = nullptr;

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
            (*sessionEnds)();
            ::Sleep(INFINITE);
            return 0;
        default:
            return ::DefWindowProcW(window, message, first, second);
    }
}

void runWindow() {
    WNDCLASSEXW kind{};
    kind.cbSize = sizeof kind;
    kind.lpfnWndProc = onMessage;
    kind.hInstance = ::GetModuleHandleW(nullptr);
    kind.lpszClassName = kWindowName;
    if (::RegisterClassExW(&kind) == 0) return;
    // Of the top level and never shown: windows for messages alone are told of no session.
    const HWND window = ::CreateWindowExW(0, kWindowName, kWindowName, WS_OVERLAPPED, 0, 0, 0, 0,
                                          nullptr, nullptr, kind.hInstance, nullptr);
    if (window == nullptr) return;
    MSG message{};
    while (::GetMessageW(&message, nullptr, 0, 0) > 0) ::DispatchMessageW(&message);
}

}  // namespace

void watchSessionEnd(std::function<void()> onEnd) {
    sessionEnds = new std::function<void()>(std::move(onEnd));
    // Wine may hang when a process ends in order while a thread of it makes or leaves a window.
    static const ForeignCode endsAtOnce;
    std::thread(runWindow).detach();
}

}  // namespace holdfast
