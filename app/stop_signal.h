// StopSignal: what the system and the user ask of a running program from outside: signals on POSIX;
// on Windows the console's events and the end of the session.
//
// Threads that do nothing else take them: no system call of a recording is ever interrupted, and a
// second Ctrl-C works even while the control thread waits for a device. What was ignored when the
// program began (nohup) stays so.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace holdfast {

class StopSignal {
  public:
    // Since the last look.
    struct Seen {
        bool stop = false;      // finalise
        bool leaveNow = false;  // a second interrupt (Ctrl-C) within 3 s
        unsigned markers = 0;
        unsigned splits = 0;
    };

    // Once in a program, before its first thread, which inherits the blocked signals. A pipe whose
    // reader has gone and a limit of file size become errors of the calls that meet them. On
    // Windows, what would end the process when it is answered is not: the process ends by itself.
    // [control thread]
    static std::unique_ptr<StopSignal> install();
    ~StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    Seen look();  // [control thread]
    // Called on another thread after each signal, so that nobody has to look again and again;
    // empty = none. [control thread]
    void onSignal(std::function<void()> wake);
    // The take is finished: a second interrupt does nothing any more. [control thread]
    void disarm();
    // Ends the process at once with exit status 130; files stay as they are. [any thread]
    [[noreturn]] static void leave();

    // What the help of the recorder says of them, lines of at most 80 columns.
    static std::string_view help();

    // What was asked, for those who notice it.
    class Asked;

  private:
    explicit StopSignal(std::shared_ptr<Asked> asked);
    std::shared_ptr<Asked> asked_;
};

}  // namespace holdfast
