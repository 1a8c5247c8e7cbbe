// StopSignal: what the system and the user ask of a running recorder by signals.
//
// The signals are blocked in every thread and taken by one that does nothing else: no system call
// of a recording is ever interrupted, and a second Ctrl-C works even while the control thread
// waits for a sound server. A signal that was ignored when the program began (nohup) stays so.
#pragma once

#include <functional>
#include <memory>

namespace holdfast {

class StopSignal {
  public:
    // Since the last look.
    struct Seen {
        bool stop = false;      // finalise
        bool leaveNow = false;  // a second INT within 3 s
        unsigned markers = 0;
        unsigned splits = 0;
    };

    // Once in a program, before its first thread, which inherits the blocked signals. SIGPIPE and
    // SIGXFSZ become errors of the calls that meet them. [control thread]
    static std::unique_ptr<StopSignal> install();
    ~StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    Seen look();  // [control thread]
    // Called on the signal thread after each signal, so that nobody has to look again and again;
    // empty = none. [control thread]
    void onSignal(std::function<void()> wake);
    // The take is finished: a second INT does nothing any more. [control thread]
    void disarm();
    // Ends the process at once with exit status 130; files stay as they are. [any thread]
    [[noreturn]] static void leave();

  private:
    struct Shared;
    explicit StopSignal(std::shared_ptr<Shared> shared);
    std::shared_ptr<Shared> shared_;
};

}  // namespace holdfast
