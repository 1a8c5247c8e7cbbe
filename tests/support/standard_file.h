// What the multimedia file API takes from the system below it: an open file, and a block of memory
// that may be moved to grow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace holdfast::mmio_conformance {

// A file open for reading and writing, as adwInfo[0] takes it; it exists. Not closed by itself.
std::uint32_t openStandardFile(const std::filesystem::path& path);
// False when it is open no longer.
bool closeStandardFile(std::uint32_t file);
void seekStandardFile(std::uint32_t file, std::int32_t offset);

char* allocateGlobal(std::size_t bytes);
void freeGlobal(char* block);

}  // namespace holdfast::mmio_conformance
