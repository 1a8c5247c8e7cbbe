// The end of a process in which a thread was left behind.
//
// A thread that hangs in a driver is given up at a deadline. When the process ends, libraries run
// their own ends, and meet that thread in the middle of their work: on Windows that is a crash or a
// hang, behind a take that is whole.
#pragma once

namespace holdfast {

// From here on endProcess() runs nobody's end. [any thread]
void noteThreadLeftBehind();

// As returning `status` from main; at once where a thread was left behind, with what was printed
// out of its buffers. [control thread]
[[noreturn]] void endProcess(int status);

// The process is gone with it: no destructors, no handlers, no ends of libraries. [any thread]
[[noreturn]] void endProcessAtOnce(int status);

}  // namespace holdfast
