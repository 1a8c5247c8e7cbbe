// The console behind a descriptor, if there is one, and its mode.
#pragma once

#include <windows.h>

#include <optional>

namespace holdfast {

inline constexpr int kStdin = 0;

// Of stdin, stdout, stderr, or of a descriptor of the C library; null when nothing is there.
// [any thread]
HANDLE handleOf(int descriptor);
// None: no console. [any thread]
std::optional<DWORD> consoleMode(int descriptor);
// False: the console cannot, as older ones can not show escape sequences. What it was before the
// first change comes back with restoreTerminal(). [control thread]
bool changeConsoleMode(int descriptor, DWORD mode);
// [any thread]
void restoreConsoleMode(int descriptor);

}  // namespace holdfast
