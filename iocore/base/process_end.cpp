#include "iocore/base/process_end.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace holdfast {

namespace {

std::atomic<int> threadsInForeignCode{0};

}  // namespace

ForeignCode::ForeignCode() {
    ++threadsInForeignCode;
}

ForeignCode::~ForeignCode() {
    --threadsInForeignCode;
}

void endProcess(int status) {
    if (threadsInForeignCode == 0) std::exit(status);
    std::fflush(nullptr);
    endProcessAtOnce(status);
}

}  // namespace holdfast
