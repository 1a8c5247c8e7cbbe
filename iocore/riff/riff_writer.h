// RiffWriter: turns frames into a WAV that is whole after each commit, by mmio calls alone.
//
// mmioCreateChunk and mmioAscend make the chunks before the audio. From then on every size travels
// in the header block, replaced whole by the commit message, so that RIFF and data size never
// disagree and nothing depends on mmio's 31-bit positions. Order and proof: FORMAT.md, "The
// commit".
#pragma once

#include <cstdint>
#include <span>

#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/base/take_id.h"
#include "iocore/mmio/mmio_file.h"
#include "iocore/riff/riff_format.h"

namespace holdfast {

// What the header block says besides sizes.
struct TakeIdentity {
    TakeId takeId;
    std::uint64_t salt = 0;
    std::uint32_t partIndex = 1;
    // Where in the ring the part begins.
    std::uint64_t ringFrame = 0;
    std::uint64_t gapCount = 0;
};

enum class FileType {
    autoPromote,  // RIFF, and RF64 from the commit on that RIFF's sizes cannot tell of
    wav,          // RIFF only: full at the limit
    rf64,         // RF64 from the first block on
};

// How far the file may grow.
struct GrowthPolicy {
    FileType fileType = FileType::autoPromote;
    // Bytes of audio that RIFF may hold; lower only so that tests can cross it.
    std::uint64_t riffDataLimit = kMaxRiffDataBytes;
};

// All calls: [writer thread] [blocks]. Errors are the IOProc's (Stage::disk) or Stage::mmio. After
// an error only rewindToCommit() is of use.
class RiffWriter {
  public:
    RiffWriter(MmioFile file, const PcmFormat& format, const TakeIdentity& identity,
               const GrowthPolicy& growth = {});

    // The chunks before the audio, then the header block with 0 frames; durable.
    Result<> writeHeader();
    // Interleaved whole frames behind the last ones; not durable.
    Result<> writeAudio(std::span<const std::byte> interleaved);
    // Everything written so far becomes durable and the header tells of it. `position.fileFrame`
    // must be what was written; the bytes are even. The commit that outgrows RIFF makes it RF64.
    Result<> commit(const CommitPosition& position);
    // The end of `data`: as commit(), with a pad byte after an odd number of bytes.
    Result<> commitEnd(const CommitPosition& position);
    // A whole chunk (header, payload, pad) behind the data, durable and covered by the RIFF size.
    // REQUIRES commitEnd().
    Result<> appendTrailer(std::span<const std::byte> chunk);
    // The last header: flag `finished`. REQUIRES commitEnd().
    Result<> markFinished();
    // After a failure: back to the end of the last commit, to write the range again.
    Result<> rewindToCommit();
    // After a failure, to end there: the last commit's header once more, without trailing chunks,
    // and the write position behind its data and pad.
    Result<> restateCommit();

    // Bytes of audio: written, and covered by the durable header.
    [[nodiscard]] std::uint64_t dataBytes() const { return dataBytes_; }
    [[nodiscard]] std::uint64_t committedDataBytes() const { return block_.dataBytes; }
    [[nodiscard]] std::uint64_t committedFrames() const { return block_.seal.frames; }
    [[nodiscard]] std::uint64_t commits() const { return block_.seal.sequence; }
    // The most bytes of audio that this file can hold.
    [[nodiscard]] std::uint64_t maxDataBytes() const;
    [[nodiscard]] bool isFinished() const {
        return (block_.seal.flags & HeaderFlags::finished) != 0;
    }
    // The file's length by its header.
    [[nodiscard]] std::uint64_t fileBytes() const { return 8 + riffSizeOf(block_); }
    // What the disk's first 512 bytes must be now.
    [[nodiscard]] HeaderImage headerImage() const { return encodeHeaderBlock(block_); }

  private:
    Result<> addChunk(const char* id, std::span<const std::byte> payload);
    Result<> flushAudio(const CommitPosition& position, HeaderBlock& next);
    Result<> replaceHeader(HeaderBlock next);
    Result<> patchHeader(const HeaderBlock& next);

    MmioFile file_;
    GrowthPolicy growth_;
    HeaderBlock block_;  // as it is on the disk
    std::uint64_t dataBytes_ = 0;
};

}  // namespace holdfast
