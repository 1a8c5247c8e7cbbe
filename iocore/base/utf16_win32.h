// UTF-8 inside, UTF-16 at the system's door.
#pragma once

#include <string>
#include <string_view>

#include "iocore/base/result.h"

namespace holdfast {

// Errors: Stage::usage, EILSEQ, when `utf8` is not UTF-8.
Result<std::wstring> wideText(std::string_view utf8);
// A name may hold half of a surrogate pair: it becomes U+FFFD.
std::string narrowText(std::wstring_view wide);

// `path`, absolute, as the wide functions take it at any length: \\?\C:\…, \\?\UNC\server\….
// Errors: Stage::disk.
Result<std::wstring> systemPath(const std::string& path);
// The same without the prefix, as people read it.
std::string textOfSystemPath(std::wstring_view path);

}  // namespace holdfast
