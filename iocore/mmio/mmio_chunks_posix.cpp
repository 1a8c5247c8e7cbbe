// mmio on POSIX: chunks. RIFF: Microsoft and IBM, "Multimedia Programming Interface and Data
// Specifications 1.0", chapter 2: id, size and data, padded to even; the size counts no pad.
#include <array>
#include <cstdio>
#include <limits>

#include "iocore/base/little_endian.h"
#include "iocore/mmio/mmio_handles_posix.h"

namespace holdfast::mmio_posix {
namespace {

constexpr LONG kHeaderBytes = 8;

bool isTyped(FOURCC id) {
    return id == FOURCC_RIFF || id == FOURCC_LIST;
}

bool writeExactly(OpenFile& file, const std::byte* bytes, LONG size) {
    return file.write(reinterpret_cast<const char*>(bytes), size) == size;
}

// Where the chunk behind `chunk` begins.
std::int64_t endOf(const MMCKINFO& chunk) {
    return std::int64_t{chunk.dwDataOffset} + chunk.cksize + chunk.cksize % 2;
}

// Ends a chunk whose data ends at `end`: pad byte, then the size where it is not right yet.
MMRESULT endCreatedChunk(OpenFile& file, MMCKINFO& chunk, LONG end) {
    if (end < 0 || DWORD(end) < chunk.dwDataOffset) return MMIOERR_CANNOTSEEK;
    const DWORD size = DWORD(end) - chunk.dwDataOffset;
    const std::byte pad{};
    if (size % 2 != 0 && !writeExactly(file, &pad, 1)) return MMIOERR_CANNOTWRITE;
    if (size != chunk.cksize) {
        const auto sizeField = static_cast<LONG>(chunk.dwDataOffset - sizeof(DWORD));
        if (file.seek(sizeField, SEEK_SET) < 0) return MMIOERR_CANNOTSEEK;
        std::array<std::byte, sizeof(DWORD)> field;
        storeLe(field.data(), size);
        if (!writeExactly(file, field.data(), sizeof(DWORD))) return MMIOERR_CANNOTWRITE;
    }
    chunk.cksize = size;
    return MMSYSERR_NOERROR;
}

// 0, MMIOERR_CHUNKNOTFOUND at the end, MMIOERR_CANNOTREAD.
MMRESULT readExactly(OpenFile& file, std::byte* into, LONG bytes) {
    const LONG got = file.read(reinterpret_cast<char*>(into), bytes);
    if (got == bytes) return MMSYSERR_NOERROR;
    return got < 0 ? MMIOERR_CANNOTREAD : MMIOERR_CHUNKNOTFOUND;
}

// The header at `start`, where the file stands; then it stands behind what was read.
MMRESULT readHeader(OpenFile& file, LONG start, MMCKINFO& found) {
    std::array<std::byte, kHeaderBytes> header;
    MMRESULT read = readExactly(file, header.data(), kHeaderBytes);
    if (read != MMSYSERR_NOERROR) return read;
    found.ckid = loadLe<DWORD>(&header[0]);
    found.cksize = loadLe<DWORD>(&header[4]);
    found.dwDataOffset = static_cast<DWORD>(start) + kHeaderBytes;
    if (!isTyped(found.ckid)) return MMSYSERR_NOERROR;
    read = readExactly(file, header.data(), sizeof(FOURCC));
    found.fccType = loadLe<DWORD>(header.data());
    return read;
}

// What mmioDescend looks for; a code of 0 is any.
struct Wanted {
    FOURCC id = 0;
    FOURCC type = 0;
};

Wanted wantedBy(const MMCKINFO& chunk, UINT flags) {
    if ((flags & MMIO_FINDRIFF) != 0) return {FOURCC_RIFF, chunk.fccType};
    if ((flags & MMIO_FINDLIST) != 0) return {FOURCC_LIST, chunk.fccType};
    if ((flags & MMIO_FINDCHUNK) != 0) return {chunk.ckid, 0};
    return {};
}

bool matches(const MMCKINFO& found, const Wanted& wanted) {
    return (wanted.id == 0 || found.ckid == wanted.id) &&
           (wanted.type == 0 || found.fccType == wanted.type);
}

}  // namespace
}  // namespace holdfast::mmio_posix

