// What the terminal is, if there is one.
#pragma once

#include <cstddef>

namespace holdfast {

// A terminal that moves its cursor: not TERM=dumb. [any thread]
bool isSmartTerminal(int descriptor);
// Width of a terminal; 80 where it does not say. [any thread]
std::size_t terminalColumns(int descriptor);
// Whether this user's terminal shows UTF-8 and wants color, by the environment. [any thread]
bool environmentIsUtf8();
bool environmentWantsColor();
// The terminal as it was before keys were read from it or colours shown on it. Before each end of
// the program; safe in a signal handler; nothing to do is no error.
void restoreTerminal();

}  // namespace holdfast
