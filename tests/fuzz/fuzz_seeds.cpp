// fuzz_seeds FOLDER: writes each target's seeds to FOLDER/TARGET/, for libFuzzer to start from.
#include <filesystem>
#include <fstream>

#include "tests/fuzz/fuzz_target.h"

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    for (const auto& target : holdfast::fuzzTargets()) {
        const auto folder = std::filesystem::path(argv[1]) / target.name;
        std::filesystem::create_directories(folder);
        for (const auto& seed : target.seeds()) {
            std::ofstream out(folder / seed.name, std::ios::binary);
            out.write(reinterpret_cast<const char*>(seed.bytes.data()),
                      static_cast<std::streamsize>(seed.bytes.size()));
            if (!out) return 1;
        }
    }
    return 0;
}
