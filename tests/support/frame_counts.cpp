#include "tests/support/frame_counts.h"

#include <fmt/format.h>
#include <sndfile.h>

#include <cstdlib>

#include "tests/support/command_output.h"

namespace holdfast {
namespace {

std::int64_t numberFrom(const std::string& command) {
    const CommandOutput output = outputOf(command);
    return output.status == 0 ? std::atoll(output.text.c_str()) : -1;
}

}  // namespace

std::int64_t framesBySndfile(const std::string& path) {
    SF_INFO info{};
    SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
    if (file == nullptr) return -1;
    sf_close(file);
    return info.frames;
}

std::int64_t framesBySox(const std::string& path) {
    return numberFrom("sox --i -s '" + path + "'");
}

std::int64_t framesByFfprobe(const std::string& path) {
    return numberFrom("ffprobe -v error -of csv=p=0 -show_entries stream=duration_ts '" + path +
                      "'");
}

std::int64_t framesByPython(const std::string& path) {
    return numberFrom(
        "python3 -c 'import sys, wave; print(wave.open(sys.argv[1]).getnframes())' '" + path + "'");
}

std::vector<OtherReader> installedReaders() {
    std::vector<OtherReader> readers{{"libsndfile", framesBySndfile, true}};
    const auto add = [&](const char* program, OtherReader reader) {
        if (outputOf(std::string(program) + " -version").status == 0 ||
            outputOf(std::string(program) + " --version").status == 0) {
            readers.push_back(std::move(reader));
        } else {
            fmt::print("left out, not installed: {}\n", program);
        }
    };
    add("sox", {"sox", framesBySox, true});
    add("ffprobe", {"ffprobe", framesByFfprobe, true});
    add("python3", {"Python's wave", framesByPython, false});
    return readers;
}

}  // namespace holdfast
