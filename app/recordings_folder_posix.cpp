// XDG user directories: XDG_MUSIC_DIR stands in user-dirs.dirs, in shell syntax, as "$HOME/..." or
// an absolute path.
#include "app/recordings_folder.h"

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string_view>

namespace holdfast {
namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

// The value of XDG_MUSIC_DIR="…", with a leading $HOME expanded; empty when there is none.
std::string musicFolderIn(std::ifstream& file, const std::string& home) {
    constexpr std::string_view kKey = "XDG_MUSIC_DIR=\"";
    constexpr std::string_view kHome = "$HOME";
    std::string found;
    for (std::string line; std::getline(file, line);) {
        line.erase(0, line.find_first_not_of(" \t"));
        if (!line.starts_with(kKey)) continue;
        std::string value = line.substr(kKey.size());
        value = value.substr(0, value.find('"'));
        if (value.starts_with(kHome)) value.replace(0, kHome.size(), home);
        if (value.starts_with('/')) found = value;
    }
    return found;
}

}  // namespace

Result<std::string> recordingsFolder() {
    const std::string home = variable("HOME");
    if (!home.starts_with('/')) {
        return fail(Stage::usage, "HOME is not set, so there is no recordings folder: name a file");
    }
    std::string config = variable("XDG_CONFIG_HOME");
    if (!config.starts_with('/')) config = home + "/.config";
    std::ifstream file(config + "/user-dirs.dirs");
    std::string music = musicFolderIn(file, home);
    if (music.empty()) music = home + "/Music";
    return music + "/Recordings";
}

std::tm localTimeNow() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    ::localtime_r(&now, &local);
    return local;
}

}  // namespace holdfast
