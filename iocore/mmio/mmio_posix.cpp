// mmio on POSIX: opening, closing and the calls that carry one message to the IOProc.
//
// Written from the documentation of winmm. Where Wine's winmm does otherwise, the documentation is
// followed:
// - mmioCreateChunk and mmioAscend report a failed write (262) or seek (263); Wine's answer 0.
// - mmioAscend pads an odd chunk whose preset size was right; Wine's does not.
// - A bad handle is -1 from mmioRead, mmioWrite and mmioSeek; Wine's mmioSeek answers 5.
// - A seek from an unknown origin is -1 and reaches no IOProc.
// - MMIO_REMOVEPROC and MMIO_FINDPROC of an unknown code are NULL, MMIO_GLOBALPROC is ignored
// there. Where the documentation is silent or says otherwise than Windows does, Windows is
// followed: an extension in "a.xyz+b" with no IOProc makes it the name of a plain file, an absent
// plain file is 257, and mmioSeek counts a positive offset from SEEK_END backwards. What neither
// settles is refused: a position outside 31 bits is an error, never a smaller number.
#include <array>
#include <cctype>
#include <cstdio>
#include <cwchar>
#include <limits>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include "iocore/mmio/mmio_handles_posix.h"

namespace holdfast::mmio_posix {
namespace {

constexpr DWORD kNotImplemented =
    MMIO_ALLOCBUF | MMIO_PARSE | MMIO_DELETE | MMIO_EXIST | MMIO_GETTEMP;

template <typename Char>
FOURCC stringToFourCc(const Char* text, UINT flags) {
    std::array<char, 4> code{' ', ' ', ' ', ' '};
    for (std::size_t i = 0; i < code.size() && text[i] != 0; ++i) {
        const auto character = static_cast<unsigned char>(text[i]);
        const bool upper = (flags & MMIO_TOUPPER) != 0 && character < 0x80;
        code[i] = static_cast<char>(upper ? std::toupper(character) : character);
    }
    return mmioFOURCC(code[0], code[1], code[2], code[3]);
}

// The code that "take.xyz+one" asks for, 'XYZ '; 0 for a plain name.
FOURCC fourCcOfName(std::string_view name) {
    const auto plus = name.rfind('+');
    if (plus == std::string_view::npos) return 0;
    const auto file = name.substr(0, plus);
    const auto dot = file.find_last_of("./");
    if (dot == std::string_view::npos || file[dot] == '/') return 0;
    return stringToFourCc(std::string(file.substr(dot + 1)).c_str(), MMIO_TOUPPER);
}

// Chooses fccIOProc and pIOProc of a file about to be opened; false when there is none.
bool chooseProc(MMIOINFO& info, const char* name) {
    if (info.pIOProc != nullptr) return true;
    if (info.fccIOProc == 0 && name != nullptr) {
        const FOURCC code = fourCcOfName(name);
        if (code != 0 && installedProcs().find(code) != nullptr) info.fccIOProc = code;
    }
    if (info.fccIOProc == 0) info.fccIOProc = FOURCC_DOS;
    info.pIOProc = installedProcs().find(info.fccIOProc);
    return info.pIOProc != nullptr;
}

// The handle, or the reason for wErrorRet.
struct Opened {
    HMMIO handle = nullptr;
    UINT error = MMSYSERR_NOERROR;
};

Opened open(char* name, const MMIOINFO* wanted, DWORD flags) {
    auto file = std::make_unique<OpenFile>();
    MMIOINFO& info = file->info;
    if (wanted != nullptr) {
        if (wanted->cchBuffer != 0 || wanted->pchBuffer != nullptr) {
            return {nullptr, MMIOERR_INVALIDFILE};
        }
        info.fccIOProc = wanted->fccIOProc;
        info.pIOProc = wanted->pIOProc;
        info.htask = wanted->htask;
        for (std::size_t i = 0; i < std::size(info.adwInfo); ++i) {
            info.adwInfo[i] = wanted->adwInfo[i];
        }
    }
    info.dwFlags = flags;
    if ((flags & kNotImplemented) != 0 || !chooseProc(info, name)) {
        return {nullptr, MMIOERR_INVALIDFILE};
    }
    // The table first: running out of memory must not leave an opened file behind.
    OpenFile& opened = *file;
    const HMMIO handle = handles().add(std::move(file));
    const LRESULT answer = opened.send(MMIOM_OPEN, reinterpret_cast<LPARAM>(name), 0);
    if (answer == 0) return {handle, MMSYSERR_NOERROR};
    handles().take(handle);
    return {nullptr, static_cast<UINT>(answer)};
}

HMMIO openReporting(char* name, LPMMIOINFO info, DWORD flags) {
    Opened opened;
    try {
        opened = open(name, info, flags);
    } catch (const std::bad_alloc&) {
        opened.error = MMIOERR_OUTOFMEMORY;
    }
    if (info != nullptr) info->wErrorRet = opened.error;
    return opened.handle;
}

// nullopt for what is no character of Unicode.
std::optional<std::string> toUtf8(const wchar_t* text) {
    std::string utf8;
    for (; *text != 0; ++text) {
        const auto c = static_cast<std::uint32_t>(*text);
        if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return std::nullopt;
        const auto tail = [c](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
        if (c < 0x80) {
            utf8 += static_cast<char>(c);
        } else if (c < 0x800) {
            utf8 += {static_cast<char>(0xC0 | c >> 6), tail(0)};
        } else if (c < 0x10000) {
            utf8 += {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
        } else {
            utf8 += {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
        }
    }
    return utf8;
}

}  // namespace
}  // namespace holdfast::mmio_posix

using namespace holdfast::mmio_posix;

HMMIO mmioOpenA(LPSTR pszFileName, LPMMIOINFO info, DWORD fdwOpen) {
    return openReporting(pszFileName, info, fdwOpen);
}

HMMIO mmioOpenW(LPWSTR pszFileName, LPMMIOINFO info, DWORD fdwOpen) {
    if (pszFileName == nullptr) return openReporting(nullptr, info, fdwOpen);
    UINT error = MMIOERR_INVALIDFILE;
    try {
        if (auto name = toUtf8(pszFileName)) return openReporting(name->data(), info, fdwOpen);
    } catch (const std::bad_alloc&) {
        error = MMIOERR_OUTOFMEMORY;
    }
    if (info != nullptr) info->wErrorRet = error;
    return nullptr;
}

MMRESULT mmioClose(HMMIO hmmio, UINT wFlags) {
    const auto file = handles().take(hmmio);
    if (file == nullptr) return MMSYSERR_INVALHANDLE;
    return static_cast<MMRESULT>(file->send(MMIOM_CLOSE, wFlags, 0));
}

LONG mmioRead(HMMIO hmmio, HPSTR pch, LONG cch) {
    OpenFile* const file = handles().find(hmmio);
    if (file == nullptr || cch < 0) return -1;
    return static_cast<LONG>(file->send(MMIOM_READ, reinterpret_cast<LPARAM>(pch), cch));
}

LONG mmioWrite(HMMIO hmmio, const char* pch, LONG cch) {
    OpenFile* const file = handles().find(hmmio);
    if (file == nullptr || cch < 0) return -1;
    return static_cast<LONG>(file->send(MMIOM_WRITE, reinterpret_cast<LPARAM>(pch), cch));
}

LONG mmioSeek(HMMIO hmmio, LONG lOffset, int iOrigin) {
    OpenFile* const file = handles().find(hmmio);
    if (file == nullptr) return -1;
    if (iOrigin != SEEK_SET && iOrigin != SEEK_CUR && iOrigin != SEEK_END) return -1;
    const LRESULT position = file->send(MMIOM_SEEK, lOffset, iOrigin);
    if (position < 0 || position > std::numeric_limits<LONG>::max()) return -1;
    return static_cast<LONG>(position);
}

MMRESULT mmioFlush(HMMIO hmmio, UINT) {
    return handles().find(hmmio) == nullptr ? MMSYSERR_INVALHANDLE : MMSYSERR_NOERROR;
}

MMRESULT mmioGetInfo(HMMIO hmmio, LPMMIOINFO info, UINT) {
    const OpenFile* const file = handles().find(hmmio);
    if (file == nullptr) return MMSYSERR_INVALHANDLE;
    if (info == nullptr) return MMSYSERR_INVALPARAM;
    *info = file->info;
    return MMSYSERR_NOERROR;
}

MMRESULT mmioSetInfo(HMMIO hmmio, LPCMMIOINFO info, UINT) {
    if (handles().find(hmmio) == nullptr) return MMSYSERR_INVALHANDLE;
    const bool unbuffered = info != nullptr && info->cchBuffer == 0 && info->pchBuffer == nullptr &&
                            info->pchNext == nullptr && info->pchEndRead == nullptr &&
                            info->pchEndWrite == nullptr;
    return unbuffered ? MMSYSERR_NOERROR : MMSYSERR_INVALPARAM;
}

LRESULT mmioSendMessage(HMMIO hmmio, UINT uMsg, LPARAM lParam1, LPARAM lParam2) {
    OpenFile* const file = handles().find(hmmio);
    if (file == nullptr) return static_cast<LRESULT>(MMSYSERR_INVALHANDLE);
    if (uMsg < MMIOM_USER) return static_cast<LRESULT>(MMSYSERR_INVALPARAM);
    return file->send(uMsg, lParam1, lParam2);
}

LPMMIOPROC mmioInstallIOProcA(FOURCC fccIOProc, LPMMIOPROC pIOProc, DWORD dwFlags) {
    switch (dwFlags & ~MMIO_GLOBALPROC) {
        case MMIO_INSTALLPROC:
            if (pIOProc == nullptr) return nullptr;
            try {
                installedProcs().install(fccIOProc, pIOProc);
            } catch (const std::bad_alloc&) {
                return nullptr;
            }
            return pIOProc;
        case MMIO_REMOVEPROC:
            return installedProcs().remove(fccIOProc);
        case MMIO_FINDPROC:
            return installedProcs().find(fccIOProc);
        default:
            return nullptr;
    }
}

LPMMIOPROC mmioInstallIOProcW(FOURCC fccIOProc, LPMMIOPROC pIOProc, DWORD dwFlags) {
    return mmioInstallIOProcA(fccIOProc, pIOProc, dwFlags);
}

FOURCC mmioStringToFOURCCA(LPCSTR sz, UINT uFlags) {
    return stringToFourCc(sz, uFlags);
}

FOURCC mmioStringToFOURCCW(LPCWSTR sz, UINT uFlags) {
    return stringToFourCc(sz, uFlags);
}
