#include "iocore/base/state_folder.h"

#include "iocore/base/path_text.h"

namespace holdfast {

std::string stateFolder(const std::string& name) {
    const std::string folder = stateFolder();
    return folder.empty() ? folder : joinPath(folder, name);
}

}  // namespace holdfast
