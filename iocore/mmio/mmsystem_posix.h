// The part of <mmsystem.h> that unbuffered RIFF writing uses, declared for POSIX systems.
//
// Include iocore/mmio/mmio.h, never this. Names, values and layouts are those of the documentation
// of winmm. What is not declared here is not implemented: buffered files, memory files, deleting,
// temporary and parsed names, mmioAdvance, mmioDescend, mmioSetBuffer, mmioRename.
//
// Threads: any number of threads may install, open and close; one thread at a time uses an HMMIO,
// and its IOProc runs on that thread, with no lock of ours held. [any thread] [blocks]
#pragma once

#include <cstddef>
#include <cstdint>

#define CALLBACK

using BYTE = std::uint8_t;
using WORD = std::uint16_t;
using DWORD = std::uint32_t;
using LONG = std::int32_t;
using UINT = unsigned int;
using LPARAM = std::intptr_t;
using LRESULT = std::intptr_t;
using LPSTR = char*;
using LPCSTR = const char*;
using LPWSTR = wchar_t*;
using LPCWSTR = const wchar_t*;
using HPSTR = char*;
using FOURCC = DWORD;
using MMRESULT = UINT;
using HTASK = struct HTASK__*;
using HMMIO = struct HMMIO__*;

using MMIOPROC = LRESULT CALLBACK(LPSTR lpmmioinfo, UINT uMsg, LPARAM lParam1, LPARAM lParam2);
using LPMMIOPROC = MMIOPROC*;

#pragma pack(push, 1)
struct MMIOINFO {
    DWORD dwFlags;
    FOURCC fccIOProc;
    LPMMIOPROC pIOProc;
    UINT wErrorRet;
    HTASK htask;
    LONG cchBuffer;
    HPSTR pchBuffer;
    HPSTR pchNext;
    HPSTR pchEndRead;
    HPSTR pchEndWrite;
    LONG lBufOffset;
    LONG lDiskOffset;
    DWORD adwInfo[3];
    DWORD dwReserved1;
    DWORD dwReserved2;
    HMMIO hmmio;
};

struct MMCKINFO {
    FOURCC ckid;
    DWORD cksize;
    FOURCC fccType;
    DWORD dwDataOffset;
    DWORD dwFlags;
};
#pragma pack(pop)

using LPMMIOINFO = MMIOINFO*;
using LPCMMIOINFO = const MMIOINFO*;
using LPMMCKINFO = MMCKINFO*;

constexpr FOURCC mmioFOURCC(char a, char b, char c, char d) {
    return FOURCC{static_cast<BYTE>(a)} | FOURCC{static_cast<BYTE>(b)} << 8 |
           FOURCC{static_cast<BYTE>(c)} << 16 | FOURCC{static_cast<BYTE>(d)} << 24;
}

inline constexpr FOURCC FOURCC_RIFF = mmioFOURCC('R', 'I', 'F', 'F');
inline constexpr FOURCC FOURCC_LIST = mmioFOURCC('L', 'I', 'S', 'T');
inline constexpr FOURCC FOURCC_DOS = mmioFOURCC('D', 'O', 'S', ' ');
inline constexpr FOURCC FOURCC_MEM = mmioFOURCC('M', 'E', 'M', ' ');

// Messages to an IOProc; those below MMIOM_USER are sent by this layer only.
inline constexpr UINT MMIOM_READ = 0;
inline constexpr UINT MMIOM_WRITE = 1;
inline constexpr UINT MMIOM_SEEK = 2;
inline constexpr UINT MMIOM_OPEN = 3;
inline constexpr UINT MMIOM_CLOSE = 4;
inline constexpr UINT MMIOM_WRITEFLUSH = 5;
inline constexpr UINT MMIOM_RENAME = 6;
inline constexpr UINT MMIOM_USER = 0x8000;

// Flags of mmioOpen.
inline constexpr DWORD MMIO_READ = 0;
inline constexpr DWORD MMIO_WRITE = 1;
inline constexpr DWORD MMIO_READWRITE = 2;
inline constexpr DWORD MMIO_RWMODE = 3;
inline constexpr DWORD MMIO_COMPAT = 0;
inline constexpr DWORD MMIO_EXCLUSIVE = 0x10;
inline constexpr DWORD MMIO_DENYWRITE = 0x20;
inline constexpr DWORD MMIO_DENYREAD = 0x30;
inline constexpr DWORD MMIO_DENYNONE = 0x40;
inline constexpr DWORD MMIO_SHAREMODE = 0x70;
inline constexpr DWORD MMIO_PARSE = 0x100;
inline constexpr DWORD MMIO_DELETE = 0x200;
inline constexpr DWORD MMIO_CREATE = 0x1000;
inline constexpr DWORD MMIO_EXIST = 0x4000;
inline constexpr DWORD MMIO_ALLOCBUF = 0x10000;
inline constexpr DWORD MMIO_GETTEMP = 0x20000;
inline constexpr DWORD MMIO_DIRTY = 0x10000000;

// Flags of the other calls.
inline constexpr UINT MMIO_FHOPEN = 0x10;
inline constexpr UINT MMIO_EMPTYBUF = 0x10;
inline constexpr UINT MMIO_TOUPPER = 0x10;
inline constexpr UINT MMIO_CREATERIFF = 0x20;
inline constexpr UINT MMIO_CREATELIST = 0x40;
inline constexpr DWORD MMIO_INSTALLPROC = 0x10000;
inline constexpr DWORD MMIO_REMOVEPROC = 0x20000;
inline constexpr DWORD MMIO_FINDPROC = 0x40000;
inline constexpr DWORD MMIO_GLOBALPROC = 0x10000000;

