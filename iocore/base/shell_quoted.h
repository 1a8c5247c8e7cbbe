// Names of files in commands that people copy out of a message.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// One word for the shell of this platform. [any thread]
std::string shellQuoted(std::string_view text);

// For a POSIX shell: 'it'\''s.wav'. Bytes that printable() would escape become $'\xHH'.
// [any thread]
std::string quotedForPosixShell(std::string_view text);
// For cmd and PowerShell, so that the started program sees `text` (CommandLineToArgvW):
// "D:\a b.wav", with backslashes doubled before a quote. What the two shells expand inside of
// quotes (%NAME%, $name) cannot be escaped so that both understand it, and stays. [any thread]
std::string quotedForWindowsShell(std::string_view text);

}  // namespace holdfast
