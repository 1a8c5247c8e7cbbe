// mmio on POSIX: the calls on open files, and installed IOProcs.
//
// Written from the documentation of winmm. Where it is silent or says otherwise than Windows does,
// Windows is followed: an extension in "a.xyz+b" with no IOProc makes it the name of a plain file,
// an absent plain file is 257, mmioSeek counts a positive offset from SEEK_END backwards, for
// mmioDescend a code of 0 is any, and a new buffer makes a memory file an empty one. What neither
// settles is refused. tests/support/mmio_deviations_win32.cpp says where Wine does otherwise.
#include <array>
#include <cctype>
#include <cstdio>
#include <new>

#include "iocore/mmio/mmio_handles_posix.h"

namespace holdfast::mmio_posix {
namespace {

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

}  // namespace
}  // namespace holdfast::mmio_posix

using namespace holdfast::mmio_posix;

LONG mmioRead(HMMIO hmmio, HPSTR pch, LONG cch) {
    OpenFile* const file = handles().find(hmmio);
    return file == nullptr || cch < 0 ? -1 : file->read(pch, cch);
}

LONG mmioWrite(HMMIO hmmio, const char* pch, LONG cch) {
    OpenFile* const file = handles().find(hmmio);
    return file == nullptr || cch < 0 ? -1 : file->write(pch, cch);
}

LONG mmioSeek(HMMIO hmmio, LONG lOffset, int iOrigin) {
    OpenFile* const file = handles().find(hmmio);
    if (file == nullptr) return -1;
    if (iOrigin != SEEK_SET && iOrigin != SEEK_CUR && iOrigin != SEEK_END) return -1;
    return file->seek(lOffset, iOrigin);
}

MMRESULT mmioFlush(HMMIO hmmio, UINT fuFlush) {
    OpenFile* const file = handles().find(hmmio);
    return file == nullptr ? MMSYSERR_INVALHANDLE : file->flush(fuFlush);
}

MMRESULT mmioGetInfo(HMMIO hmmio, LPMMIOINFO info, UINT) {
    const OpenFile* const file = handles().find(hmmio);
    if (file == nullptr) return MMSYSERR_INVALHANDLE;
    if (info == nullptr) return MMSYSERR_INVALPARAM;
    *info = file->info;
    if (!file->isBuffered()) info->lBufOffset = info->lDiskOffset;
    return MMSYSERR_NOERROR;
}

MMRESULT mmioSetInfo(HMMIO hmmio, LPCMMIOINFO info, UINT) {
    OpenFile* const file = handles().find(hmmio);
    if (file == nullptr) return MMSYSERR_INVALHANDLE;
    return info == nullptr ? MMSYSERR_INVALPARAM : file->setInfo(*info);
}

MMRESULT mmioSetBuffer(HMMIO hmmio, LPSTR pchBuffer, LONG cchBuffer, UINT) {
    OpenFile* const file = handles().find(hmmio);
    return file == nullptr ? MMSYSERR_INVALHANDLE : file->setBuffer(pchBuffer, cchBuffer);
}

MMRESULT mmioAdvance(HMMIO hmmio, LPMMIOINFO info, UINT fuAdvance) {
    OpenFile* const file = handles().find(hmmio);
    if (file == nullptr) return MMSYSERR_INVALHANDLE;
    if (!file->isBuffered()) return MMIOERR_UNBUFFERED;
    if (info != nullptr) {
        const MMRESULT taken = file->setInfo(*info);
        if (taken != MMSYSERR_NOERROR) return taken;
    }
    const MMRESULT advanced = file->advance(fuAdvance);
    if (info != nullptr) *info = file->info;
    return advanced;
}

LRESULT mmioSendMessage(HMMIO hmmio, UINT uMsg, LPARAM lParam1, LPARAM lParam2) {
    OpenFile* const file = handles().find(hmmio);
    if (file == nullptr) return static_cast<LRESULT>(MMSYSERR_INVALHANDLE);
    if (uMsg < MMIOM_USER) return static_cast<LRESULT>(MMSYSERR_INVALPARAM);
    const LRESULT answer = file->send(uMsg, lParam1, lParam2);
    file->afterOwnMessage();
    return answer;
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
