// Frames that other programs find in a WAV file: what a user's player would see.
//
// Each answers -1 where it refuses the file. A tool that is not installed answers nothing, so that
// a test can leave it out and say so. [any thread] [blocks]
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast {

std::int64_t framesBySndfile(const std::string& path);
std::int64_t framesBySox(const std::string& path);
std::int64_t framesByFfprobe(const std::string& path);
std::int64_t framesByPython(const std::string& path);

struct OtherReader {
    std::string name;
    std::int64_t (*frames)(const std::string& path);
    bool knowsRf64;
};
// Those of the four that are installed here.
std::vector<OtherReader> installedReaders();

}  // namespace holdfast
