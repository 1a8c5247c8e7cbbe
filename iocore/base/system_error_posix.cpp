#include <system_error>

#include "iocore/base/result.h"

namespace holdfast {

std::string systemErrorText(int code) {
    return std::generic_category().message(code);
}

}  // namespace holdfast
