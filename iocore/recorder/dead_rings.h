// Dead rings: what a recorder leaves that was killed while it only monitored.
#pragma once

#include <string>
#include <vector>

namespace holdfast {

// Removes the rings in `folders` that hold no recording and whose process is gone. No journal names
// them, and what was heard before a start that never came is nobody's to keep. Best effort.
// [control thread] [blocks]
void removeDeadRings(const std::vector<std::string>& folders);

}  // namespace holdfast
