// Windows' texts in ours: UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// A half of a surrogate pair alone becomes U+FFFD.
std::string utf8Of(std::wstring_view text);

}  // namespace holdfast
