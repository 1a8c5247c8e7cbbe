#include "iocore/base/data_folder_win32.h"
#include "iocore/base/state_folder.h"

namespace holdfast {

std::string stateFolder() {
    return dataFolder();
}

}  // namespace holdfast
