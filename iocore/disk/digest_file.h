// NAME.sha256 beside a file, as sha256sum writes and checks it.
#pragma once

#include <functional>
#include <string>

#include "iocore/disk/disk_file.h"

namespace holdfast {

// "take.wav.sha256"
std::string digestNameOf(const std::string& name);

// The file as it is read back: 64 hexadecimal digits. `goOn` is asked after each piece; false ends
// with ECANCELED. Errors: Stage::disk. [any thread] [blocks]
Result<std::string> digestOfFile(DiskFolder& folder, const std::string& name,
                                 const std::function<bool()>& goOn);

// Writes the digest beside the file, durable when it returns: under a temporary name first, then
// renamed. With Existing::refuse a file that is there and says something else is left as it is
// (EEXIST). Nothing is left behind on failure. Errors: Stage::disk. [any thread] [blocks]
Result<> writeDigestFile(DiskFolder& folder, const std::string& name, const std::string& sha256,
                         Existing existing);

}  // namespace holdfast
