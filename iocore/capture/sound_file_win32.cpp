#include <windows.h>

#include "iocore/base/utf16_win32.h"
// libsndfile declares its wide call only where this is defined, after windows.h.
#define ENABLE_SNDFILE_WINDOWS_PROTOTYPES 1
#include "iocore/capture/sound_file.h"

namespace holdfast {

SoundFile openSoundFile(const std::string& path, SF_INFO& info) {
    const auto wide = systemPath(path);
    return SoundFile(wide ? sf_wchar_open(wide->c_str(), SFM_READ, &info) : nullptr);
}

}  // namespace holdfast
