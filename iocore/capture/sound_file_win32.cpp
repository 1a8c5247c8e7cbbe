#define ENABLE_SNDFILE_WINDOWS_PROTOTYPES 1
#include <windows.h>

#include "iocore/capture/sound_file.h"

namespace holdfast {

SoundFile openSoundFile(const std::string& path, SF_INFO& info) {
    const int units = MultiByteToWideChar(CP_UTF8, 0, path.c_str(), -1, nullptr, 0);
    std::wstring wide(units > 0 ? static_cast<std::size_t>(units) : 1, L'\0');
    MultiByteToWideChar(CP_UTF8, 0, path.c_str(), -1, wide.data(), units);
    return SoundFile(sf_wchar_open(wide.c_str(), SFM_READ, &info));
}

}  // namespace holdfast
