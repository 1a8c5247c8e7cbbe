// Small files of our own that are read and replaced whole.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"

namespace holdfast {

struct SmallFileOptions {
    bool ownerOnly = true;
    bool durable = true;  // when it returns, the new contents survive a power cut
};

// `name` holds `text` or what it held before, at every moment: `name` + ".part" is written first.
// Errors: Stage::disk. [any thread] [blocks]
Result<> replaceSmallFile(DiskFolder& folder, const std::string& name, std::string_view text,
                          const SmallFileOptions& options = {});
// At most `most` bytes of it. [any thread] [blocks]
Result<std::string> readSmallFile(DiskFolder& folder, const std::string& name, std::size_t most);

}  // namespace holdfast
