// mmio on POSIX: opening, closing, renaming, and what mmioOpen does with names alone.
#include <algorithm>
#include <cstring>
#include <cwchar>
#include <new>
#include <optional>
#include <string>

#include "iocore/mmio/mmio_handles_posix.h"
#include "iocore/mmio/mmio_names_posix.h"

namespace holdfast::mmio_posix {
namespace {

// What the documentation wants a buffer for names to hold, its end included.
constexpr std::size_t kNameRoom = 128;

// The handle, or what is cast to one; and the reason for wErrorRet.
struct Opened {
    HMMIO handle = nullptr;
    UINT error = MMSYSERR_NOERROR;
};

HMMIO asHandle(std::uintptr_t value) {
    return reinterpret_cast<HMMIO>(value);
}

// Chooses fccIOProc and pIOProc for a file of that name; false when there is none.
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

// What a caller's structure says to a file that is opened or renamed.
MMIOINFO wishesOf(const MMIOINFO* wanted, DWORD flags) {
    MMIOINFO info{};
    if (wanted != nullptr) {
        info.fccIOProc = wanted->fccIOProc;
        info.pIOProc = wanted->pIOProc;
        info.htask = wanted->htask;
        std::copy(std::begin(wanted->adwInfo), std::end(wanted->adwInfo), info.adwInfo);
    }
    info.dwFlags = flags & ~MMIO_DIRTY;
    return info;
}

// The buffer that the caller's structure and MMIO_ALLOCBUF ask for; nullopt for none that can be.
struct WantedBuffer {
    char* at = nullptr;  // nullptr: to be allocated, unless the size is 0
    LONG bytes = 0;
};
std::optional<WantedBuffer> bufferFor(const MMIOINFO* wanted, DWORD flags) {
    WantedBuffer buffer;
    if (wanted != nullptr) buffer = {wanted->pchBuffer, wanted->cchBuffer};
    // Of a buffer without a size nobody said how much could be used.
    if (buffer.bytes < 0 || (buffer.bytes == 0 && buffer.at != nullptr)) return std::nullopt;
    if (buffer.bytes == 0 && (flags & MMIO_ALLOCBUF) != 0) buffer.bytes = MMIO_DEFAULTBUFFER;
    return buffer;
}

Opened openMemory(std::unique_ptr<MemoryFile> file, const WantedBuffer& buffer) {
    const bool isNew = (file->info.dwFlags & MMIO_CREATE) != 0;
    const auto holds = isNew ? MemoryFile::Holds::none : MemoryFile::Holds::allBytes;
    const MMRESULT installed = file->install(buffer.at, buffer.bytes, holds);
    if (installed != MMSYSERR_NOERROR) return {nullptr, installed};
    return {handles().add(std::move(file)), MMSYSERR_NOERROR};
}

Opened openThroughProc(std::unique_ptr<ProcFile> file, char* name, const WantedBuffer& buffer) {
    const MMRESULT installed = file->installBuffer(buffer.at, buffer.bytes);
    if (installed != MMSYSERR_NOERROR) return {nullptr, installed};
    // The table first: running out of memory must not leave an opened file behind.
    ProcFile& opened = *file;
    const HMMIO handle = handles().add(std::move(file));
    const LRESULT answer = opened.send(MMIOM_OPEN, reinterpret_cast<LPARAM>(name), 0);
    const bool deleted = (opened.info.dwFlags & MMIO_DELETE) != 0;
    if (answer == 0 && !deleted) {
        opened.afterOpen();
        return {handle, MMSYSERR_NOERROR};
    }
    handles().take(handle);
    if (answer == 0) return {asHandle(1), MMSYSERR_NOERROR};
    return {nullptr, static_cast<UINT>(answer)};
}

Opened open(char* name, const MMIOINFO* wanted, DWORD flags) {
    MMIOINFO info = wishesOf(wanted, flags);
    const auto buffer = bufferFor(wanted, flags);
    if (!buffer || !chooseProc(info, name)) return {nullptr, MMIOERR_INVALIDFILE};
    if (info.pIOProc == memoryIoProc && (flags & MMIO_DELETE) == 0) {
        auto file = std::make_unique<MemoryFile>();
        file->info = info;
        return openMemory(std::move(file), *buffer);
    }
    // Without a structure, no descriptor can have been meant.
    if (info.pIOProc == dosIoProc && name == nullptr &&
        (wanted == nullptr || (flags & MMIO_DELETE) != 0)) {
        return {nullptr, MMIOERR_FILENOTFOUND};
    }
    auto file = std::make_unique<ProcFile>();
    file->info = info;
    return openThroughProc(std::move(file), name, *buffer);
}

// --- names alone ---

constexpr DWORD kAboutNames = MMIO_GETTEMP | MMIO_PARSE | MMIO_EXIST;

std::optional<std::string> answerAboutName(const std::string& name, DWORD flags) {
    if ((flags & MMIO_GETTEMP) != 0) return createTemporary(name);
    auto qualified = qualifiedName(name);
    if (qualified && (flags & MMIO_EXIST) != 0 && !isFile(*qualified)) return std::nullopt;
    return qualified;
}

bool copyBack(const std::string& answer, char* name) {
    if (answer.size() >= std::max(kNameRoom, std::strlen(name) + 1)) return false;
    std::memcpy(name, answer.c_str(), answer.size() + 1);
    return true;
}

bool copyBack(const std::string& answer, wchar_t* name) {
    const auto wide = wideOf(answer);
    if (!wide || wide->size() >= std::max(kNameRoom, std::wcslen(name) + 1)) return false;
    std::wmemcpy(name, wide->c_str(), wide->size() + 1);
    return true;
}

// `utf8` is what `name` says. TRUE or FALSE for MMIO_EXIST, else 0 or an error, cast to a handle.
template <typename Char>
Opened askAboutName(const std::string& utf8, Char* name, DWORD flags) {
    const auto answer = answerAboutName(utf8, flags);
    const bool copied = answer && copyBack(*answer, name);
    const bool temporary = (flags & MMIO_GETTEMP) != 0;
    if (answer && !copied && temporary) removeFile(answer->c_str());
    const UINT noRoom = answer ? MMIOERR_OUTOFMEMORY : MMIOERR_FILENOTFOUND;
    const UINT error = copied ? MMSYSERR_NOERROR : noRoom;
    if (!temporary && (flags & MMIO_EXIST) != 0) return {asHandle(copied ? 1 : 0), error};
    return {asHandle(copied ? MMSYSERR_NOERROR : MMIOERR_FILENOTFOUND), error};
}

Opened openByName(char* name, const MMIOINFO* info, DWORD flags) {
    if (name != nullptr && (flags & kAboutNames) != 0) return askAboutName(name, name, flags);
    return open(name, info, flags);
}

Opened openByName(wchar_t* name, const MMIOINFO* info, DWORD flags) {
    if (name == nullptr) return open(nullptr, info, flags);
    auto utf8 = utf8Of(name);
    if (!utf8) return {nullptr, MMIOERR_INVALIDFILE};
    if ((flags & kAboutNames) != 0) return askAboutName(*utf8, name, flags);
    return open(utf8->data(), info, flags);
}

template <typename Char>
HMMIO openReporting(Char* name, LPMMIOINFO info, DWORD flags) {
    Opened opened;
    try {
        opened = openByName(name, info, flags);
    } catch (const std::bad_alloc&) {
        opened.error = MMIOERR_OUTOFMEMORY;
    }
    if (info != nullptr) info->wErrorRet = opened.error;
    return opened.handle;
}

MMRESULT renameThroughProc(const char* from, const char* to, const MMIOINFO* wanted, DWORD flags) {
    if (from == nullptr || to == nullptr || flags != 0) return MMSYSERR_INVALPARAM;
    MMIOINFO info = wishesOf(wanted, flags);
    if (!chooseProc(info, from)) return MMIOERR_INVALIDFILE;
    return static_cast<MMRESULT>(info.pIOProc(reinterpret_cast<LPSTR>(&info), MMIOM_RENAME,
                                              reinterpret_cast<LPARAM>(from),
                                              reinterpret_cast<LPARAM>(to)));
}

}  // namespace
}  // namespace holdfast::mmio_posix

