// This test program again, as a process of its own that does one test of it.
#pragma once

#include <string>

namespace holdfast {

// Exit status of the tests that `filter` names, disabled ones too; it has this process's
// environment. [blocks]
unsigned long runOwnTests(const std::string& filter);

}  // namespace holdfast
