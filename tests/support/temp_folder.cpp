#include "tests/support/temp_folder.h"

#include <stdexcept>
#include <system_error>

#include "iocore/base/take_id.h"

namespace holdfast {

TempFolder::TempFolder()
    : path_(std::filesystem::temp_directory_path() / ("holdfast-test-" + TakeId::random().hex())) {
    std::filesystem::create_directory(path_);
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace holdfast
