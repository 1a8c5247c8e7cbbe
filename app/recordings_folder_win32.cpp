// The user's Music folder is where its Known Folder says, which may be on another disk.
#include <windows.h>

#include <knownfolders.h>
#include <objbase.h>
#include <shlobj.h>

#include <array>
#include <memory>

#include "app/recordings_folder.h"
#include "iocore/base/path_text.h"
#include "iocore/base/utf16_win32.h"

namespace holdfast {

Result<std::string> recordingsFolder() {
    PWSTR found = nullptr;
    const HRESULT result = ::SHGetKnownFolderPath(FOLDERID_Music, KF_FLAG_DEFAULT, nullptr, &found);
    const std::unique_ptr<wchar_t, decltype(&::CoTaskMemFree)> music(found, &::CoTaskMemFree);
    if (FAILED(result)) {
        return fail(Stage::usage, static_cast<int>(result),
                    "this user has no Music folder, so there is no recordings folder: name a file");
    }
    return joinPath(narrowText(music.get()), "Recordings");
}

// Of the system, which always knows its time zone; the C library would believe a variable TZ that
// programs from elsewhere have set.
std::tm localTimeNow() {
    SYSTEMTIME now{};
    ::GetLocalTime(&now);
    constexpr std::array<int, 12> kDaysBefore{0,   31,  59,  90,  120, 151,
                                              181, 212, 243, 273, 304, 334};
    const bool leapYear = now.wYear % 4 == 0 && (now.wYear % 100 != 0 || now.wYear % 400 == 0);
    std::tm local{};
    local.tm_year = now.wYear - 1900;
    local.tm_mon = now.wMonth - 1;
    local.tm_mday = now.wDay;
    local.tm_hour = now.wHour;
    local.tm_min = now.wMinute;
    local.tm_sec = now.wSecond;
    local.tm_wday = now.wDayOfWeek;
    local.tm_yday = kDaysBefore.at(now.wMonth - 1U) + now.wDay - 1;
    if (leapYear && now.wMonth > 2) ++local.tm_yday;
    TIME_ZONE_INFORMATION zone{};
    local.tm_isdst = ::GetTimeZoneInformation(&zone) == TIME_ZONE_ID_DAYLIGHT ? 1 : 0;
    return local;
}

}  // namespace holdfast
