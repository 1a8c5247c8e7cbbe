// What the terminal is, if there is one.
#pragma once

#include <cstddef>

namespace holdfast {

inline constexpr int kStdout = 1;
inline constexpr int kStderr = 2;

// Opens stdin, stdout and stderr on nothing where they were closed: the files of a take must not
// get their numbers, or messages would be written into the audio. Call first. [control thread]
void fillStandardDescriptors();
// A terminal that moves its cursor: not TERM=dumb. [any thread]
bool isSmartTerminal(int descriptor);
// Width of a terminal; 80 where it does not say. [any thread]
std::size_t terminalColumns(int descriptor);
// Whether this user's terminal shows UTF-8 and wants color, by the environment. [any thread]
bool environmentIsUtf8();
bool environmentWantsColor();
// Whether something can be written there. [any thread]
bool isWritable(int descriptor);

}  // namespace holdfast
