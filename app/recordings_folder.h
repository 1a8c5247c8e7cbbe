// Where recordings go when nobody says: this user's Music/Recordings.
#pragma once

#include <ctime>
#include <string>

#include "iocore/base/result.h"

namespace holdfast {

// Absolute path, which need not be there yet. Errors: Stage::usage, when the user has no home.
// [control thread] [blocks]
Result<std::string> recordingsFolder();
// The wall clock, in the user's time zone.
std::tm localTimeNow();

}  // namespace holdfast
