// What libFuzzer calls; compiled once a target, whose name is HOLDFAST_FUZZ_TARGET.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/fuzz_target.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

const holdfast::FuzzTarget& target() {
    static const holdfast::FuzzTarget found = [] {
        for (const holdfast::FuzzTarget& one : holdfast::fuzzTargets()) {
            if (one.name == HOLDFAST_FUZZ_TARGET) return one;
        }
        std::abort();
    }();
    return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string defect = target().defectOf(std::as_bytes(std::span(data, size)));
    if (defect.empty()) return 0;
    std::fprintf(stderr, "%s: %s\n", HOLDFAST_FUZZ_TARGET, defect.c_str());
    std::abort();
}

// One mutation in four keeps its broken checksums.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
    const std::size_t mutated = LLVMFuzzerMutate(data, size, most);
    if (target().mend != nullptr && seed % 4 != 0) {
        target().mend(std::as_writable_bytes(std::span(data, mutated)));
    }
    return mutated;
}
