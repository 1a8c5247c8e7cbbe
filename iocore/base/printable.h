// Names of files and devices on a terminal: shown, never obeyed.
//
// A file name may hold any byte: escape sequences, line ends, no UTF-8 at all. What people read
// must neither move their cursor nor hide a part of a name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast {

// Control characters and bytes that are no UTF-8 become \xHH. [any thread]
std::string printable(std::string_view text);
// Columns of a terminal that a valid UTF-8 text takes; wide East Asian characters and emoji count
// two. An estimate: never too small for the scripts that file names use. [any thread]
std::size_t columnsOf(std::string_view text);
// The longest beginning of at most `columns` columns. [any thread]
std::string_view fitColumns(std::string_view text, std::size_t columns);

}  // namespace holdfast
