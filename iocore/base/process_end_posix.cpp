#include <unistd.h>

#include "iocore/base/process_end.h"

namespace holdfast {

void endProcessAtOnce(int status) {
    ::_exit(status);
}

}  // namespace holdfast
