// A thread whose work may wait for everything else.
#pragma once

namespace holdfast {

// The calling thread gives way to all others, for the processor and, where the system has such a
// thing, for the disk. Best effort. [any thread]
void giveWayToOtherThreads();

}  // namespace holdfast
