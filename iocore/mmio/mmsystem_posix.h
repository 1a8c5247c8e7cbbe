// The multimedia file I/O of <mmsystem.h>, all of it, declared for POSIX systems.
//
// Include iocore/mmio/mmio.h, never this. Names, values, layouts and behaviour are those of the
// documentation of winmm; the comments say only what it leaves open. A position is a signed 32-bit
// number: what would lie beyond 2^31 - 1 is an error, never a smaller number.
//
// Threads: any number of threads may install, open and close; one thread at a time uses an HMMIO,
// and its IOProc runs on that thread, with no lock of ours held. [any thread] [blocks]
#pragma once

#include <cstddef>
#include <cstdint>

#define CALLBACK

// What separates a file from an element in it: "take.xyz+one".
#define CFSEPCHAR '+'

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

using PMMIOINFO = MMIOINFO*;
using LPMMIOINFO = MMIOINFO*;
using LPCMMIOINFO = const MMIOINFO*;
using PMMCKINFO = MMCKINFO*;
using LPMMCKINFO = MMCKINFO*;
using LPCMMCKINFO = const MMCKINFO*;

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
inline constexpr LONG MMIO_DEFAULTBUFFER = 8192;

// Flags of the other calls.
inline constexpr UINT MMIO_FHOPEN = 0x10;
inline constexpr UINT MMIO_EMPTYBUF = 0x10;
inline constexpr UINT MMIO_TOUPPER = 0x10;
inline constexpr UINT MMIO_FINDCHUNK = 0x10;
inline constexpr UINT MMIO_FINDRIFF = 0x20;
inline constexpr UINT MMIO_FINDLIST = 0x40;
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
inline constexpr MMRESULT MMIOERR_BASE = 256;
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

// The IOProc is info->pIOProc, else the one installed as info->fccIOProc, else the one installed
// under the extension before the last '+' of the name ("take.xyz+one": 'XYZ '), else the built-in
// 'DOS ' for plain files, which also takes a descriptor in info->adwInfo[0] where the name is NULL.
// A wide name reaches the IOProc as UTF-8. NULL on error, the cause in info->wErrorRet.
//
// A memory file grows by adwInfo[0] bytes at a time; a buffer of the caller's that may grow comes
// from malloc, for it is moved with realloc, and stays the caller's: mmioGetInfo says where it is.
//
// MMIO_EXIST, MMIO_PARSE and MMIO_GETTEMP ask about names of plain files and send nothing. The name
// that comes back needs room for 128 characters, or for as many as the given one has; one that is
// longer is an error. MMIO_GETTEMP takes the folder and the first letters from the name, and leaves
// an empty file, so that nobody else gets it.
//
// Sharing modes hold between the files that one process opens by name.
HMMIO mmioOpenA(LPSTR pszFileName, LPMMIOINFO info, DWORD fdwOpen);
HMMIO mmioOpenW(LPWSTR pszFileName, LPMMIOINFO info, DWORD fdwOpen);
// The handle is gone whatever comes back: MMIOERR_CANNOTWRITE for what a buffer still held, else
// what MMIOM_CLOSE answered.
MMRESULT mmioClose(HMMIO hmmio, UINT wFlags);
// A name that is taken is MMIOERR_ACCESSDENIED, never replaced.
MMRESULT mmioRenameA(LPCSTR pszFileName, LPCSTR pszNewFileName, LPCMMIOINFO info, DWORD fdwRename);
MMRESULT mmioRenameW(LPCWSTR pszFileName, LPCWSTR pszNewFileName, LPCMMIOINFO info,
                     DWORD fdwRename);

// Unbuffered: one message each; its answer comes back unchanged: bytes (or position), short or -1.
// Buffered: as many bytes as could be read, or be kept or written; -1 when that were none for an
// error. Bytes that could not be written stay in the buffer.
LONG mmioRead(HMMIO hmmio, HPSTR pch, LONG cch);
LONG mmioWrite(HMMIO hmmio, const char* pch, LONG cch);
// From SEEK_END a positive offset lies before the end. -1 also for an unknown origin, and in a
// memory file for what lies outside its buffer.
LONG mmioSeek(HMMIO hmmio, LONG lOffset, int iOrigin);
// Nothing to do on an unbuffered file: 0, and no message. It is no barrier.
MMRESULT mmioFlush(HMMIO hmmio, UINT fuFlush);

MMRESULT mmioGetInfo(HMMIO hmmio, LPMMIOINFO info, UINT wFlags);
// Takes pchNext and MMIO_DIRTY, which it sets and never clears. MMSYSERR_INVALPARAM, and nothing is
// changed, when a pointer is not where it can be.
MMRESULT mmioSetInfo(HMMIO hmmio, LPCMMIOINFO info, UINT wFlags);
// MMIOERR_CANNOTSEEK when the IOProc does not tell its position. A memory file's buffer is the
// file: with another it is empty.
MMRESULT mmioSetBuffer(HMMIO hmmio, LPSTR pchBuffer, LONG cchBuffer, UINT fuBuffer);
// The next buffer begins at pchNext, wherever that is.
MMRESULT mmioAdvance(HMMIO hmmio, LPMMIOINFO info, UINT fuAdvance);

// Without a flag the chunk at the position; ckid or fccType of 0 is any. MMIOERR_CANNOTREAD when
// reading fails. Where none is found the position is undefined, and *chunk is the last one read.
MMRESULT mmioDescend(HMMIO hmmio, LPMMCKINFO chunk, const MMCKINFO* parent, UINT fuDescend);
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

#ifdef UNICODE
#define mmioOpen mmioOpenW
#define mmioRename mmioRenameW
#define mmioInstallIOProc mmioInstallIOProcW
#define mmioStringToFOURCC mmioStringToFOURCCW
#else
#define mmioOpen mmioOpenA
#define mmioRename mmioRenameA
#define mmioInstallIOProc mmioInstallIOProcA
#define mmioStringToFOURCC mmioStringToFOURCCA
#endif