inline constexpr MMRESULT MMSYSERR_NOERROR = 0;
inline constexpr MMRESULT MMSYSERR_ERROR = 1;
inline constexpr MMRESULT MMSYSERR_INVALHANDLE = 5;
inline constexpr MMRESULT MMSYSERR_NOMEM = 7;
inline constexpr MMRESULT MMSYSERR_NOTSUPPORTED = 8;
inline constexpr MMRESULT MMSYSERR_INVALPARAM = 11;
inline constexpr MMRESULT MMIOERR_FILENOTFOUND = 257;
inline constexpr MMRESULT MMIOERR_OUTOFMEMORY = 258;
inline constexpr MMRESULT MMIOERR_CANNOTOPEN = 259;
inline constexpr MMRESULT MMIOERR_CANNOTCLOSE = 260;
inline constexpr MMRESULT MMIOERR_CANNOTREAD = 261;
inline constexpr MMRESULT MMIOERR_CANNOTWRITE = 262;
inline constexpr MMRESULT MMIOERR_CANNOTSEEK = 263;
inline constexpr MMRESULT MMIOERR_CANNOTEXPAND = 264;
inline constexpr MMRESULT MMIOERR_CHUNKNOTFOUND = 265;
inline constexpr MMRESULT MMIOERR_UNBUFFERED = 266;
inline constexpr MMRESULT MMIOERR_PATHNOTFOUND = 267;
inline constexpr MMRESULT MMIOERR_ACCESSDENIED = 268;
inline constexpr MMRESULT MMIOERR_SHARINGVIOLATION = 269;
inline constexpr MMRESULT MMIOERR_NETWORKERROR = 270;
inline constexpr MMRESULT MMIOERR_TOOMANYOPENFILES = 271;
inline constexpr MMRESULT MMIOERR_INVALIDFILE = 272;

extern "C" {

// Opens unbuffered. The IOProc is info->pIOProc, else the one installed as info->fccIOProc, else
// the one installed under the extension before the last '+' of the name ("take.xyz+one": 'XYZ '),
// else the built-in 'DOS ' for plain files. A wide name reaches the IOProc as UTF-8. NULL on error,
// with the cause in info->wErrorRet: what MMIOM_OPEN answered, or MMIOERR_INVALIDFILE where a flag
// or a buffer asks for what is not implemented.
HMMIO mmioOpenA(LPSTR pszFileName, LPMMIOINFO info, DWORD fdwOpen);
HMMIO mmioOpenW(LPWSTR pszFileName, LPMMIOINFO info, DWORD fdwOpen);
// The handle is gone whatever MMIOM_CLOSE answers; the answer is returned.
MMRESULT mmioClose(HMMIO hmmio, UINT wFlags);

// One message each; its answer comes back unchanged: bytes (or position), short or -1.
LONG mmioRead(HMMIO hmmio, HPSTR pch, LONG cch);
LONG mmioWrite(HMMIO hmmio, const char* pch, LONG cch);
// From SEEK_END a positive offset lies before the end. -1 also for a position outside 31 bits and
// for an unknown origin.
LONG mmioSeek(HMMIO hmmio, LONG lOffset, int iOrigin);
// Nothing to do on an unbuffered file: 0, and no message. It is no barrier.
MMRESULT mmioFlush(HMMIO hmmio, UINT fuFlush);

MMRESULT mmioGetInfo(HMMIO hmmio, LPMMIOINFO info, UINT wFlags);
// An unbuffered file has nothing to set: MMSYSERR_INVALPARAM when a buffer pointer was changed.
MMRESULT mmioSetInfo(HMMIO hmmio, LPCMMIOINFO info, UINT wFlags);

// Writes the header of a chunk with cksize as given. MMIOERR_CANNOTSEEK, MMIOERR_CANNOTWRITE.
MMRESULT mmioCreateChunk(HMMIO hmmio, LPMMCKINFO chunk, UINT fuCreate);
// Leaves a chunk; one that mmioCreateChunk made ends here: padded to even, its size corrected.
MMRESULT mmioAscend(HMMIO hmmio, LPMMCKINFO chunk, UINT fuAscend);

// From MMIOM_USER on verbatim both ways; below it MMSYSERR_INVALPARAM, and nothing is delivered.
LRESULT mmioSendMessage(HMMIO hmmio, UINT uMsg, LPARAM lParam1, LPARAM lParam2);

// Exactly one of INSTALLPROC (MMIO_GLOBALPROC adds nothing here), REMOVEPROC, FINDPROC. The newest
// under a code is found. NULL on error, and for removing what is built in.
LPMMIOPROC mmioInstallIOProcA(FOURCC fccIOProc, LPMMIOPROC pIOProc, DWORD dwFlags);
LPMMIOPROC mmioInstallIOProcW(FOURCC fccIOProc, LPMMIOPROC pIOProc, DWORD dwFlags);

// Padded with spaces, cut at four characters.
FOURCC mmioStringToFOURCCA(LPCSTR sz, UINT uFlags);
FOURCC mmioStringToFOURCCW(LPCWSTR sz, UINT uFlags);

}  // extern "C"
