// The end of a process in which a thread was left behind.
//
// A thread that hangs in a driver is given up at a deadline. When the process ends, libraries run
// their own ends, and meet that thread in the middle of their work: on Windows that is a crash or a
// hang, behind a take that is whole.
#pragma once

namespace holdfast {

// While one lives, its thread is in foreign code that may hang. [any thread] [real-time]
class ForeignCode {
  public:
    ForeignCode();
    ~ForeignCode();
    ForeignCode(const ForeignCode&) = delete;
    ForeignCode& operator=(const ForeignCode&) = delete;
};

// As returning `status` from main; at once, and with nobody's end, where a thread is still in
// foreign code. What was printed is out of its buffers. [control thread]
[[noreturn]] void endProcess(int status);

// The process is gone with it: no destructors, no handlers, no ends of libraries. [any thread]
[[noreturn]] void endProcessAtOnce(int status);

}  // namespace holdfast
