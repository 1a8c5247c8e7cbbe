#include "app/file_name_rules.h"

namespace holdfast {

std::string fileNameFault(std::string_view name) {
    return windowsFileNameFault(name);
}

}  // namespace holdfast
