#include "tests/support/standard_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

namespace holdfast::mmio_conformance {

std::uint32_t openStandardFile(const std::filesystem::path& path) {
    return static_cast<std::uint32_t>(::open(path.c_str(), O_RDWR | O_CLOEXEC));
}

bool closeStandardFile(std::uint32_t file) {
    return ::close(static_cast<int>(file)) == 0;
}

void seekStandardFile(std::uint32_t file, std::int32_t offset) {
    ::lseek(static_cast<int>(file), offset, SEEK_SET);
}

char* allocateGlobal(std::size_t bytes) {
    return static_cast<char*>(std::malloc(bytes));
}

void freeGlobal(char* block) {
    std::free(block);
}

}  // namespace holdfast::mmio_conformance
