// Where Holdfast keeps what is not a take: rings and hints on unfinished takes.
#pragma once

#include <string>

namespace holdfast {

// HOLDFAST_DATA_DIR, where it is an absolute path; else Holdfast in this user's local application
// data (never roaming: a ring belongs to the machine). Empty when the user has none.
std::string dataFolder();

}  // namespace holdfast