using namespace holdfast::mmio_posix;

MMRESULT mmioDescend(HMMIO hmmio, LPMMCKINFO chunk, const MMCKINFO* parent, UINT fuDescend) {
    OpenFile* const file = handles().find(hmmio);
    if (file == nullptr) return MMSYSERR_INVALHANDLE;
    if (chunk == nullptr) return MMSYSERR_INVALPARAM;
    const std::int64_t end = parent == nullptr
                                 ? std::numeric_limits<std::int64_t>::max()
                                 : std::int64_t{parent->dwDataOffset} + parent->cksize;
    LONG here = file->seek(0, SEEK_CUR);
    if (here < 0) return MMIOERR_CANNOTSEEK;
    const Wanted wanted = wantedBy(*chunk, fuDescend);
    while (std::int64_t{here} + kHeaderBytes <= end) {
        MMCKINFO found{};
        const MMRESULT read = readHeader(*file, here, found);
        if (read != MMSYSERR_NOERROR) return read;
        *chunk = found;
        if (matches(found, wanted)) return MMSYSERR_NOERROR;
        const std::int64_t next = endOf(found);
        if (next > OpenFile::kLastPosition) return MMIOERR_CHUNKNOTFOUND;
        here = static_cast<LONG>(next);
        // A memory file has no place behind its end.
        if (file->seek(here, SEEK_SET) != here) return MMIOERR_CHUNKNOTFOUND;
    }
    return MMIOERR_CHUNKNOTFOUND;
}

MMRESULT mmioCreateChunk(HMMIO hmmio, LPMMCKINFO chunk, UINT fuCreate) {
    OpenFile* const file = handles().find(hmmio);
    if (file == nullptr) return MMSYSERR_INVALHANDLE;
    if (chunk == nullptr) return MMSYSERR_INVALPARAM;
    if ((fuCreate & MMIO_CREATERIFF) != 0) chunk->ckid = FOURCC_RIFF;
    if ((fuCreate & MMIO_CREATELIST) != 0) chunk->ckid = FOURCC_LIST;
    const LONG start = file->seek(0, SEEK_CUR);
    if (start < 0) return MMIOERR_CANNOTSEEK;

    std::array<std::byte, kHeaderBytes + sizeof(FOURCC)> header;
    holdfast::storeLe(&header[0], DWORD{chunk->ckid});
    holdfast::storeLe(&header[4], DWORD{chunk->cksize});
    holdfast::storeLe(&header[8], DWORD{chunk->fccType});
    const LONG bytes = isTyped(chunk->ckid) ? kHeaderBytes + LONG{sizeof(FOURCC)} : kHeaderBytes;
    if (!writeExactly(*file, header.data(), bytes)) return MMIOERR_CANNOTWRITE;
    chunk->dwDataOffset = static_cast<DWORD>(start) + kHeaderBytes;
    chunk->dwFlags = MMIO_DIRTY;
    return MMSYSERR_NOERROR;
}

MMRESULT mmioAscend(HMMIO hmmio, LPMMCKINFO chunk, UINT) {
    OpenFile* const file = handles().find(hmmio);
    if (file == nullptr) return MMSYSERR_INVALHANDLE;
    if (chunk == nullptr) return MMSYSERR_INVALPARAM;
    if ((chunk->dwFlags & MMIO_DIRTY) != 0) {
        const LONG end = file->seek(0, SEEK_CUR);
        const MMRESULT ended = endCreatedChunk(*file, *chunk, end);
        if (ended != MMSYSERR_NOERROR) return ended;
    }
    const std::int64_t next = endOf(*chunk);
    if (next > OpenFile::kLastPosition) return MMIOERR_CANNOTSEEK;
    if (file->seek(static_cast<LONG>(next), SEEK_SET) < 0) return MMIOERR_CANNOTSEEK;
    chunk->dwFlags &= ~MMIO_DIRTY;
    return MMSYSERR_NOERROR;
}
