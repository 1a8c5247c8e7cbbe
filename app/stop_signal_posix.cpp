#include <unistd.h>
#include <csignal>

#include <thread>
#include <utility>

#include "app/exit_status.h"
#include "app/stop_signal_asked.h"
#include "app/terminal.h"

namespace holdfast {
namespace {

using Kind = StopSignal::Asked::Kind;

bool isIgnored(int signal) {
    struct sigaction action {};
    return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

Kind kindOf(int signal) {
    switch (signal) {
        case SIGUSR1:
            return Kind::split;
        case SIGUSR2:
            return Kind::marker;
        case SIGINT:
            return Kind::interrupt;
        default:
            return Kind::stop;
    }
}

}  // namespace

std::unique_ptr<StopSignal> StopSignal::install() {
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);
    sigset_t taken{};
    ::sigemptyset(&taken);
    // Blocked signals reach sigwait() even when they are ignored, so those are left out.
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}) {
        if (!isIgnored(signal)) ::sigaddset(&taken, signal);
    }
    sigset_t blocked = taken;
    // A recorder in the background may write to its terminal, and is not stopped for reading.
    ::sigaddset(&blocked, SIGTTOU);
    ::sigaddset(&blocked, SIGTTIN);
    ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    auto asked = std::make_shared<Asked>();
    std::thread([asked, taken] {
        for (int signal = 0;;) {
            if (::sigwait(&taken, &signal) == 0) asked->notice(kindOf(signal));
        }
    }).detach();
    return std::unique_ptr<StopSignal>(new StopSignal(std::move(asked)));
}

void StopSignal::leave() {
    restoreTerminal();
    ::_exit(kExitInterrupted);
}

std::string_view StopSignal::help() {
    return R"(Signals: INT, TERM, HUP finish the file; a second INT within 3 s leaves it to
  holdfast-recover; while only the digest of --sha256 is left, an INT, TERM or HUP
  leaves that out, and the take is complete; USR1 begins a new file, USR2 sets a marker.
)";
}

}  // namespace holdfast
