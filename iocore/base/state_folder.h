// Where Holdfast keeps what it has to remember between two recordings.
#pragma once

#include <string>

namespace holdfast {

// ${XDG_STATE_HOME:-~/.local/state}/holdfast; on Windows HOLDFAST_DATA_DIR or
// %LOCALAPPDATA%\Holdfast. Empty where the environment names neither. It may not be there.
// [control thread]
std::string stateFolder();
// `name` in it; empty where there is none.
std::string stateFolder(const std::string& name);

}  // namespace holdfast
