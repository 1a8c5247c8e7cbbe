#include <windows.h>

#include <utility>

#include "app/exit_status.h"
#include "app/session_end_win32.h"
#include "app/stop_signal_asked.h"
#include "app/terminal.h"

namespace holdfast {
namespace {

using Kind = StopSignal::Asked::Kind;

// For the system's handler, which is a bare function and may be called until the process is gone:
// never destroyed.
StopSignal::Asked* consoleAsks = nullptr;

// On a thread of the system's, one for each event.
BOOL WINAPI onConsoleEvent(DWORD event) {
    switch (event) {
        case CTRL_C_EVENT:
            consoleAsks->notice(Kind::interrupt);
            return TRUE;
        case CTRL_BREAK_EVENT:
            consoleAsks->notice(Kind::stop);
            return TRUE;
        default:
            // Close, logoff, shutdown. The system ends the process as soon as this returns, or
            // after some seconds; the control thread finishes the take and ends it before.
            consoleAsks->notice(Kind::stop);
            ::Sleep(INFINITE);
            return TRUE;
    }
}

}  // namespace

std::unique_ptr<StopSignal> StopSignal::install() {
    static const auto& asked = *new std::shared_ptr<Asked>(std::make_shared<Asked>());
    consoleAsks = asked.get();
    ::SetConsoleCtrlHandler(onConsoleEvent, TRUE);
    watchSessionEnd([] { consoleAsks->notice(Kind::stop); });
    return std::unique_ptr<StopSignal>(new StopSignal(asked));
}

// Not by exit(): libraries would be told, one after the other, and any of them may hang.
void StopSignal::leave() {
    restoreTerminal();
    ::TerminateProcess(::GetCurrentProcess(), kExitInterrupted);
    while (true) ::Sleep(INFINITE);
}

std::string_view StopSignal::help() {
    return R"(Ctrl-C, Ctrl-Break, closing the window, logoff and shutdown finish the file; a second
  Ctrl-C within 3 s leaves it to holdfast-recover; while only the digest of --sha256 is
  left, Ctrl-C leaves that out, and the take is complete. The signals USR1 (new file)
  and USR2 (marker) of other systems do not exist here: use the keys n and m.
)";
}

}  // namespace holdfast
