// Where the session index lies on Windows: in this user's local application data.
#include "iocore/base/data_folder_win32.h"
#include "iocore/base/path_text.h"
#include "iocore/recovery/session_index.h"

namespace holdfast {

std::string SessionIndex::defaultFolder() {
    const std::string data = dataFolder();
    return data.empty() ? data : joinPath(data, "sessions");
}

}  // namespace holdfast
