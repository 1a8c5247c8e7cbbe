// Folders of Holdfast's own: rings and hints on unfinished takes are nobody else's to read.
#pragma once

#include <string>

#include "iocore/base/result.h"

namespace holdfast {

// Makes `folder`, for this user only, and what is missing above it; one that exists is left as it
// is. Errors: Stage::disk, with the folder's name. [blocks]
Result<> makeOwnFolders(const std::string& folder);

}  // namespace holdfast
