// Retention: which of a service's finished files have had their time. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iocore/base/result.h"

namespace holdfast {

// One of the three.
struct Retention {
    std::optional<std::uint64_t> files;  // so many
    std::optional<std::uint64_t> ageNs;  // those not older than this
    std::optional<std::uint64_t> bytes;  // as many as have so many bytes together
};

// "24", "7d", "50G": a count, a time with its unit, a size with its (K, M, G, T in capitals).
// Errors: Stage::usage. [any thread]
Result<Retention> parseRetention(std::string_view text);

struct KeptFile {
    std::uint64_t finishedNs = 0;  // wall clock
    std::uint64_t bytes = 0;
};

// How many of `files`, from the first on, have to go. `files`: the oldest first. The newest one is
// always kept. [any thread]
std::size_t filesToRemove(const Retention& retention, const std::vector<KeptFile>& files,
                          std::uint64_t nowNs);

}  // namespace holdfast
