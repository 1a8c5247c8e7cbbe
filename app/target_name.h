// TargetName: from FILE as it was typed to the folder and name of the take.
//
// FILE none: YYYY-MM-DD_HH-MM-SS.wav in the recordings folder; a folder: the same name in it;
// strftime escapes are expanded; .wav is added; another extension is refused, as the file could
// not be what its name says.
#pragma once

#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "iocore/base/result.h"

namespace holdfast {

struct TargetName {
    std::string folder;     // absolute, or from the current folder; may be missing
    std::string wavName;    // ends in .wav (any case)
    bool madeByUs = false;  // the recordings folder: made where it is missing
};

// What a name depends on besides its own text.
struct TargetSurroundings {
    std::tm localTime{};
    std::function<bool(const std::string&)> isFolder;
    std::function<Result<std::string>()> recordingsFolder;
};

// Errors: Stage::usage, saying what to write instead. [control thread] [blocks]
Result<TargetName> resolveTarget(const std::string& file, const TargetSurroundings& surroundings);

// The real ones: now, this file system, this user's recordings folder.
TargetSurroundings systemSurroundings();

// Makes `path` and what lacks above it, durably; `made` gets the new folders, outermost first.
// Errors: Stage::disk. [control thread] [blocks]
Result<> makeFolder(const std::string& path, std::vector<std::string>& made);

}  // namespace holdfast
