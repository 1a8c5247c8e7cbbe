// Finished files: what became of a file of a recording, told from its name, header and length.
#pragma once

#include <cstdint>
#include <string>

#include "iocore/base/result.h"

namespace holdfast {

enum class FileStanding {
    finished,
    unfinished,  // recorded now, or waiting for recovery
    gone,        // moved, removed, or replaced by something else
    unknown,     // its folder is not there, or it cannot be read
};

struct FinishedFile {
    FileStanding standing = FileStanding::unknown;
    // Where finished:
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    std::uint64_t modifiedNs = 0;  // wall clock
    bool isVerified = false;  // nothing that was safe is missing, and the length is the header's
};

// `path`: NAME.wav, of the take with this id (32 hexadecimal digits; empty: of any take of ours).
// [any thread] [blocks]
FinishedFile judgeFile(const std::string& path, const std::string& takeId = {});

// The file and what has no use without it (digest, undo log). Errors: Stage::disk.
// [any thread] [blocks]
Result<> removeFinishedFile(const std::string& path);

}  // namespace holdfast
