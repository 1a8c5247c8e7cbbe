// strftime escapes in names that people type.
#pragma once

#include <ctime>
#include <string>

namespace holdfast {

// `text` with %Y, %H-%M, … of ISO C replaced by what they are at `time`; %% is a %. What is no
// escape stays as it is. [any thread]
std::string expandTimeEscapes(const std::string& text, const std::tm& time);

}  // namespace holdfast