using namespace holdfast::mmio_posix;

HMMIO mmioOpenA(LPSTR pszFileName, LPMMIOINFO info, DWORD fdwOpen) {
    return openReporting(pszFileName, info, fdwOpen);
}

HMMIO mmioOpenW(LPWSTR pszFileName, LPMMIOINFO info, DWORD fdwOpen) {
    return openReporting(pszFileName, info, fdwOpen);
}

MMRESULT mmioClose(HMMIO hmmio, UINT wFlags) {
    const auto file = handles().take(hmmio);
    if (file == nullptr) return MMSYSERR_INVALHANDLE;
    const MMRESULT flushed = file->flush(0);
    const auto closed = static_cast<MMRESULT>(file->send(MMIOM_CLOSE, wFlags, 0));
    return flushed != MMSYSERR_NOERROR ? flushed : closed;
}

MMRESULT mmioRenameA(LPCSTR pszFileName, LPCSTR pszNewFileName, LPCMMIOINFO info, DWORD fdwRename) {
    try {
        return renameThroughProc(pszFileName, pszNewFileName, info, fdwRename);
    } catch (const std::bad_alloc&) {
        return MMIOERR_OUTOFMEMORY;
    }
}

MMRESULT mmioRenameW(LPCWSTR pszFileName, LPCWSTR pszNewFileName, LPCMMIOINFO info,
                     DWORD fdwRename) {
    if (pszFileName == nullptr || pszNewFileName == nullptr) return MMSYSERR_INVALPARAM;
    try {
        const auto from = utf8Of(pszFileName);
        const auto to = utf8Of(pszNewFileName);
        if (!from || !to) return MMIOERR_INVALIDFILE;
        return mmioRenameA(from->c_str(), to->c_str(), info, fdwRename);
    } catch (const std::bad_alloc&) {
        return MMIOERR_OUTOFMEMORY;
    }
}
