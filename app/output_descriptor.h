// Where a program's words go: stdout, stderr, or a descriptor that a script handed over.
//
// By descriptor and not by FILE: no buffer of a C library stands between, which a process that
// ends at once would lose, and which would turn line ends on Windows.
#pragma once

#include <cstddef>
#include <string_view>

#include "iocore/base/result.h"

namespace holdfast {

inline constexpr int kStdout = 1;
inline constexpr int kStderr = 2;

// Opens stdin, stdout and stderr on nothing where they were closed: the files of a take must not
// get their numbers, or messages would be written into the audio. Call first. [control thread]
void fillStandardDescriptors();
// Whether something can be written there. [any thread]
bool isWritable(int descriptor);

// A beginning of `text`, which is UTF-8 where the descriptor is a console; bytes, at least one.
// Waits for as long as the reader lets it, which may be for ever. Errors: Stage::disk.
// [any thread] [blocks]
Result<std::size_t> writeSome(int descriptor, std::string_view text);
// All of it. Errors: as above; a reader that has gone is one. [any thread] [blocks]
Result<> writeAll(int descriptor, std::string_view text);

}  // namespace holdfast
