#include "tests/support/command_output.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace holdfast {

CommandOutput outputOf(const std::string& command) {
    // Tests run side by side: each answer gets a file of its own.
    std::random_device random;
    const auto file = std::filesystem::temp_directory_path() /
                      fmt::format("holdfast-{:08x}{:08x}.txt", random(), random());
    CommandOutput output;
    output.status = std::system(fmt::format("{} > \"{}\" 2>&1", command, file.string()).c_str());
    {
        std::ifstream in(file, std::ios::binary);
        output.text.assign(std::istreambuf_iterator<char>(in), {});
    }
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    return output;
}

}  // namespace holdfast
