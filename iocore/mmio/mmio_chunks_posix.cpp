// mmio on POSIX: chunks. RIFF: Microsoft and IBM, "Multimedia Programming Interface and Data
// Specifications 1.0", chapter 2: id, size and data, padded to even; the size counts no pad.
#include <array>
#include <cstdio>

#include "iocore/base/little_endian.h"
#include "iocore/mmio/mmio_handles_posix.h"

namespace holdfast::mmio_posix {
namespace {

bool writeExactly(OpenFile& file, const std::byte* bytes, LONG size) {
    return file.send(MMIOM_WRITE, reinterpret_cast<LPARAM>(bytes), size) == size;
}

// Ends a chunk whose data ends at `end`: pad byte, then the size where it is not right yet.
MMRESULT endCreatedChunk(OpenFile& file, MMCKINFO& chunk, LONG end) {
    if (end < 0 || DWORD(end) < chunk.dwDataOffset) return MMIOERR_CANNOTSEEK;
    const DWORD size = DWORD(end) - chunk.dwDataOffset;
    const std::byte pad{};
    if (size % 2 != 0 && !writeExactly(file, &pad, 1)) return MMIOERR_CANNOTWRITE;
    if (size != chunk.cksize) {
        const auto sizeField = static_cast<LONG>(chunk.dwDataOffset - sizeof(DWORD));
        if (mmioSeek(file.info.hmmio, sizeField, SEEK_SET) < 0) return MMIOERR_CANNOTSEEK;
        std::array<std::byte, sizeof(DWORD)> field;
        storeLe(field.data(), size);
        if (!writeExactly(file, field.data(), sizeof(DWORD))) return MMIOERR_CANNOTWRITE;
    }
    chunk.cksize = size;
    return MMSYSERR_NOERROR;
}

}  // namespace
}  // namespace holdfast::mmio_posix

using namespace holdfast::mmio_posix;

MMRESULT mmioCreateChunk(HMMIO hmmio, LPMMCKINFO chunk, UINT fuCreate) {
    OpenFile* const file = handles().find(hmmio);
    if (file == nullptr) return MMSYSERR_INVALHANDLE;
    if (chunk == nullptr) return MMSYSERR_INVALPARAM;
    if ((fuCreate & MMIO_CREATERIFF) != 0) chunk->ckid = FOURCC_RIFF;
    if ((fuCreate & MMIO_CREATELIST) != 0) chunk->ckid = FOURCC_LIST;
    const LONG start = mmioSeek(hmmio, 0, SEEK_CUR);
    if (start < 0) return MMIOERR_CANNOTSEEK;

    std::array<std::byte, 3 * sizeof(DWORD)> header;
    holdfast::storeLe(&header[0], DWORD{chunk->ckid});
    holdfast::storeLe(&header[4], DWORD{chunk->cksize});
    holdfast::storeLe(&header[8], DWORD{chunk->fccType});
    const bool typed = chunk->ckid == FOURCC_RIFF || chunk->ckid == FOURCC_LIST;
    if (!writeExactly(*file, header.data(), typed ? 12 : 8)) return MMIOERR_CANNOTWRITE;
    chunk->dwDataOffset = static_cast<DWORD>(start) + 8;
    chunk->dwFlags = MMIO_DIRTY;
    return MMSYSERR_NOERROR;
}

MMRESULT mmioAscend(HMMIO hmmio, LPMMCKINFO chunk, UINT) {
    OpenFile* const file = handles().find(hmmio);
    if (file == nullptr) return MMSYSERR_INVALHANDLE;
    if (chunk == nullptr) return MMSYSERR_INVALPARAM;
    if ((chunk->dwFlags & MMIO_DIRTY) != 0) {
        const LONG end = mmioSeek(hmmio, 0, SEEK_CUR);
        const MMRESULT ended = endCreatedChunk(*file, *chunk, end);
        if (ended != MMSYSERR_NOERROR) return ended;
    }
    const auto next = std::uint64_t{chunk->dwDataOffset} + chunk->cksize + chunk->cksize % 2;
    if (next > INT32_MAX) return MMIOERR_CANNOTSEEK;
    if (mmioSeek(hmmio, static_cast<LONG>(next), SEEK_SET) < 0) return MMIOERR_CANNOTSEEK;
    chunk->dwFlags &= ~MMIO_DIRTY;
    return MMSYSERR_NOERROR;
}
