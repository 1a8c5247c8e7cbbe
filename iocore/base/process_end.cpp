#include "iocore/base/process_end.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace holdfast {

namespace {

std::atomic<bool> threadLeftBehind{false};

}  // namespace

void noteThreadLeftBehind() {
    threadLeftBehind = true;
}

void endProcess(int status) {
    if (!threadLeftBehind) std::exit(status);
    std::fflush(nullptr);
    endProcessAtOnce(status);
}

}  // namespace holdfast
