// ResultFile: header block and trailing chunks of a recovered take, and the proof that what was
// written is what was meant.
//
// Copy and repair in place make the same bytes; only where the audio comes to lie differs.
// Layout: FORMAT.md, "The header block".
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"
#include "iocore/recovery/plan_reader.h"
#include "iocore/riff/riff_format.h"

namespace holdfast {

class ResultFile {
  public:
    // Renders the trailing chunks; chooses RF64 where RIFF's sizes end. `take` outlives the result.
    static Result<ResultFile> plan(const ScannedTake& take);

    [[nodiscard]] std::uint64_t dataBytes() const { return dataBytes_; }
    [[nodiscard]] std::uint64_t fileBytes() const { return trailerOffset() + trailerBytes_; }
    // First byte behind audio and pad.
    [[nodiscard]] std::uint64_t trailerOffset() const {
        return kHeaderBlockBytes + dataBytes_ + dataBytes_ % 2;
    }
    // Not a result yet: what a temporary file is known by.
    [[nodiscard]] HeaderImage emptyHeader() const;
    // After sealLastAudio().
    [[nodiscard]] HeaderImage header() const;
    // Reads the last MiB of the plan, or less where checksums of it were left unread, and has the
    // header vouch for it. Errors: as readPlan(). [blocks]
    Result<> sealLastAudio();

    // Pad byte, the journal's chunks, marks, kept chunks. [blocks]
    Result<> writeTrailer(DiskFile& file) const;
    // Reads back what was written, audio from `fromFrame` on, and opens it with libsndfile, by
    // whose count of frames the file is judged. Errors: Stage::recovery. [blocks]
    Result<> verify(DiskFile& file, std::uint64_t fromFrame, RepairProgress& progress) const;
    // The same for length, audio and marks alone: an earlier result has a header of its own.
    Result<> verifyContents(DiskFile& file, std::uint64_t fromFrame,
                            RepairProgress& progress) const;

  private:
    explicit ResultFile(const ScannedTake& take) : take_(&take) {}
    [[nodiscard]] HeaderBlock block() const;

    const ScannedTake* take_;
    std::uint64_t dataBytes_ = 0;
    std::uint64_t trailerBytes_ = 0;
    SizeForm sizes_ = SizeForm::riff;
    std::vector<std::byte> rendered_;  // the journal's chunks, then the marks
    std::vector<KeptChunk> kept_;
    std::uint64_t segmentStart_ = kHeaderBlockBytes;
    std::uint64_t segmentChecksum_ = 0;
};

// `bytes` of `from`, piece by piece; `to` is told how many came before each.
// Errors: Stage::disk, Stage::recovery when the file ends before, those of `to`.
// [any thread] [blocks]
Result<> copyBytes(DiskFile& from, std::uint64_t offset, std::uint64_t bytes,
                   const std::function<Result<>(std::uint64_t, std::span<const std::byte>)>& to);

// Frames that libsndfile finds in the file. Errors: Stage::recovery with its words.
// [any thread] [blocks]
Result<std::uint64_t> countFramesBySndfile(DiskFile& file);

}  // namespace holdfast
