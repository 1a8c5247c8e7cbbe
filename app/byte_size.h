// Sizes as people write them: 64M, 1.5G, 500MB, 200KiB, 4096.
#pragma once

#include <cstdint>
#include <string_view>

#include "iocore/base/result.h"

namespace holdfast {

// Bytes; K, M, G, T are powers of 1024, with or without B or iB, in any case. Errors: Stage::usage,
// with the grammar; also above 2^60. [any thread]
Result<std::uint64_t> parseByteSize(std::string_view text);

}  // namespace holdfast
