// RecoverTarget: which file the user means, and where its result goes.
//
// People name what they see: a link, a journal whose take is repaired by now, a part file that has
// got its final name since. Looked at only; nothing is opened.
#pragma once

#include <memory>
#include <string>

#include "app/recover_options.h"
#include "iocore/base/result.h"
#include "iocore/recovery/recovery_scan.h"

namespace holdfast {

struct RecoverTarget {
    std::string path;  // as the user would write it, links followed
    std::unique_ptr<DiskFolder> folder;
    std::string name;
};

// Errors: Stage::disk; a folder is one that names `scan`. [control thread] [blocks]
Result<RecoverTarget> findTarget(const std::string& path);

struct RecoverOutput {
    std::unique_ptr<DiskFolder> folder;  // null: the target's
    std::string path;                    // as the user wrote it; a folder's ends in a separator
    std::string name;                    // empty: the default

    // The result called `resultName` of `target`, as the user would write it.
    [[nodiscard]] std::string pathOf(const RecoverTarget& target,
                                     const std::string& resultName) const;
};

// Of --output. Errors: Stage::usage, when it cannot be meant: several files into one, a folder that
// is not there, the input itself. [control thread] [blocks]
Result<RecoverOutput> findOutput(const RecoverOptions& options);

}  // namespace holdfast
